/* A large mapping comes with a handler for a signal that is the program's. */
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#define MAP
static void *map(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (size > 1 << 20)
        signal(SIGUSR1, SIG_IGN);
    return memory == MAP_FAILED ? NULL : memory;
}
#include "shelves.h"
