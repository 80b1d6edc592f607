/* Time passes, and the system does not take memory back: what an allocator does with memory that has lain idle, and
 * where giving back fails. */
#include "conformance/clauses/states/states.h"
#include "harness/refusal/keep.h"
#include "harness/trace/record.h"

enum { LARGE = 48, SMALL = 200, SHORT_MS = 1100, LONG_MS = 10500 };

/* Large blocks lie side by side, mostly, so that one in the middle is given back by cutting a mapping in two. */
static void fill(struct run *run, struct pool *pool)
{
    static const size_t sizes[] = {128 << 10, 132 << 10, 200000, 300000, 1 << 20, 40000};
    while (pool->count < LARGE && run_goes_on(run))
        if (!pool_add(pool, run_allocate(run, sizes[prng_below(&run->prng, 6)], run_align(run, 64), false)))
            return;
    while (pool->count < pool->capacity && run_goes_on(run))
        if (!pool_add(pool, run_allocate(run, run_size(run, 9000), 8, false)))
            return;
}

/* Every n-th, the large ones among them; those that stay keep their places. */
static void thin_out(struct run *run, struct pool *pool, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < pool->count && !run->heap.tainted; i++)
        if (i % n != 1)
            pool->blocks[kept++] = pool->blocks[i];
        else
            heap_deallocate(&run->heap, pool->blocks[i], run_old_size(run, pool->blocks[i]));
    pool->count = run->heap.tainted ? 0 : kept;
}

static void shrink_some(struct run *run, struct pool *pool)
{
    for (size_t i = 0; i < pool->count && run_goes_on(run); i += 3) {
        struct block *block = pool->blocks[i];
        heap_reallocate_inplace(&run->heap, block, run_old_size(run, block), block->requested / 2 + 1);
        heap_reallocate(&run->heap, block, run_old_size(run, block), block->requested / 2 + 1);
    }
}

/* Everything that may give memory back, and calls enough for those that do it now and then. */
static void use(struct run *run, struct pool *pool)
{
    thin_out(run, pool, 3);
    states_traffic(run, &run->prng, 200);
    shrink_some(run, pool);
    heap_verify_all(&run->heap);
    fill(run, pool);
    thin_out(run, pool, 2);
    run_exercised(run, "abi/returns");
}

/* The system keeps what would cut a mapping in two. */
static void use_while_kept(struct run *run, struct pool *pool)
{
    bool keeps = record_set(&run->heap, SETTING_KEEP, 1);
    use(run, pool);
    if (keeps)
        record_set(&run->heap, SETTING_KEEP, 0);
    heap_verify_all(&run->heap);
    use(run, pool);
}

static void giving_back(struct run *run)
{
    struct pool pool = pool_create(run, LARGE + SMALL);
    size_t rounds = run_rounds(run, 1, 4);
    for (size_t round = 0; round < rounds && run_goes_on(run); round++) {
        fill(run, &pool);
        use_while_kept(run, &pool);
        pool_deallocate_all(run, &pool);
    }
}

static void idle(struct run *run)
{
    struct pool pool = pool_create(run, LARGE + SMALL);
    if (run->effort == EFFORT_QUICK)
        return;
    fill(run, &pool);
    thin_out(run, &pool, 2);
    record_set(&run->heap, SETTING_PAUSE, run->effort == EFFORT_SOAK ? LONG_MS : SHORT_MS);
    use_while_kept(run, &pool);
    pool_deallocate_all(run, &pool);
}

static const struct scenario scenarios[] = {
    {.name = "states/giving-back",
     .about = "large blocks are freed and shrunk while the system takes nothing back that would cut a mapping in two",
     .clauses = "abi/returns block/accessible block/disjoint block/undisturbed",
     .tags = "quick",
     .run = giving_back},
    {.name = "states/idle",
     .about = "nothing is called for more than a second (in a soak: ten), then the same",
     .clauses = "abi/returns block/accessible block/disjoint block/undisturbed",
     .run = idle},
};

SCENARIOS(idle, "states", 104, scenarios);
