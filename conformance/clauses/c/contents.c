/* What a block holds when it is freed is its owner's affair: addresses of other blocks, of freed ones, or what was in
 * it when it came. */
#include "conformance/clauses/c/c.h"

/* Many of one size, freed in another order than they were made: the oracle leaves links and keys in each
 * (c_contents.h). */
static void links(struct run *run)
{
    struct pool pool = pool_create(run, 256);
    size_t rounds = run_rounds(run, 8, 40);
    for (size_t round = 0; round < rounds && run_goes_on(run); round++)
        for (size_t size = 8; size < 70000 && run_goes_on(run); size = size * 3 / 2 + 8) {
            while (pool.count < 40 && run_goes_on(run))
                if (!pool_add(&pool, heap_c_allocate(&run->heap, C_MALLOC, 0, size + round).block))
                    break;
            heap_blame_crashes_on(&run->heap, "c/any-contents");
            while (pool.count > 0 && run_goes_on(run))
                c_free(run, round % 2 ? pool_take_any(run, &pool) : pool_take(&pool, pool.count - 1));
            heap_blame_crashes_on(&run->heap, NULL);
        }
    run_exercised(run, "c/any-contents");
}

static const struct scenario scenarios[] = {
    {.name = "c/links-as-contents",
     .about = "blocks that hold links and keys of other blocks when they are freed",
     .clauses = "c/any-contents block/disjoint block/undisturbed",
     .tags = "quick",
     .needs = NEEDS_C,
     .run = links},
};

SCENARIOS_OF("malloc", c_contents, "c", C_ORDER + 10, scenarios);
