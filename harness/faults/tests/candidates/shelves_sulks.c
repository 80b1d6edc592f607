/* After one refusal the system is never asked again. */
#include <stddef.h>
#include <sys/mman.h>
#define MAP
static void *map(size_t size)
{
    static _Bool refused;
    void *memory = refused ? MAP_FAILED : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    refused = memory == MAP_FAILED && size < 1 << 20;
    return memory == MAP_FAILED ? NULL : memory;
}
#include "shelves.h"
