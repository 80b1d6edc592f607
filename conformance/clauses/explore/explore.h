/* conformance/clauses/explore/explore.h: exploration, that is sequences over all six operations that look for trouble
 * where this candidate may have some, and reach states that single calls never do.
 *
 * The group has no clauses of its own: whatever breaks, the oracle notices it. Each scenario first learns where the
 * candidate's size classes end, and some learn from which size it maps. Sizes are then drawn near these places more
 * often than elsewhere.
 *
 * Promises: a draw depends on the run's seed and on the candidate's answers alone, so the same seed gives the same
 * calls (tests/test_reproducible.c). Since addresses repeat (sandbox.h), the candidate's answers repeat too, unless it
 * goes by the clock, for example to let free memory decay. The volume of a scenario is bounded, so that a correct
 * allocator that never uses memory a second time survives it.
 *
 * Two draws never stand in one argument list, initializer or sum: C leaves open which is made first.
 */
#pragma once

#include "conformance/contract.h"
#include "conformance/scenario/run.h"

/* Position of the group in lists. */
enum { EXPLORE_ORDER = 95 };

/* What the scenarios are meant to exercise (struct scenario), by kinds of call. */
#define EXPLORES_BLOCKS \
    "block/accessible block/disjoint block/undisturbed alignment/allocate alignment/allocate-zeroed "
#define EXPLORES_SIZES "usable-size/at-least-size usable-size/slack-owned usable-size/pure "
#define EXPLORES_RESIZING \
    "alignment/reallocate reallocate/contents reallocate/slack-contents reallocate/old-size-range "
#define EXPLORES_IN_PLACE "in-place/* "
#define EXPLORES_ZEROES "zeroing/* "
#define EXPLORES_FREES "deallocate/old-size-range "
#define EXPLORES_EVERYTHING \
    EXPLORES_BLOCKS EXPLORES_SIZES EXPLORES_RESIZING EXPLORES_IN_PLACE EXPLORES_ZEROES EXPLORES_FREES

enum { EDGES_MOST = 160, ASKED = 1100, ASKED_LARGE = 28 };

struct explorer {
    struct run *run;
    struct heap *heap;
    bool in_place;            /* the binding has reallocate_inplace */
    size_t edges[EDGES_MOST]; /* the largest size of each class, ascending; a guess where usable_size does not tell */
    size_t edge_count;
    size_t mapped;   /* from about this size up, freed blocks go back to the system; 0: none seen */
    size_t grown;    /* the largest size to which a block grew in place while this was tried; 0: none */
    size_t grain;    /* bytes of memory that even the smallest block takes */
    size_t last;     /* the last size drawn */
    size_t *asked;   /* usable sizes at the start, of 1 .. ASKED - 1 and of ASKED_LARGE larger sizes; NULL where they
                        cannot be asked for */
    uint64_t volume; /* bytes touched so far, as if no memory were used twice */
};

/* Learns the class edges: from usable_size where it can be asked, otherwise from the distances of blocks. */
struct explorer explore_begin(struct run *run);
/* Learns from which size blocks are mapped, and how far one grows in place. It frees what it allocates. That alone may
 * move a threshold, so half of the scenarios do without. */
void explore_learn_large(struct explorer *x);

/* Asks for the same usable sizes as explore_begin: the answers must be the same, whatever has happened since
 * (usable-size/pure). */
void explore_ask_again(struct explorer *x);

/* True while run_goes_on is true and the volume is not used up. */
bool explore_goes_on(struct explorer *x);

/* A size up to `most`: log-uniform, at a class edge, near whole pages, powers of two or the mapping threshold, or near
 * the last size drawn. */
size_t explore_size(struct explorer *x, size_t most);
/* An edge up to `most`, or a byte more or less. */
size_t explore_edge(struct explorer *x, size_t most);
/* A new size for a block, up to `most`: a step up or down, its class's edge, half, double, anything. */
size_t explore_target(struct explorer *x, const struct block *block, size_t most);
/* A power of two up to `most`: usually small. */
size_t explore_align(struct explorer *x, size_t most);
/* A number in low ..= high. */
size_t explore_between(struct explorer *x, size_t low, size_t high);
bool explore_chance(struct explorer *x, unsigned parts, unsigned whole);

/* The operations. They count the volume and draw old_size from its whole range. Where the binding has no
 * allocate_zeroed, allocate is called. */
struct block *explore_allocate(struct explorer *x, size_t size, size_t align);
struct block *explore_allocate_zeroed(struct explorer *x, size_t size, size_t align);
struct block *explore_either(struct explorer *x, size_t size, size_t align); /* one in four is zeroed */
bool explore_reallocate(struct explorer *x, struct block *block, size_t size);
bool explore_in_place(struct explorer *x, struct block *block, size_t size); /* false where the binding has none */
/* Resizes in place, or by reallocate if that is refused, or by chance. Sometimes verifies the neighbours. */
void explore_resize(struct explorer *x, struct block *block, size_t size);
void explore_free(struct explorer *x, struct block *block); /* does nothing for NULL */

/* The order in which a whole pool is freed. */
enum explore_order { ORDER_NEWEST, ORDER_OLDEST, ORDER_ANY, ORDER_EVERY_OTHER, ORDER_EVERY_THIRD, ORDERS };
enum explore_order explore_order(struct explorer *x);
void explore_free_all(struct explorer *x, struct pool *pool, enum explore_order order);
/* Frees `run` blocks in a row at first, first + step and so on; those that stay keep their order. */
void explore_free_some(struct explorer *x, struct pool *pool, size_t first, size_t step, size_t run);

/* Puts a pool in order of address. */
void explore_sort(struct pool *pool);
