/* conformance/clauses/explore/explore.h: what the exploring scenarios share: what was learnt of the candidate, and
 * draws that are biased by it.
 *
 * Promises: a draw depends on the run's seed and on the candidate's answers alone, so the same seed gives the
 * same calls: with addresses that repeat (sandbox.h), whatever a candidate answers does, unless it goes by the
 * clock itself (decay of free memory, say). A scenario's volume is bounded: a correct allocator that never
 * uses memory a second time survives.
 *
 * Two draws never stand in one argument list, initializer or sum: C leaves open which is made first.
 */
#pragma once

#include "conformance/contract.h"
#include "conformance/scenario/run.h"

/* Position of the group in lists. */
enum { EXPLORE_ORDER = 95 };

/* What scenarios are meant to exercise, by kinds of call. */
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
    size_t edges[EDGES_MOST]; /* largest sizes of their classes, ascending; a guess where nobody says */
    size_t edge_count;
    size_t mapped;   /* from about this size up blocks go back to the system; 0: none seen */
    size_t grown;    /* the largest size that a block reached in place while this was looked for; 0: none */
    size_t grain;    /* memory that even the smallest block takes */
    size_t last;     /* the last size drawn */
    size_t *asked;   /* usable sizes at the start: of 1 .. ASKED - 1 and of ASKED_LARGE larger ones; NULL where they
                        cannot be asked */
    uint64_t volume; /* bytes touched so far, as if no memory were used twice */
};

/* Learns the class edges: from usable_size where it can be asked, else from the distances of blocks. */
struct explorer explore_begin(struct run *run);
/* Learns from which size blocks are mapped, and how far one grows in place. Frees what it allocates, which
 * may itself move a threshold: half of the scenarios' rounds do without. */
void explore_learn_large(struct explorer *x);

/* Asks for usable sizes what explore_begin asked: the answers must be the same, whatever has happened since
 * (usable-size/pure). */
void explore_ask_again(struct explorer *x);

/* run_goes_on, and the volume is not used up. */
bool explore_goes_on(struct explorer *x);

/* A size up to `most`: log-uniform, at a class edge, around whole pages, powers of two and the mapping
 * threshold, near the last one. */
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

/* The operations, with the volume counted, old_size drawn from its whole range, and NULL passed over. Where the binding
 * has no allocate_zeroed, allocate does instead. */
struct block *explore_allocate(struct explorer *x, size_t size, size_t align);
struct block *explore_allocate_zeroed(struct explorer *x, size_t size, size_t align);
struct block *explore_either(struct explorer *x, size_t size, size_t align); /* one in four is zeroed */
bool explore_reallocate(struct explorer *x, struct block *block, size_t size);
bool explore_in_place(struct explorer *x, struct block *block, size_t size); /* false where the binding has none */
/* In place, or by reallocate where that is refused or by chance; its neighbours are verified now and then. */
void explore_resize(struct explorer *x, struct block *block, size_t size);
void explore_free(struct explorer *x, struct block *block);

/* The order of freeing a whole pool. */
enum explore_order { ORDER_NEWEST, ORDER_OLDEST, ORDER_ANY, ORDER_EVERY_OTHER, ORDER_EVERY_THIRD, ORDERS };
enum explore_order explore_order(struct explorer *x);
void explore_free_all(struct explorer *x, struct pool *pool, enum explore_order order);
/* Frees the blocks at first, first + step, ... (and `run` in a row at each); those that stay keep their
 * order. */
void explore_free_some(struct explorer *x, struct pool *pool, size_t first, size_t step, size_t run);

/* Puts a pool in order of address. */
void explore_sort(struct pool *pool);
