/* Volume: blocks of up to 1 GiB, and more memory in blocks of some KiB than fits into a table of a thousand chunks. */
#include <sys/prctl.h>

#include "conformance/clauses/explore/explore.h"

/* ---- blocks of many MiB ---- */

/* The block lies between two others, so that it is in the way of one of them if it reaches further than it should, or
 * less far than it says. */
static void vast_size(struct explorer *x, size_t size, size_t align)
{
    struct block *above = explore_allocate(x, size, align), *block = explore_allocate(x, size, align);
    struct block *below = explore_allocate(x, (size_t)3 << 20, 1);
    if (block != NULL) {
        explore_in_place(x, block, size - explore_between(x, 1, 200000));
        explore_in_place(x, block, size + explore_between(x, 0, 4096));
        if (size <= (size_t)64 << 20)
            explore_reallocate(x, block, size + explore_between(x, 1, 3000000));
    }
    if (above != NULL)
        heap_verify_neighbours(x->heap, above);
    explore_free(x, block);
    explore_free(x, above);
    if (size <= run_memory(x->run) && size <= (size_t)160 << 20)
        explore_free(x, explore_allocate_zeroed(x, size - explore_between(x, 0, size / 8), align));
    explore_free(x, below);
    x->volume = 0; /* only lines of these blocks are touched */
}

static void vast_blocks(struct run *run)
{
    static const int deltas[] = {1, -1, 0, 70000, 1100000, -4096, -1500000};
    const unsigned last = sizeof(size_t) > 4 ? 30 : 27;
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0); /* a touched line must not cost 2 MiB */
    struct explorer x = explore_begin(run);
    if (run_fills_blocks(run))
        return;
    size_t each = run_rounds(run, 1, 2), which = 0;
    for (unsigned power = 24; power <= last; power++)
        for (size_t i = 0; i < each && explore_goes_on(&x) && run_has_room(run); i++, which++) {
            size_t size = ((size_t)1 << power) + (size_t)(ptrdiff_t)deltas[which % 7];
            vast_size(&x, size, which % 4 == 3 ? run_align(run, (size_t)1 << 21) : 1);
        }
    explore_ask_again(&x);
}

/* ---- memory in blocks of some KiB ---- */

static void fill(struct explorer *x, struct pool *pool, size_t most)
{
    size_t held = 0;
    for (size_t i = 0; i < pool->count; i++)
        held += pool->blocks[i]->extent;
    while (held < most && pool->count < pool->capacity && explore_goes_on(x)) {
        struct block *block = explore_either(x, explore_between(x, 2000, 14000), 8);
        if (!pool_add(pool, block))
            return;
        held += block->extent;
    }
}

static void masses_of_memory(struct run *run)
{
    const size_t wanted = run_rounds(run, 16, 200) << 20;
    size_t most = run_memory(run) < wanted ? run_memory(run) : wanted;
    struct explorer x = explore_begin(run);
    struct pool pool = pool_create(run, 40000);
    fill(&x, &pool, most);
    explore_free_some(&x, &pool, 0, explore_between(&x, 3, 7), 1);
    fill(&x, &pool, most);
    for (size_t i = 0; i < pool.count && explore_goes_on(&x); i += 1 + explore_between(&x, 0, 300))
        explore_resize(&x, pool.blocks[i], explore_target(&x, pool.blocks[i], 16000));
    explore_free_all(&x, &pool, explore_order(&x));
}

static const struct scenario scenarios[] = {
    {.name = "explore/vast-blocks",
     .about =
         "blocks of 16 MiB to 1 GiB, their ends used, their neighbours looked at, zeroes asked for where they were",
     .clauses = EXPLORES_BLOCKS EXPLORES_SIZES EXPLORES_IN_PLACE EXPLORES_ZEROES,
     .run = vast_blocks},
    {.name = "explore/masses-of-memory",
     .about = "two hundred MiB in blocks of some KiB, thinned out and filled up again",
     .clauses = EXPLORES_BLOCKS EXPLORES_SIZES,
     .run = masses_of_memory},
};

SCENARIOS(explore_vast, "explore", EXPLORE_ORDER, scenarios);
