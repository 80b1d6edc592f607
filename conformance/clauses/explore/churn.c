/* Long random sequences over all six operations, in moods. For some hundreds or thousands of steps a sequence prefers
 * certain sizes, operations and an order of freeing; then the mood changes. Each mood starts from what the one before
 * left behind. */
#include "conformance/contract.h"
#include "conformance/clauses/explore/explore.h"
#include "harness/refusal/refuse.h"

struct mood {
    size_t slots; /* the most live blocks */
    size_t most, most_align;
    unsigned frees, resizes; /* out of 100; the rest allocates */
    unsigned zeroed;         /* allocations that ask for zeroes, out of 100 */
    size_t favourite;        /* 0, or a size that most requests have */
    bool shrinks;            /* resizing only shrinks */
    enum { FREE_ANY, FREE_NEWEST, FREE_OLDEST, FREE_BESIDE, FREES } free_order;
    size_t beside; /* the place beside the last block that was freed */
};

static struct mood draw_mood(struct explorer *x, size_t slots, size_t most, size_t most_align)
{
    static const unsigned char percents[] = {0, 5, 15, 30, 45};
    struct mood mood = {.most = most, .most_align = most_align};
    mood.slots = explore_between(x, slots / 10 + 1, slots);
    if (explore_chance(x, 1, 3))
        mood.most = explore_size(x, most) | 64;
    mood.frees = (unsigned)explore_between(x, 20, 50);
    mood.resizes = percents[explore_between(x, 0, 4)];
    mood.zeroed = percents[explore_between(x, 0, 4)] * 2;
    mood.shrinks = explore_chance(x, 1, 6);
    mood.free_order = explore_between(x, 0, FREES - 1);
    if (explore_chance(x, 1, 4))
        mood.favourite = explore_size(x, most);
    if (explore_chance(x, 1, 3))
        mood.most_align = 16;
    return mood;
}

static void make_one(struct explorer *x, struct pool *pool, const struct mood *mood)
{
    size_t size = mood->favourite != 0 && explore_chance(x, 3, 4) ? mood->favourite : explore_size(x, mood->most);
    size_t align = explore_align(x, mood->most_align);
    pool_add(pool, explore_chance(x, mood->zeroed, 100) ? explore_allocate_zeroed(x, size, align)
                                                        : explore_allocate(x, size, align));
}

static void free_one(struct explorer *x, struct pool *pool, struct mood *mood)
{
    size_t last = pool->count - 1, at = explore_between(x, 0, last);
    if (mood->free_order == FREE_NEWEST)
        at = last;
    else if (mood->free_order == FREE_OLDEST)
        at = 0;
    else if (mood->free_order == FREE_BESIDE && explore_chance(x, 7, 8))
        at = mood->beside <= last ? mood->beside : last;
    mood->beside = at + 1;
    explore_free(x, pool_take(pool, at));
}

static void resize_one(struct explorer *x, struct pool *pool, const struct mood *mood)
{
    struct block *block = pool->blocks[explore_between(x, 0, pool->count - 1)];
    size_t size = mood->shrinks ? explore_between(x, 1, block->requested) : explore_target(x, block, mood->most);
    explore_resize(x, block, size);
}

static void step(struct explorer *x, struct pool *pool, struct mood *mood)
{
    unsigned dice = (unsigned)explore_between(x, 0, 99);
    if (pool->count > mood->slots || (pool->count > 0 && dice < mood->frees))
        free_one(x, pool, mood);
    else if (pool->count > 0 && dice < mood->frees + mood->resizes)
        resize_one(x, pool, mood);
    else if (pool->count < mood->slots)
        make_one(x, pool, mood);
}

static void churn(struct explorer *x, size_t steps, size_t slots, size_t most, size_t most_align)
{
    struct pool pool = pool_create(x->run, slots + 1);
    struct mood mood = draw_mood(x, slots, most, most_align);
    size_t until = 0;
    for (size_t done = 0; done < steps && explore_goes_on(x); done++) {
        if (done == until) {
            heap_verify_all(x->heap);
            if (explore_chance(x, 1, 4))
                explore_free_all(x, &pool, explore_order(x));
            mood = draw_mood(x, slots, most, most_align);
            until = done + explore_between(x, slots, 8 * slots + 400);
        }
        step(x, &pool, &mood);
    }
    heap_verify_all(x->heap);
    explore_free_all(x, &pool, explore_order(x));
    explore_ask_again(x);
}

static void churn_small(struct run *run)
{
    struct explorer x = explore_begin(run);
    churn(&x, run_rounds(run, 12000, 200000), 300, 1100, 64);
}

static void churn_mixed(struct run *run)
{
    struct explorer x = explore_begin(run);
    churn(&x, run_rounds(run, 8000, 150000), 700, 20000, run->heap.page);
}

static void churn_large(struct run *run)
{
    struct explorer x = explore_begin(run);
    if (explore_chance(&x, 1, 2))
        explore_learn_large(&x);
    churn(&x, run_rounds(run, 200, 3000), 60, (size_t)2 << 20, (size_t)64 << 10);
}

/* Alignments up to 64 KiB among plain blocks of similar sizes. */
static void churn_aligned(struct run *run)
{
    struct explorer x = explore_begin(run);
    churn(&x, run_rounds(run, 3000, 40000), 150, 9000, (size_t)64 << 10);
}

/* A heap so small that null is an everyday answer. */
static void short_of_memory(struct run *run)
{
    struct explorer x = explore_begin(run);
    size_t rounds = run_rounds(run, 2, 8);
    refuse_prepare(); /* so that what the system refuses is counted */
    for (size_t round = 0; round < rounds && explore_goes_on(&x); round++) {
        if (!refuse_limit_address_space(UINT64_C(1) << explore_between(&x, 20, 24)))
            return; /* the platform has no such limit: the clauses stay unexercised here */
        run->heap.refusing = true;
        churn(&x, run_rounds(run, 800, 6000), 400, (size_t)1 << (12 + round * 2 % 9), 4096);
        run->heap.refusing = false;
        refuse_limit_address_space(UINT64_MAX);
    }
}

/* Blocks only shrink, by both operations, and in between others ask for memory of the size that was cut off. */
static void shrink_only(struct run *run)
{
    struct explorer x = explore_begin(run);
    struct pool tails = pool_create(run, 512);
    size_t rounds = run_rounds(run, 30, 400);
    for (size_t round = 0; round < rounds && explore_goes_on(&x); round++) {
        size_t most = round % 8 == 0 ? (size_t)3 << 20 : round % 2 == 0 ? 200000 : 9000;
        size_t first = most / 2 + explore_size(&x, most / 2), align = explore_align(&x, 4096);
        struct block *block = explore_allocate(&x, first, align);
        while (block != NULL && block->requested > 1 && explore_goes_on(&x)) {
            size_t now = block->requested, least = now / 2 + 1;
            size_t size = explore_chance(&x, 1, 3) ? explore_edge(&x, now - 1)
                                                   : explore_between(&x, least < now ? least : 1, now - 1);
            size_t freed = now - size;
            if (!(explore_chance(&x, 2, 3) && explore_in_place(&x, block, size)) &&
                !explore_reallocate(&x, block, size))
                break;
            heap_verify_neighbours(x.heap, block);
            if (tails.count < tails.capacity)
                pool_add(&tails, explore_either(&x, explore_between(&x, freed / 2 + 1, freed), 1));
        }
        explore_free(&x, block);
        if (tails.count > 300 || round % 4 == 3)
            explore_free_all(&x, &tails, explore_order(&x));
    }
    explore_free_all(&x, &tails, ORDER_ANY);
}

static const struct scenario scenarios[] = {
    {.name = "explore/churn-small",
     .about = "all six in changing moods over 300 small blocks",
     .clauses = EXPLORES_EVERYTHING,
     .tags = "quick",
     .run = churn_small},
    {.name = "explore/churn",
     .about = "all six in changing moods over 700 blocks of many classes",
     .clauses = EXPLORES_EVERYTHING,
     .run = churn_mixed},
    {.name = "explore/churn-large",
     .about = "all six in changing moods over blocks of up to 2 MiB",
     .clauses = EXPLORES_EVERYTHING,
     .run = churn_large},
    {.name = "explore/churn-aligned",
     .about = "the same with alignments up to 64 KiB",
     .clauses = EXPLORES_EVERYTHING " alignment/above-page",
     .run = churn_aligned},
    {.name = "explore/short-of-memory",
     .about = "the same with so little memory that null is an everyday answer",
     .clauses = EXPLORES_BLOCKS EXPLORES_RESIZING "reallocate/failure-intact " EXPLORES_ZEROES,
     .run = short_of_memory},
    {.name = "explore/shrink-only",
     .about = "blocks that only ever shrink, their tails asked for by others",
     .clauses = EXPLORES_BLOCKS EXPLORES_SIZES EXPLORES_RESIZING EXPLORES_IN_PLACE,
     .run = shrink_only},
    {.name = "explore/astride",
     .about = "all six in changing moods over 700 blocks, in memory on both sides of a multiple of 4 GiB",
     .clauses = EXPLORES_EVERYTHING,
     .astride = true,
     .run = churn_mixed},
};

SCENARIOS(explore_churn, "explore", EXPLORE_ORDER, scenarios);
