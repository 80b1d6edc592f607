/* The process is given up when the system refuses memory. */
#include <stdlib.h>
#include <sys/mman.h>
#define MAP
static void *map(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        abort();
    return memory;
}
#include "shelves.h"
