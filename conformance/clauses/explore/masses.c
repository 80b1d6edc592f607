/* Very many blocks at once, and every size. They find counters that wrap, lists that end, and classes that are off by
 * one at a single place. */
#include "conformance/clauses/explore/explore.h"

/* Fills the pool with blocks of one size, or, if `most` is not 0, of sizes up to that. */
static void fill(struct explorer *x, struct pool *pool, size_t count, size_t size, size_t most)
{
    while (pool->count < count && (pool->count % 64 != 0 || explore_goes_on(x)) && !x->heap->tainted) {
        size_t now = most != 0 ? explore_size(x, most) : size, align = explore_chance(x, 1, 64) ? 16 : 1;
        if (!pool_add(pool, explore_either(x, now, align)))
            return; /* null: there are no more to be had */
    }
}

/* More equal blocks than 16 bits count, and, of the smallest, more than 17 bits do. Some are freed and allocated again,
 * then all are resized or freed. */
static void equal(struct explorer *x, struct pool *pool, size_t count, size_t size)
{
    fill(x, pool, count, size, 0);
    heap_verify_all(x->heap);
    explore_free_some(x, pool, 0, explore_between(x, 2, 5), 1);
    fill(x, pool, count, size, 0);
    for (size_t i = 0; i < pool->count && explore_goes_on(x); i += 1 + explore_between(x, 0, 60))
        explore_resize(x, pool->blocks[i], explore_target(x, pool->blocks[i], size * 2));
    heap_verify_all(x->heap);
    explore_free_all(x, pool, explore_order(x));
}

static void masses_equal(struct run *run)
{
    struct explorer x = explore_begin(run);
    struct pool pool = pool_create(run, 140000);
    bool roomy = x.grain < 256 && run->effort != EFFORT_QUICK;
    equal(&x, &pool, roomy ? 140000 : run_rounds(run, 1200, 70100), explore_between(&x, 1, 8));
    for (size_t class = 1; class < (roomy ? 3 : 2) && explore_goes_on(&x); class ++)
        equal(&x, &pool, run_rounds(run, 900, 70100), explore_edge(&x, class == 1 ? 64 : 700));
    explore_ask_again(&x);
}

/* Hundreds of thousands of blocks over many classes; many are freed and others allocated in their place. */
static void masses_mixed(struct run *run)
{
    struct explorer x = explore_begin(run);
    size_t count = run_rounds(run, 9000, x.grain < 256 ? 150000 : 70000);
    struct pool pool = pool_create(run, count);
    for (size_t pass = 0; pass < 2 && explore_goes_on(&x); pass++) {
        fill(&x, &pool, count, 0, pass == 1 ? 120 : 900);
        for (size_t i = 0; i < pool.count && explore_goes_on(&x); i += 1 + explore_between(&x, 0, 40))
            explore_resize(&x, pool.blocks[i], explore_target(&x, pool.blocks[i], 1200));
        heap_verify_all(x.heap);
        size_t step = explore_between(&x, 2, 6), run_length = explore_between(&x, 1, 3);
        explore_free_some(&x, &pool, 0, step, run_length);
    }
    explore_ask_again(&x);
    explore_free_all(&x, &pool, explore_order(&x));
}

/* Blocks of one size in a row: each is resized by one byte or freed, and its neighbours are verified. */
static void one_size(struct explorer *x, size_t size, size_t align)
{
    struct block *row[4];
    for (size_t i = 0; i < 4; i++)
        row[i] = i == 2 ? explore_allocate_zeroed(x, size, align) : explore_allocate(x, size, align);
    if (row[0] != NULL)
        explore_in_place(x, row[0], size + 1);
    if (row[1] != NULL)
        explore_reallocate(x, row[1], explore_chance(x, 1, 2) ? size + 1 : size > 1 ? size - 1 : 1);
    if (row[3] != NULL)
        explore_in_place(x, row[3], size > 1 ? size - 1 : 1);
    for (size_t i = 0; i < 4; i++)
        explore_free(x, row[(i * 3 + 1) % 4]);
    explore_free(x, explore_allocate_zeroed(x, size, align));
}

/* Every size up to some KiB under the alignments that change its class, then both sides of every edge. */
static void every_size(struct run *run)
{
    static const size_t aligns[] = {1, 16, 32, 64, 128, 256, 512};
    struct explorer x = explore_begin(run);
    size_t top = run_rounds(run, 500, 4300), which = 0;
    for (size_t size = 1; size <= top && explore_goes_on(&x); size++) {
        one_size(&x, size, 1);
        one_size(&x, size, aligns[1 + which++ % 6]);
    }
    for (size_t i = 0; i < x.edge_count && x.edges[i] < run_rounds(run, 20000, 2 << 20) && explore_goes_on(&x); i++)
        for (size_t size = x.edges[i] > 1 ? x.edges[i] - 1 : 1; size <= x.edges[i] + 1; size++)
            one_size(&x, size, aligns[which++ % 7]);
}

/* Resizes from every class to every other, and to one byte more, among neighbours that stay. */
static void edge_to_edge(struct run *run)
{
    struct explorer x = explore_begin(run);
    struct pool stay = pool_create(run, 256);
    size_t every = run_rounds(run, 5, 1);
    every = every > 1 && run->effort != EFFORT_QUICK ? 1 : every; /* all of them, except at quick effort */
    for (size_t from = 0; from < x.edge_count && explore_goes_on(&x); from += every)
        for (size_t to = from % every; to < x.edge_count && explore_goes_on(&x); to += every) {
            size_t size = x.edges[from], target = x.edges[to] + explore_between(&x, 0, 1);
            if (size > 70000 && !explore_chance(&x, 1, 16))
                continue;
            if (target > 70000 && !explore_chance(&x, 1, 16))
                continue;
            size_t first = size + explore_between(&x, 0, 1), align = explore_align(&x, 64);
            struct block *block = explore_either(&x, first, align);
            if (stay.count == stay.capacity)
                explore_free_all(&x, &stay, explore_order(&x));
            if (target < 20000)
                pool_add(&stay, explore_allocate(&x, explore_chance(&x, 1, 2) ? target : size < 20000 ? size : 100, 1));
            if (block == NULL)
                continue;
            explore_reallocate(&x, block, target);
            if (explore_chance(&x, 1, 4))
                explore_reallocate(&x, block, explore_edge(&x, 20000));
            explore_free(&x, block);
        }
    explore_free_all(&x, &stay, ORDER_ANY);
}

static const struct scenario scenarios[] = {
    {.name = "explore/masses-equal",
     .about = "more equal blocks than 16 bits count, thinned out and made again",
     .clauses = EXPLORES_BLOCKS EXPLORES_SIZES,
     .run = masses_equal},
    {.name = "explore/masses-mixed",
     .about = "hundreds of thousands of blocks over many classes, thinned out and made again",
     .clauses = EXPLORES_BLOCKS EXPLORES_SIZES EXPLORES_RESIZING,
     .run = masses_mixed},
    {.name = "explore/every-size",
     .about = "every size to some KiB, one more and one less, then both sides of every class edge",
     .clauses = EXPLORES_EVERYTHING,
     .tags = "quick",
     .run = every_size},
    {.name = "explore/edge-to-edge",
     .about = "reallocate from every class to every other",
     .clauses = EXPLORES_BLOCKS EXPLORES_SIZES EXPLORES_RESIZING EXPLORES_FREES,
     .run = edge_to_edge},
};

SCENARIOS(explore_masses, "explore", EXPLORE_ORDER, scenarios);
