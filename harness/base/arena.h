/* harness/base/arena.h: memory of the harness's own.
 *
 * Promises: pages come from mmap, never from malloc and never from a candidate; addresses handed out stay valid and
 * never move until arena_destroy. The whole reserve is mapped at once (without swap reservation, touched lazily), so
 * growing needs no system call later: an arena goes on working while the system refuses memory. A page on either side
 * can be neither read nor written, and all of it is noted as the harness's own (own_memory.h). Not thread-safe: the
 * caller locks.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena {
    unsigned char *base;
    size_t used;    /* bytes handed out */
    size_t reserve; /* bytes mapped */
};

/* Maps `reserve` bytes. False when the system refuses; the arena is then empty. */
bool arena_create(struct arena *arena, size_t reserve);
void arena_destroy(struct arena *arena);

/* `size` zeroed bytes, aligned to 16; NULL when the reserve is used up. */
void *arena_take(struct arena *arena, size_t size);
