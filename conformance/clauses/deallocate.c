/* deallocate accepts every legal old_size, and later requests use the memory again. */
#include "conformance/contract.h"
#include "conformance/scenario/run.h"

static const struct clause clauses[] = {
    {.id = "deallocate/old-size-range",
     .level = LEVEL_MUST,
     .strength = "documented",
     .statement = "Every old_size in requested ..= usable_size is accepted, and nothing later shows it.",
     .source = "heap.rs 1.19, deallocate [C6] [A16]",
     .why = "callers may pass the size they asked for or the size they have",
     .broken_by = "choosing the free list by an old_size that is not the requested one",
     .needs = NEEDS_OLD_SIZE_RANGE,
     .moot_if = "reallocate/contents",
     .moot_note = "usable_size was the size itself, always"},
    {.id = "deallocate/reuse",
     .level = LEVEL_SHOULD,
     .strength = "quality",
     .statement = "Freed memory serves later requests: the footprint is bounded over a steady state, per size class, "
                  "for large blocks, across reallocate and across threads that end.",
     .source = "not promised anywhere: a bump allocator conforms",
     .why = "a program that runs for long grows without end",
     .broken_by = "free lists that are never looked at; caches of ended threads that are lost"},
};

/* Frees blocks with every old_size in range, then allocates many blocks of that class and the next ones: a block that
 * was filed under the wrong class comes back too small. */
static void every_old_size(struct run *run)
{
    struct pool pool = pool_create(run, 512);
    size_t top = run_rounds(run, 300, 3000);
    for (size_t size = 1; size <= top && run_goes_on(run); size += 1 + size / 48) {
        struct block *block = heap_allocate(&run->heap, size, 8);
        if (block == NULL)
            continue;
        size_t low = heap_old_size_low(block), high = heap_old_size_high(&run->heap, block);
        heap_deallocate(&run->heap, block, low);
        for (size_t old_size = low; old_size <= high && run_goes_on(run); old_size += 1 + (high - low) / 12) {
            block = heap_allocate(&run->heap, size, 8);
            if (block != NULL)
                heap_deallocate(&run->heap, block, old_size);
        }
        for (size_t i = 0; i < 12 && run_goes_on(run); i++)
            pool_add(&pool, heap_allocate(&run->heap, high + i % 3, 8));
        pool_deallocate_all(run, &pool);
    }
}

/* Frees large and over-aligned blocks with the upper end of their range. */
static void upper_ends(struct run *run)
{
    struct pool pool = pool_create(run, 256);
    size_t rounds = run_rounds(run, 300, 2500);
    for (size_t round = 0; round < rounds && run_goes_on(run); round++) {
        if (pool.count > 60) {
            struct block *block = pool_take_any(run, &pool);
            heap_deallocate(&run->heap, block, heap_old_size_high(&run->heap, block));
        }
        size_t size = run_size(run, round % 16 == 0 ? (size_t)2 << 20 : 40000);
        pool_add(&pool, heap_allocate(&run->heap, size, run_align(run, run->heap.page)));
    }
    pool_deallocate_all(run, &pool);
}

/* Allocates large blocks, plain ones and ones aligned beyond a page by turns, so that one begins where another ends. It
 * frees every other one, with an old_size from its range, and verifies the rest. */
static void among_large(struct run *run)
{
    struct pool pool = pool_create(run, 48);
    size_t rounds = run_rounds(run, 3, 24);
    for (size_t round = 0; round < rounds && run_goes_on(run); round++) {
        size_t align = run->heap.page << (1 + round % 6);
        align = align < run->heap.max_align ? align : run->heap.max_align;
        for (size_t i = 0; i < 24 && run_goes_on(run); i++) {
            size_t size =
                run->heap.page * (16 + (size_t)prng_below(&run->prng, 16)) - (size_t)prng_below(&run->prng, 3);
            pool_add(&pool, heap_allocate(&run->heap, size, i % 2 ? align : 8));
        }
        for (size_t i = 0; i < pool.count && run_goes_on(run); i++) {
            struct block *block = pool_take(&pool, i); /* the last one takes its place, so every other one goes */
            heap_deallocate(&run->heap, block, run_old_size(run, block));
            heap_verify_all(&run->heap);
        }
        pool_deallocate_all(run, &pool);
    }
}

static const struct scenario scenarios[] = {
    {.name = "deallocate/every-old-size",
     .about = "every old_size in its range, then many blocks of that class and the next",
     .clauses = "deallocate/old-size-range",
     .needs = NEEDS_OLD_SIZE_RANGE,
     .tags = "quick",
     .run = every_old_size},
    {.name = "deallocate/upper-ends",
     .about = "old_size at its upper end for large and over-aligned blocks",
     .clauses = "deallocate/old-size-range",
     .needs = NEEDS_OLD_SIZE_RANGE,
     .run = upper_ends},
    {.name = "deallocate/among-large",
     .about = "large blocks, some aligned beyond a page; every other one goes, the rest is looked at",
     .clauses = "block/undisturbed deallocate/old-size-range",
     .run = among_large},
};

CLAUSE_GROUP(deallocate, "deallocate", 80, clauses, scenarios);
