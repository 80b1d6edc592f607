#include "harness/base/arena.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/base/own_memory.h"

bool arena_create(struct arena *arena, size_t reserve)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), room = (reserve + page - 1) / page * page;
    *arena = (struct arena){0};
    if (room < reserve || room + 2 * page < room)
        return false;
    unsigned char *place = mmap(NULL, room + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (place == MAP_FAILED)
        return false;
    if (mprotect(place + page, room, PROT_READ | PROT_WRITE) != 0) {
        munmap(place, room + 2 * page);
        return false;
    }
    own_memory_add(place, room + 2 * page);
    *arena = (struct arena){.base = place + page, .reserve = reserve};
    return true;
}

void arena_destroy(struct arena *arena)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), room = (arena->reserve + page - 1) / page * page;
    if (arena->base != NULL) {
        own_memory_remove(arena->base - page);
        munmap(arena->base - page, room + 2 * page);
    }
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
