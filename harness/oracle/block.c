#include "harness/oracle/block.h"

#include <stdio.h>
#include <stdlib.h>

#include "harness/base/prng.h"

_Static_assert(sizeof(void *) < 8 || sizeof(struct block) <= 48, "48 bytes a live block");

static struct block *node(const struct block_set *set, uint32_t index)
{
    return (struct block *)(void *)set->arena.base + index; /* index 0 is never handed out */
}

static uint32_t index_of(const struct block_set *set, const struct block *block)
{
    return (uint32_t)(block - (const struct block *)(const void *)set->arena.base);
}

static uint32_t priority(uint32_t index) { return (uint32_t)prng_mix(index * UINT64_C(0x9e3779b97f4a7c15)); }

bool block_set_create(struct block_set *set, size_t capacity)
{
    *set = (struct block_set){.made = 1};
    return arena_create(&set->arena, (capacity + 1) * sizeof(struct block));
}

void block_set_destroy(struct block_set *set) { arena_destroy(&set->arena); }

struct block *block_new(struct block_set *set)
{
    struct block *block;
    if (set->free != 0) {
        block = node(set, set->free);
        set->free = block->left;
    } else if ((set->made + 1) * sizeof(struct block) <= set->arena.reserve) {
        block = node(set, set->made++);
    } else {
        return NULL;
    }
    *block = (struct block){0};
    return block;
}

void block_free(struct block_set *set, struct block *block)
{
    block->left = set->free;
    set->free = index_of(set, block);
}

/* No path in a treap of so many blocks comes near this length: a path that does goes round in a circle. */
enum { LONGEST_PATH = 1024 };

static void give_up(void)
{
    fputs("assay: the harness's table of live blocks was written over\n", stderr);
    _Exit(3); /* outside any call: the supervisor reads it as the harness's failure */
}

static inline void one_step(unsigned *steps)
{
    if (++*steps > LONGEST_PATH)
        give_up();
}

static struct block *ordered_from(const struct block_set *set, uint32_t index)
{
    for (; index < set->made; index++)
        if (node(set, index)->ordered)
            return node(set, index);
    return NULL;
}

struct block *block_first(const struct block_set *set) { return ordered_from(set, 1); }

struct block *block_next(const struct block_set *set, const struct block *block)
{
    return ordered_from(set, index_of(set, block) + 1);
}

struct block *block_at_or_below(const struct block_set *set, uintptr_t address)
{
    struct block *best = NULL;
    unsigned steps = 0;
    for (uint32_t at = set->root; at != 0; one_step(&steps)) {
        struct block *here = node(set, at);
        if (here->address <= address)
            best = here;
        at = here->address <= address ? here->right : here->left;
    }
    return best;
}

struct block *block_above(const struct block_set *set, uintptr_t address)
{
    struct block *best = NULL;
    unsigned steps = 0;
    for (uint32_t at = set->root; at != 0; one_step(&steps)) {
        struct block *here = node(set, at);
        if (here->address > address)
            best = here;
        at = here->address > address ? here->left : here->right;
    }
    return best;
}

/* Splits the tree `at` into addresses below and not below `address`. */
static void split(const struct block_set *set, uint32_t at, uintptr_t address, uint32_t *low, uint32_t *high)
{
    for (unsigned steps = 0; at != 0; one_step(&steps)) {
        struct block *here = node(set, at);
        if (here->address < address) {
            *low = at;
            low = &here->right;
            at = here->right;
        } else {
            *high = at;
            high = &here->left;
            at = here->left;
        }
    }
    *low = *high = 0;
}

static uint32_t merge(const struct block_set *set, uint32_t low, uint32_t high)
{
    uint32_t root = 0, *link = &root;
    for (unsigned steps = 0; low != 0 && high != 0; one_step(&steps)) {
        bool low_wins = priority(low) > priority(high);
        uint32_t *winner = low_wins ? &low : &high;
        *link = *winner;
        link = low_wins ? &node(set, *winner)->right : &node(set, *winner)->left;
        *winner = *link;
    }
    *link = low != 0 ? low : high;
    return root;
}

/* Where a block belongs. */
struct place {
    uint32_t *link;              /* the link that will point to it: the first one to a node of lower priority */
    struct block *below, *above; /* the blocks on either side; `below` may begin at the same address */
};

/* Walks down to a leaf, once: both neighbours lie on the way. */
static struct place find_place(struct block_set *set, uintptr_t address, uint32_t own_priority)
{
    struct place place = {0};
    uint32_t *link = &set->root;
    for (unsigned steps = 0; *link != 0; one_step(&steps)) {
        struct block *here = node(set, *link);
        if (place.link == NULL && priority(*link) <= own_priority)
            place.link = link;
        if (here->address <= address) {
            place.below = here;
            link = &here->right;
        } else {
            place.above = here;
            link = &here->left;
        }
    }
    if (place.link == NULL)
        place.link = link;
    return place;
}

/* Live blocks do not overlap, so only the two neighbours can. */
static struct block *overlapping(const struct block *block, const struct place *place)
{
    const struct block *below = place->below, *above = place->above;
    if (below != NULL && (below->address == block->address || block->address - below->address < below->extent))
        return place->below;
    return above != NULL && above->address - block->address < block->extent ? place->above : NULL;
}

struct block *block_insert(struct block_set *set, struct block *block)
{
    uint32_t index = index_of(set, block);
    struct place place = find_place(set, block->address, priority(index));
    struct block *other = overlapping(block, &place);
    if (other != NULL)
        return other;
    split(set, *place.link, block->address, &block->left, &block->right);
    *place.link = index;
    block->ordered = 1;
    set->count++;
    return NULL;
}

void block_remove(struct block_set *set, struct block *block)
{
    uint32_t index = index_of(set, block), *link = &set->root;
    for (unsigned steps = 0; *link != index; one_step(&steps)) {
        struct block *here = node(set, *link);
        link = here->address < block->address ? &here->right : &here->left;
    }
    *link = merge(set, block->left, block->right);
    block->left = block->right = 0;
    block->ordered = 0;
    set->count--;
}
