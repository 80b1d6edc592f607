/* Large blocks in churn: 0.5 to 64 MiB, aligned to anything from 16 bytes to 32 MiB, many live at once, freed in random
 * order. Of the largest only lines are touched. */
#include <sys/prctl.h>

#include "conformance/clauses/explore/explore.h"
#include "conformance/contract.h"

enum { SLOTS = 40, MIB = 1 << 20 };

/* Small ones more often: those are filled whole. */
static size_t large_size(struct explorer *x)
{
    size_t power = explore_between(x, 0, 6);
    size_t low = ((size_t)MIB / 2) << (explore_chance(x, 1, 2) ? power : power % 3);
    size_t size = explore_between(x, low, 2 * low);
    return explore_chance(x, 1, 3) ? (size & ~(size_t)(MIB / 4 - 1)) + explore_between(x, 0, 2) : size;
}

static size_t large_align(struct explorer *x)
{
    return heap_align(x->heap, (size_t)16 << explore_between(x, 0, explore_chance(x, 1, 2) ? 21 : 9));
}

static void resize(struct explorer *x, struct block *block)
{
    size_t size = large_size(x);
    if (explore_in_place(x, block, size))
        return;
    if (block->requested <= 3 * MIB && size <= 8 * MIB)
        explore_reallocate(x, block, size);
}

static void step(struct explorer *x, struct pool *pool)
{
    size_t dice = explore_between(x, 0, 9);
    if (pool->count > 0 && (pool->count == SLOTS || dice < 4)) {
        explore_free(x, pool_take(pool, explore_between(x, 0, pool->count - 1)));
    } else if (pool->count > 0 && dice < 6) {
        resize(x, pool->blocks[explore_between(x, 0, pool->count - 1)]);
    } else {
        size_t size = large_size(x), align = large_align(x);
        bool zeroed = size <= 2 * MIB && explore_chance(x, 1, 8);
        pool_add(pool, zeroed ? explore_allocate_zeroed(x, size, align) : explore_allocate(x, size, align));
    }
    x->volume = 0; /* the memory that is really held is asked for instead */
}

static void large_churn(struct run *run)
{
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0); /* one line touched must not cost two MiB */
    struct explorer x = explore_begin(run);
    struct pool pool = pool_create(run, SLOTS + 1);
    size_t steps = run_rounds(run, 40, 260);
    if (run_fills_blocks(run))
        return;
    for (size_t i = 0; i < steps && explore_goes_on(&x) && run_has_room(run); i++)
        step(&x, &pool);
    heap_verify_all(x.heap);
    explore_free_all(&x, &pool, ORDER_ANY);
}

static const struct scenario scenarios[] = {
    {.name = "explore/churn-largest",
     .about = "blocks of half a MiB to 64 MiB, aligned to 16 bytes to 32 MiB, forty of them, in random order",
     .clauses = "block/accessible block/disjoint block/undisturbed alignment/above-page",
     .run = large_churn},
};

SCENARIOS(churn_largest, "explore", 96, scenarios);
