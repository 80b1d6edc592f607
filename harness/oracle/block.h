/* harness/oracle/block.h: the live blocks, in order of address.
 *
 * Promises: a block takes 48 bytes on 64-bit machines, in an arena of the harness's own. A block's struct never moves
 * while the block lives; its memory is reused afterwards. Finding, adding and removing take O(log n) expected time (a
 * treap: Seidel and Aragon, "Randomized search trees", 1996; priorities are a hash of the index, so nothing is stored
 * for them). Not thread-safe.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/arena.h"

struct block {
    uintptr_t address; /* as the candidate gave it */
    size_t requested;  /* size of the last successful sizing: the lower end of old_size */
    size_t extent;     /* bytes the owner may use: the upper end of old_size, where that can be known; >= requested */
    uint32_t number;   /* its name in the trace, from 1 */
    uint32_t pattern;  /* what its owner wrote last; 0: nothing yet */
    uint8_t align_log2;
    uint8_t origin;       /* what made it: enum operation, or OPERATIONS + enum c_function (C_FUNCTIONS: libc) */
    uint8_t shrunk : 1;   /* its last sizing was a shrink in place */
    uint8_t ordered : 1;  /* it is in the order of addresses */
    uint8_t is_empty : 1; /* its owner may touch no byte of it; extent is 1, so that no other block has its address */
    uint8_t thread;       /* the thread that allocated it */
    uint32_t left, right; /* treap links: indices, 0 none */
};

struct block_set {
    struct arena arena;
    uint32_t root;
    uint32_t free; /* list of unused nodes through `left` */
    uint32_t made; /* nodes ever made */
    size_t count;  /* live blocks */
};

/* Room for `capacity` live blocks. False when the system refuses the memory. */
bool block_set_create(struct block_set *set, size_t capacity);
void block_set_destroy(struct block_set *set);

/* A fresh struct, all zero, not in the order yet; NULL when the capacity is used up. */
struct block *block_new(struct block_set *set);
void block_free(struct block_set *set, struct block *block);

/* Puts `block` in the order. Returns NULL, or, adding nothing, a block whose extent [address, address + extent)
 * overlaps it. */
struct block *block_insert(struct block_set *set, struct block *block);
/* Takes `block` out of the order (it must be in it); the struct stays the caller's. */
void block_remove(struct block_set *set, struct block *block);

/* Walks over every block in the order, once. For speed the walk goes as the structs lie in memory, not by address. No
 * block may be added or taken out meanwhile. */
struct block *block_first(const struct block_set *set);
struct block *block_next(const struct block_set *set, const struct block *block);

/* The live block before or after this address, NULL if none: the last one that starts at or below, the first that
 * starts above. */
struct block *block_at_or_below(const struct block_set *set, uintptr_t address);
struct block *block_above(const struct block_set *set, uintptr_t address);
