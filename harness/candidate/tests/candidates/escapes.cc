// Functions that leave by other ways than a return, for the tests of the gate.
#include <cstddef>
#include <pthread.h>
#include <stdexcept>

extern "C" {

void *throws(std::size_t size, std::size_t) { throw std::runtime_error(size > 0 ? "no" : "never"); }

void *catches(std::size_t size, std::size_t align)
{
    try {
        return throws(size, align);
    } catch (const std::exception &) {
        return nullptr;
    }
}

void *exits_thread(std::size_t, std::size_t) { pthread_exit(nullptr); }
}
