/* What lies beside a block: free memory that is split, joined and grown into, up to its last byte and no further. */
#include "conformance/clauses/explore/explore.h"

/* ---- split and merge ---- */

/* A size that just fits, or just does not fit, into `pieces` freed neighbours of `size` bytes. Each of them takes
 * `pitch` bytes of memory. */
static size_t merged(struct explorer *x, size_t size, size_t pitch, size_t pieces)
{
    static const unsigned char less[] = {0, 1, 8, 16, 32, 64};
    size_t whole = pitch * (pieces - 1) + size, off = less[explore_between(x, 0, 5)];
    return explore_chance(x, 1, 2) ? whole + off : whole > off ? whole - off : 1;
}

/* The distance of neighbours in a pool that is in order of address; their size if they are no neighbours. */
static size_t pitch_of(const struct pool *pool, size_t size)
{
    size_t pitch = SIZE_MAX;
    for (size_t i = 0; i + 1 < pool->count && i < 16; i++)
        if (pool->blocks[i + 1]->address - pool->blocks[i]->address < pitch)
            pitch = pool->blocks[i + 1]->address - pool->blocks[i]->address;
    return pitch >= size && pitch < 2 * size + 4096 ? pitch : size;
}

static void split_and_merge(struct explorer *x, struct pool *pool, size_t size, size_t live)
{
    size_t align = explore_align(x, 256);
    for (size_t i = 0; i < live && pool->count < pool->capacity && explore_goes_on(x); i++)
        pool_add(pool, explore_either(x, size, align));
    explore_sort(pool);
    size_t pitch = pitch_of(pool, size), pieces = explore_between(x, 1, 3);
    size_t first = explore_between(x, 0, 2), kept = explore_between(x, 1, 2);
    explore_free_some(x, pool, first, pieces + kept, pieces);
    for (size_t i = 0; i < live / 2 && pool->count < pool->capacity && explore_goes_on(x); i++) {
        size_t wanted = merged(x, size, pitch, pieces);
        if (explore_chance(x, 1, 3))
            wanted = explore_between(x, 1, size);
        pool_add(pool, explore_either(x, wanted, explore_chance(x, 3, 4) ? align : explore_align(x, 4096)));
    }
    for (size_t i = 0; i < pool->count / 4 && explore_goes_on(x); i++) {
        struct block *block = pool->blocks[explore_between(x, 0, pool->count - 1)];
        explore_resize(x, block,
                       explore_chance(x, 1, 2) ? merged(x, block->requested, pitch, 2)
                                               : explore_target(x, block, 4 * size));
    }
    heap_verify_all(x->heap);
}

static void split_then_merge(struct run *run)
{
    struct explorer x = explore_begin(run);
    struct pool pool = pool_create(run, 2048);
    size_t rounds = run_rounds(run, 50, 600);
    for (size_t round = 0; round < rounds && explore_goes_on(&x); round++) {
        size_t size = explore_size(&x, round % 6 == 0 ? 300000 : round % 2 == 0 ? 40000 : 3000);
        split_and_merge(&x, &pool, size, size > 40000 ? 12 : size > 3000 ? 40 : 150);
        if (pool.count > 900 || explore_chance(&x, 1, 3))
            explore_free_all(&x, &pool, explore_order(&x));
        else
            explore_free_some(&x, &pool, 0, 2, 1);
    }
    explore_free_all(&x, &pool, ORDER_ANY);
}

/* ---- growing in place ---- */

/* In a pool in order of address, [at] grows over [at + 1], which is freed, towards [at + 2], which is live. All others
 * stay as they were. */
static void grow_over(struct explorer *x, struct pool *pool, size_t at, size_t most)
{
    static const size_t units[] = {1, 8, 16, 64, 4096};
    struct block *block = pool->blocks[at], *right = pool->blocks[at + 1];
    size_t gap = right->address - block->address, reach = gap + right->extent;
    size_t right_size = right->requested, right_align = block_align(right);
    size_t off = units[explore_between(x, 0, 4)];
    off *= explore_between(x, 0, 2);
    if (right->address < block->address || reach > most) /* they are no neighbours any more, or too far apart */
        return;
    explore_free(x, right);
    if (at > 0 && explore_chance(x, 1, 3)) {
        explore_free(x, pool->blocks[at - 1]);
        pool->blocks[at - 1] = NULL;
    }
    if (explore_chance(x, 1, 3)) /* a part of it is taken again first, so that only a remainder is left */
        pool->blocks[at + 1] = explore_allocate(x, explore_between(x, 1, right_size), 1);
    else
        pool->blocks[at + 1] = NULL;
    bool grown = explore_in_place(x, block, explore_chance(x, 1, 2) ? reach + off : reach > off ? reach - off : 1);
    if (!grown && explore_chance(x, 1, 2))
        grown = explore_in_place(x, block, explore_between(x, gap < reach ? gap : reach, reach));
    if (!grown && explore_chance(x, 1, 4))
        explore_reallocate(x, block, reach);
    if (!x->heap->tainted)
        heap_verify_neighbours(x->heap, block);
    if (explore_chance(x, 1, 3)) /* and shrinks again: then the tail is free for others once more */
        explore_in_place(x, block, explore_between(x, 1, block->requested));
    if (pool->blocks[at + 1] == NULL)
        pool->blocks[at + 1] = explore_either(x, right_size, right_align);
    if (at > 0 && pool->blocks[at - 1] == NULL)
        pool->blocks[at - 1] = explore_either(x, right_size, right_align);
}

static void drop_gaps(struct pool *pool)
{
    size_t kept = 0;
    for (size_t i = 0; i < pool->count; i++)
        if (pool->blocks[i] != NULL)
            pool->blocks[kept++] = pool->blocks[i];
    pool->count = kept;
}

static void into_neighbours(struct run *run)
{
    struct explorer x = explore_begin(run);
    struct pool pool = pool_create(run, 512);
    size_t rounds = run_rounds(run, 40, 500);
    if (explore_chance(&x, 1, 2))
        explore_learn_large(&x);
    for (size_t round = 0; round < rounds && explore_goes_on(&x); round++) {
        size_t most = round % 8 == 0 ? (size_t)6 << 20 : round % 2 == 0 ? 100000 : 5000;
        size_t size = explore_size(&x, most / 3), live = size > 100000 ? 6 : size > 5000 ? 16 : 60;
        for (size_t i = 0; i < live && explore_goes_on(&x); i++) {
            size_t own = explore_chance(&x, 2, 3) ? size : explore_size(&x, most / 3);
            size_t align = explore_align(&x, 128);
            pool_add(&pool, explore_either(&x, own, align));
        }
        for (size_t turn = 0; turn < live && pool.count > 3 && explore_goes_on(&x); turn++) {
            if (turn % 4 == 0)
                explore_sort(&pool);
            grow_over(&x, &pool, explore_between(&x, 0, pool.count - 3), most);
            drop_gaps(&pool);
        }
        heap_verify_all(x.heap);
        explore_free_all(&x, &pool, explore_order(&x));
    }
}

/* ---- to the end of what there is ---- */

/* Grows in place by ever smaller steps as far as it goes: behind the last byte that is granted lies a neighbour or the
 * end of a chunk. */
static void grow_to_the_end(struct explorer *x, struct block *block, size_t most)
{
    for (size_t step = most / 2; step > 0 && explore_goes_on(x);)
        if (block->requested + step > most || !explore_in_place(x, block, block->requested + step))
            step /= 2;
}

static void to_the_end(struct run *run)
{
    struct explorer x = explore_begin(run);
    struct pool pool = pool_create(run, 512);
    size_t rounds = run_rounds(run, 16, 240);
    for (size_t round = 0; round < rounds && explore_goes_on(&x); round++) {
        static const size_t mosts[] = {3 << 20, 1 << 20, 200000, 16000};
        size_t most = mosts[round % 4];
        size_t first = explore_size(&x, most / 16), align = explore_align(&x, 64);
        struct block *block = explore_either(&x, first, align);
        if (block == NULL)
            continue;
        grow_to_the_end(&x, block, most);
        pool_add(&pool, block);
        for (size_t i = 0; i < 2; i++)
            pool_add(&pool, explore_either(&x, explore_size(&x, 600), 1));
        heap_verify_neighbours(x.heap, block);
        if (pool.count > 60)
            explore_free_some(&x, &pool, 0, 2, 1);
    }
    heap_verify_all(x.heap);
    explore_free_all(&x, &pool, explore_order(&x));
}

/* ---- ladders ---- */

/* One block grows and shrinks between some bytes and many MiB, by steps of all kinds, while others come and go around
 * it. */
static void ladder(struct explorer *x, struct pool *others, size_t most)
{
    size_t first = explore_size(x, most / 64 + 1), align = explore_align(x, 4096);
    struct block *block = explore_allocate(x, first, align);
    for (size_t steps = explore_between(x, 8, 30), step = 0; block != NULL && step < steps && explore_goes_on(x);
         step++) {
        bool up = explore_chance(x, 2, 3);
        size_t now = block->requested, size = explore_target(x, block, most);
        if (up && size < now)
            size = now + explore_between(x, 0, now / (explore_chance(x, 1, 2) ? 16 : 1)) + 1;
        size = size > most ? most : size;
        if (!explore_in_place(x, block, size) && explore_chance(x, 1, 2))
            explore_reallocate(x, block, size);
        if (others->count < others->capacity)
            pool_add(others, explore_either(x, explore_size(x, explore_chance(x, 1, 8) ? most / 8 + 1 : 3000), 1));
        if (others->count > 60)
            explore_free(x, pool_take_any(x->run, others));
    }
    explore_free(x, block);
}

static void ladders(struct run *run)
{
    struct explorer x = explore_begin(run);
    struct pool others = pool_create(run, 200);
    size_t rounds = run_rounds(run, 30, 300);
    explore_learn_large(&x);
    for (size_t round = 0; round < rounds && explore_goes_on(&x); round++) {
        ladder(&x, &others,
               round % 16 == 0  ? (size_t)48 << 20
               : round % 4 == 0 ? (size_t)3 << 20
               : round % 2 == 0 ? 300000
                                : 9000);
        if (round % 8 == 7)
            explore_free_all(&x, &others, explore_order(&x));
    }
    explore_free_all(&x, &others, ORDER_ANY);
}

static const struct scenario scenarios[] = {
    {.name = "explore/split-and-merge",
     .about = "every n-th of equal neighbours is freed, and sizes that just fit there are asked for",
     .clauses = EXPLORES_EVERYTHING,
     .run = split_then_merge},
    {.name = "explore/into-neighbours",
     .about = "blocks grown in place over freed neighbours, to their last byte and one further",
     .clauses = EXPLORES_BLOCKS EXPLORES_SIZES EXPLORES_IN_PLACE,
     .needs = NEEDS_IN_PLACE,
     .run = into_neighbours},
    {.name = "explore/to-the-end",
     .about = "blocks grown in place to the last byte that is granted, and the next ones made there",
     .clauses = EXPLORES_BLOCKS EXPLORES_SIZES EXPLORES_IN_PLACE,
     .needs = NEEDS_IN_PLACE,
     .run = to_the_end},
    {.name = "explore/ladders",
     .about = "single blocks up and down between bytes and many MiB",
     .clauses = EXPLORES_BLOCKS EXPLORES_SIZES EXPLORES_RESIZING EXPLORES_IN_PLACE,
     .run = ladders},
};

SCENARIOS(explore_neighbours, "explore", EXPLORE_ORDER, scenarios);
