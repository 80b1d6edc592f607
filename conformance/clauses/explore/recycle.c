/* Memory that comes back: it is dirty, or it serves another size or another alignment. */
#include "conformance/clauses/explore/explore.h"

/* Fills some memory with dirty blocks of one size. Some of them are resized, so that the dirt reaches further than
 * their last size says. */
static void dirty(struct explorer *x, struct pool *pool, size_t size, size_t align, size_t bytes)
{
    size_t live = bytes / (size < x->grain ? x->grain : size) + 2;
    for (size_t i = 0; i < live && pool->count < pool->capacity && explore_goes_on(x); i++)
        pool_add(pool, explore_either(x, size, align));
    for (size_t i = 0; i < pool->count && explore_goes_on(x); i++)
        if (explore_chance(x, 1, 6)) {
            size_t target = explore_target(x, pool->blocks[i], size * 2);
            if (!explore_in_place(x, pool->blocks[i], target) && explore_chance(x, 1, 2))
                explore_reallocate(x, pool->blocks[i], target);
        }
}

/* Asks for zeroed blocks of a size that may split, merge or reuse what was freed. */
static void ask_zeroed(struct explorer *x, struct pool *pool, size_t dirty_size, size_t most, size_t align,
                       size_t bytes)
{
    size_t size = dirty_size;
    switch (explore_between(x, 0, 5)) {
    case 0: break;
    case 1: size = dirty_size - explore_between(x, 0, dirty_size <= 20 ? dirty_size - 1 : 20); break;
    case 2: size = explore_between(x, 1, dirty_size); break;
    case 3: size = dirty_size * explore_between(x, 2, 4); break;
    default: size = explore_size(x, most); break;
    }
    size = size > 2 * most ? 2 * most : size;
    size_t live = bytes / (size < x->grain ? x->grain : size) + 1;
    for (size_t i = 0; i < live && pool->count < pool->capacity && explore_goes_on(x); i++)
        pool_add(pool, explore_allocate_zeroed(x, explore_chance(x, 3, 4) ? size : explore_size(x, most), align));
}

static void refill(struct explorer *x, struct pool *pool, size_t most, size_t bytes)
{
    size_t align = explore_align(x, x->heap->page), size = explore_size(x, most);
    dirty(x, pool, size, align, bytes);
    if (explore_chance(x, 1, 2)) {
        explore_free_all(x, pool, explore_order(x));
    } else {
        size_t first = explore_between(x, 0, 1), step = explore_between(x, 2, 5);
        explore_free_some(x, pool, first, step, explore_between(x, 1, 2));
    }
    if (explore_chance(x, 1, 2)) /* the remainder that was split off stays dirty */
        pool_add(pool, pool->count < pool->capacity ? explore_allocate(x, explore_size(x, most), 1) : NULL);
    ask_zeroed(x, pool, size, most, explore_chance(x, 1, 2) ? align : explore_align(x, x->heap->page), bytes);
    if (pool->count > pool->capacity / 2 || explore_chance(x, 1, 3))
        explore_free_all(x, pool, explore_order(x));
}

/* Works at the border of memory that was never used: a block grows in place into it, is written there and freed, and
 * zeroes are asked for where it was. These blocks stay, so that the border moves. */
static void grow_then_zero(struct explorer *x, struct pool *pool, size_t most)
{
    size_t size = explore_between(x, 1, most), align = explore_align(x, 16), largest = size;
    struct block *block = explore_either(x, size, align);
    for (size_t step = 0; block != NULL && step < 6 && explore_goes_on(x); step++) {
        size_t target = block->requested + block->requested / explore_between(x, 1, 8) + 1;
        if (!explore_in_place(x, block, target) && !explore_chance(x, 1, 4))
            break;
        largest = block->requested > largest ? block->requested : largest;
    }
    if (block != NULL && explore_chance(x, 1, 3)) /* the dirt reaches further than its last size says */
        explore_in_place(x, block, explore_between(x, 1, block->requested));
    explore_free(x, block);
    if (pool->count < pool->capacity)
        pool_add(pool,
                 explore_allocate_zeroed(
                     x, explore_chance(x, 1, 2) ? largest : explore_between(x, largest / 2 + 1, largest * 2), align));
}

static void fresh_border(struct run *run)
{
    static const size_t most[] = {2000, 30000, 12000, 150000, 60000, 500000};
    struct explorer x = explore_begin(run);
    struct pool pool = pool_create(run, 400);
    size_t rounds = run_rounds(run, 40, 400);
    for (size_t round = 0; round < rounds && explore_goes_on(&x); round++) {
        grow_then_zero(&x, &pool, most[round / 8 % 6]);
        if (pool.count >= 60)
            explore_free_all(&x, &pool, explore_order(&x));
    }
    explore_free_all(&x, &pool, ORDER_ANY);
}

/* Works on the same memory in each round: dirty blocks of one class are freed, and zeroed ones of another are asked
 * for. */
static void refill_small(struct run *run)
{
    struct explorer x = explore_begin(run);
    struct pool pool = pool_create(run, 4096);
    size_t rounds = run_rounds(run, 25, 200);
    for (size_t round = 0; round < rounds && explore_goes_on(&x); round++)
        refill(&x, &pool, round % 3 == 0 ? 300 : round % 3 == 1 ? 5000 : 40000, round % 3 == 0 ? 12000 : 150000);
    explore_free_all(&x, &pool, ORDER_ANY);
}

/* The same with sizes whose mappings are kept, cut and joined. Other dirty memory stays live, because otherwise a purge
 * might hide what is not cleared. */
static void refill_large(struct run *run)
{
    struct explorer x = explore_begin(run);
    struct pool pool = pool_create(run, 512), kept = pool_create(run, 8);
    size_t rounds = run_rounds(run, 6, 70);
    if (explore_chance(&x, 1, 2))
        explore_learn_large(&x);
    for (size_t i = 0; i < 6; i++)
        pool_add(&kept, explore_allocate(&x, 100000 + i * 90001, 16));
    for (size_t round = 0; round < rounds && explore_goes_on(&x); round++)
        refill(&x, &pool, round % 4 == 0 ? (size_t)5 << 20 : round % 4 == 1 ? (size_t)1200000 : 400000, 1500000);
    explore_free_all(&x, &pool, ORDER_ANY);
    explore_free_all(&x, &kept, ORDER_ANY);
}

/* ---- alignments ---- */

/* A size just below, at or just above the alignment or a multiple of it: which sizes are rounded up, or are right by
 * luck, differs between these. */
static size_t aligned_size(struct explorer *x, size_t align)
{
    switch (explore_between(x, 0, 5)) {
    case 0: return align;
    case 1: return align > 1 ? align - explore_between(x, 1, align < 17 ? align - 1 : 16) : 1;
    case 2: return align + explore_between(x, 1, 16);
    case 3: return align * explore_between(x, 2, 4);
    case 4: align *= explore_between(x, 2, 3); return align + explore_between(x, 0, 2) - 1;
    default: return explore_size(x, align * 2 + 64);
    }
}

/* Allocates blocks, many of them under alignments of their own. Often a filler of odd size goes before, because the
 * first block of fresh memory is aligned by luck. Then it resizes some. */
static void realign(struct explorer *x, struct pool *pool, size_t align, size_t live)
{
    for (size_t i = 0; i < live && pool->count + 2 < pool->capacity && explore_goes_on(x); i++) {
        size_t size = aligned_size(x, align);
        if (explore_chance(x, 1, 3))
            pool_add(pool, explore_allocate(x, 1 + 2 * explore_between(x, 0, 40), 1));
        pool_add(pool, explore_either(x, size, explore_chance(x, 1, 4) ? explore_align(x, align) : align));
    }
    for (size_t i = 0; i < live / 3 && pool->count > 0 && explore_goes_on(x); i++) {
        struct block *block = pool->blocks[explore_between(x, 0, pool->count - 1)];
        explore_resize(x, block,
                       explore_chance(x, 1, 2) ? aligned_size(x, block_align(block))
                                               : explore_target(x, block, 3 * align + 100));
    }
}

/* Frees over-aligned blocks and asks for plain ones in their memory, and the other way round. */
static void realigned(struct run *run)
{
    struct explorer x = explore_begin(run);
    struct pool pool = pool_create(run, 1024);
    size_t rounds = run_rounds(run, 60, 800), most = (size_t)64 << 10;
    most = most < run->heap.max_align ? most : run->heap.max_align;
    for (size_t round = 0; round < rounds && explore_goes_on(&x); round++) {
        size_t align = run_align(run, most), live = align > 4096 ? 6 : align > 256 ? 30 : 80;
        realign(&x, &pool, align, live);
        explore_free_some(&x, &pool, 0, explore_between(&x, 1, 3), 1);
        realign(&x, &pool, explore_align(&x, 512), live);
        if (round % 4 == 3) {
            heap_verify_all(x.heap);
            explore_free_all(&x, &pool, explore_order(&x));
        }
    }
    explore_free_all(&x, &pool, ORDER_ANY);
}

static const struct scenario scenarios[] = {
    {.name = "explore/fresh-border",
     .about = "blocks grown in place into memory never used, freed, and zeroes asked for there",
     .clauses = EXPLORES_ZEROES EXPLORES_IN_PLACE EXPLORES_BLOCKS,
     .run = fresh_border},
    {.name = "explore/refill",
     .about = "dirty blocks freed in many orders, zeroed ones of other sizes asked for",
     .clauses = EXPLORES_BLOCKS EXPLORES_SIZES EXPLORES_ZEROES EXPLORES_IN_PLACE EXPLORES_FREES,
     .run = refill_small},
    {.name = "explore/refill-large",
     .about = "the same where mappings are kept, cut and joined",
     .clauses = EXPLORES_BLOCKS EXPLORES_SIZES EXPLORES_ZEROES EXPLORES_IN_PLACE,
     .run = refill_large},
    {.name = "explore/realigned",
     .about = "over-aligned blocks recycled as plain ones, and back",
     .clauses = EXPLORES_EVERYTHING " alignment/above-page",
     .run = realigned},
};

SCENARIOS(explore_recycle, "explore", EXPLORE_ORDER, scenarios);
