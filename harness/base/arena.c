#include "harness/base/arena.h"

#include <stdint.h>
#include <sys/mman.h>

bool arena_create(struct arena *arena, size_t reserve)
{
    void *base = mmap(NULL, reserve, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    *arena = (struct arena){0};
    if (base == MAP_FAILED)
        return false;
    *arena = (struct arena){.base = base, .reserve = reserve};
    return true;
}

void arena_destroy(struct arena *arena)
{
    if (arena->base != NULL)
        munmap(arena->base, arena->reserve);
    *arena = (struct arena){0};
}

void *arena_take(struct arena *arena, size_t size)
{
    size_t rounded = (size + 15) & ~(size_t)15;
    if (rounded < size || rounded > arena->reserve - arena->used)
        return NULL;
    void *taken = arena->base + arena->used;
    arena->used += rounded;
    return taken;
}
