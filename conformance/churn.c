/* Churn: long random sequences over all six operations, and the deep states that single calls never reach.
 *
 * No clauses of its own: whatever breaks, the oracle knows it. What matters is where a sequence gets to: very many blocks, dirty memory of every
 * class, splits and merges, blocks that changed size and alignment many times. The same seed makes the same calls.
 */
#include <sys/mman.h>

#include "conformance/contract.h"
#include "conformance/run.h"

#define EVERYTHING "block/accessible block/disjoint block/undisturbed alignment/allocate alignment/allocate-zeroed " \
                   "alignment/reallocate usable-size/at-least-size usable-size/slack-owned zeroing/* reallocate/* in-place/* deallocate/old-size-range"

static void free_block(struct run *run, struct block *block)
{
    if (block != NULL)
        heap_deallocate(&run->heap, block, run_old_size(run, block));
}

static struct block *make_block(struct run *run, size_t most, size_t most_align)
{
    size_t size = run_size(run, most), align = run_align(run, most_align);
    return prng_chance(&run->prng, 1, 4) ? heap_allocate_zeroed(&run->heap, size, align) : heap_allocate(&run->heap, size, align);
}

/* A new size for a block: near, around its class's edge, or anywhere. */
static size_t new_size(struct run *run, const struct block *block, size_t most)
{
    size_t size;
    switch (prng_below(&run->prng, 6)) {
    case 0: size = block->requested + (size_t)prng_below(&run->prng, 32); break;
    case 1: size = block->requested - (size_t)prng_below(&run->prng, block->requested); break;
    case 2: size = block->extent + (size_t)prng_below(&run->prng, 2); break;
    case 3: size = block->requested + block->requested / 2; break;
    default: size = run_size(run, most); break;
    }
    return size == 0 ? 1 : size > most ? most : size;
}

static void resize_block(struct run *run, struct block *block, size_t most)
{
    size_t size = new_size(run, block, most), old_size = run_old_size(run, block);
    if (candidate_has(run->candidate, OP_REALLOCATE_INPLACE) && prng_chance(&run->prng, 1, 2))
        heap_reallocate_inplace(&run->heap, block, old_size, size);
    else
        heap_reallocate(&run->heap, block, old_size, size);
    if (!run->heap.tainted && prng_chance(&run->prng, 1, 8))
        heap_verify_neighbours(&run->heap, block);
}

/* Any of the six on one of `slots` blocks, `steps` times. */
static void churn(struct run *run, size_t steps, size_t slots, size_t most, size_t most_align)
{
    struct pool pool = pool_create(run, slots);
    for (size_t step = 0; step < steps && run_goes_on(run); step++) {
        uint64_t choice = prng_below(&run->prng, 8);
        if (pool.count < slots && (choice < 3 || pool.count == 0))
            pool_add(&pool, make_block(run, most, most_align));
        else if (pool.count > 0 && choice < 6)
            free_block(run, pool_take_any(run, &pool));
        else if (pool.count > 0)
            resize_block(run, pool.blocks[prng_below(&run->prng, pool.count)], most);
        if (step % 4096 == 4095)
            heap_verify_all(&run->heap);
    }
    pool_deallocate_all(run, &pool);
}

static void few_small(struct run *run) { churn(run, run_rounds(run, 10000, 120000), 60, 600, 64); }
static void many_mixed(struct run *run) { churn(run, run_rounds(run, 10000, 100000), 700, 20000, 4096); }
static void medium(struct run *run) { churn(run, run_rounds(run, 2000, 14000), 120, 200000, 4096); }
static void large(struct run *run) { churn(run, run_rounds(run, 150, 900), 24, (size_t)3 << 20, 65536); }

/* More blocks of one class than a 16-bit counter counts; freed in an order of its own, and allocated again. */
static void one_class(struct run *run)
{
    size_t count = run_rounds(run, 67000, 140000);
    struct pool pool = pool_create(run, count);
    size_t size = 1 + (size_t)prng_below(&run->prng, 40);
    for (int round = 0; round < 2 && run_goes_on(run); round++) {
        while (pool.count < count && pool_add(&pool, heap_allocate(&run->heap, size, 8)) && (pool.count % 256 != 0 || run_goes_on(run)))
            continue;
        heap_verify_all(&run->heap);
        while (pool.count > count / 3 && !run->heap.tainted)
            free_block(run, pool_take_any(run, &pool));
    }
    pool_deallocate_all(run, &pool);
}

/* Very many blocks over many classes at once. */
static void many_classes(struct run *run)
{
    size_t count = run_rounds(run, 20000, 200000);
    struct pool pool = pool_create(run, count);
    while (pool.count < count && pool_add(&pool, heap_allocate(&run->heap, run_size(run, 2000), 8)) && (pool.count % 256 != 0 || run_goes_on(run)))
        continue;
    heap_verify_all(&run->heap);
    for (size_t step = 0; step < count / 4 && pool.count > 0 && !run->heap.tainted; step++)
        resize_block(run, pool.blocks[prng_below(&run->prng, pool.count)], 2000);
    pool_deallocate_all(run, &pool);
}

/* Fill with one size, free every n-th or runs of neighbours, fill the holes with what splits or merges them, zeroed or not. */
static void holes(struct run *run)
{
    struct pool pool = pool_create(run, 8192);
    size_t rounds = run_rounds(run, 12, 90);
    for (size_t round = 0; round < rounds && run_goes_on(run); round++) {
        size_t size = run_size(run, round % 5 == 0 ? 60000 : 6000), live = size > 8000 ? 60 : size > 1000 ? 250 : 700;
        for (size_t i = 0; i < live && run_goes_on(run); i++)
            pool_add(&pool, heap_allocate(&run->heap, size, 16));
        size_t gap = 2 + (size_t)prng_below(&run->prng, 4), keep = 1 + (size_t)prng_below(&run->prng, gap - 1);
        for (size_t i = pool.count; i-- > 0 && !run->heap.tainted;)
            if (i % gap >= keep)
                free_block(run, pool_take(&pool, i));
        for (size_t i = 0; i < live / 2 && run_goes_on(run); i++) {
            size_t other = i % 3 == 0 ? size * 2 : i % 3 == 1 ? size / 2 + 1 : size + 1 + (size_t)prng_below(&run->prng, 64);
            pool_add(&pool, i % 2 ? heap_allocate_zeroed(&run->heap, other, 16) : heap_allocate(&run->heap, other, 16));
        }
        heap_verify_all(&run->heap);
        pool_deallocate_all(run, &pool);
    }
}

/* Blocks that only ever shrink, step by step, with their tails asked for by others. */
static void shrinking(struct run *run)
{
    struct pool pool = pool_create(run, 1024);
    size_t rounds = run_rounds(run, 10, 80);
    for (size_t round = 0; round < rounds && run_goes_on(run); round++) {
        struct block *block = heap_allocate(&run->heap, 3000 + run_size(run, 900000), run_align(run, 64));
        while (block != NULL && block->requested > 1 && run_goes_on(run)) {
            size_t size = block->requested - 1 - (size_t)prng_below(&run->prng, block->requested / 2 + 1);
            bool in_place = candidate_has(run->candidate, OP_REALLOCATE_INPLACE) && prng_chance(&run->prng, 2, 3);
            size = size == 0 ? 1 : size;
            if (in_place)
                in_place = heap_reallocate_inplace(&run->heap, block, run_old_size(run, block), size);
            if (!in_place && !heap_reallocate(&run->heap, block, run_old_size(run, block), size))
                break;
            if (pool.count < 900)
                pool_add(&pool, make_block(run, 9000, 64));
        }
        free_block(run, block);
        pool_deallocate_all(run, &pool);
    }
}

/* Mappings go downwards: a page mapped now lies right behind the one that is mapped next. It stays. */
static void guard_next_mapping(const struct run *run)
{
    void *page = mmap(NULL, run->heap.page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    (void)page;
}

/* A block asked for with the page behind it made inaccessible where the system will map next: what is read or written past the end of a mapping
 * shows as a fault, which no pattern does. */
static void tight_mappings(struct run *run)
{
    size_t page = run->heap.page, rounds = run_rounds(run, 60, 500);
    for (size_t round = 0; round < rounds && run_goes_on(run); round++) {
        size_t pages = 1 + (size_t)prng_below(&run->prng, round % 8 == 0 ? 700 : 90);
        size_t size = pages * page - (size_t)prng_below(&run->prng, 65);
        guard_next_mapping(run);
        struct block *block = round % 3 == 0 ? heap_allocate_zeroed(&run->heap, size, 8) : heap_allocate(&run->heap, size, 8);
        if (block == NULL)
            continue;
        resize_block(run, block, pages * page + page);
        free_block(run, block);
    }
}

static const struct scenario scenarios[] = {
    {.name = "churn/few-small", .about = "all six at random over 60 small blocks, a hundred thousand times", .clauses = EVERYTHING, .tags = "quick",
     .run = few_small},
    {.name = "churn/many-mixed", .about = "all six at random over 700 blocks of many classes", .clauses = EVERYTHING, .run = many_mixed},
    {.name = "churn/medium", .about = "all six at random over blocks of some pages", .clauses = EVERYTHING, .run = medium},
    {.name = "churn/large", .about = "all six at random over blocks of up to 3 MiB", .clauses = EVERYTHING, .run = large},
    {.name = "churn/one-class", .about = "140,000 live blocks of one class", .clauses = "block/*", .run = one_class},
    {.name = "churn/many-classes", .about = "200,000 live blocks over many classes, then resized", .clauses = "block/*", .run = many_classes},
    {.name = "churn/holes", .about = "every n-th block freed, the holes filled with what splits and merges them", .clauses = EVERYTHING,
     .run = holes},
    {.name = "churn/shrinking", .about = "blocks that only shrink, their tails asked for by others", .clauses = EVERYTHING, .run = shrinking},
    {.name = "churn/tight-mappings", .about = "whole pages, an inaccessible page behind the next mapping", .clauses = "block/accessible",
     .run = tight_mappings},
};

static const struct clause clauses[] = {};

CLAUSE_GROUP(churn, "churn", 90, clauses, scenarios);
