/* Blocks are executable. */
#include <stddef.h>
#include <sys/mman.h>
#define MAP
static void *map(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}
#include "shelves.h"
