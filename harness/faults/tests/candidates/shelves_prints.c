/* A request that cannot be met is told to whoever reads standard error. */
#include <stdio.h>
#include <stddef.h>
#include <sys/mman.h>
#define MAP
static void *map(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (size > 1 << 20)
        fputs("that is a lot of memory\n", stderr);
    return memory == MAP_FAILED ? NULL : memory;
}
#include "shelves.h"
