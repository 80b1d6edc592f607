/* reallocate: the bytes are kept, or nothing has happened. */
#include "conformance/contract.h"
#include "conformance/scenario/run.h"

static const struct clause clauses[] = {
    {.id = "reallocate/contents",
     .level = LEVEL_MUST,
     .strength = "required-by-std",
     .statement = "The first min(old_size, size) bytes are kept.",
     .source = "[A5]: every Vec relies on it [U3]; rust-lang/rust#16687 [B3]",
     .why = "a vector that grows keeps its elements",
     .broken_by =
         "copying the wrong length; moving the offset and not the data; copying after the old block was reused",
     .tells_of_race = true},
    {.id = "reallocate/slack-contents",
     .level = LEVEL_MUST,
     .strength = "derived",
     .statement = "The same when old_size lies above the requested size.",
     .source = "[A6]: [C6] and [A5] together",
     .why = "a caller that uses the slack loses it on the next growth",
     .broken_by = "copying the requested size that the allocator remembers",
     .needs = NEEDS_OLD_SIZE_RANGE,
     .moot_if = "reallocate/contents",
     .moot_note = "usable_size was the size itself, always",
     .tells_of_race = true},
    {.id = "reallocate/failure-intact",
     .level = LEVEL_MUST,
     .strength = "documented",
     .statement = "Null leaves the old block as it was, and still owned.",
     .source = "heap.rs 1.19, reallocate [A7]; rust-lang/rust#32993 [B2]",
     .why = "the caller handles the failure and goes on with the old block",
     .broken_by = "freeing before the new block is had; writing through null",
     .tells_of_race = true},
    {.id = "reallocate/old-size-range",
     .level = LEVEL_MUST,
     .strength = "documented",
     .statement = "Every old_size in requested ..= usable_size is accepted.",
     .source = "heap.rs 1.19, reallocate [C6] [A16]",
     .why = "callers may pass the size they asked for or the size they have",
     .broken_by = "looking up the size class by an old_size that is not the requested one",
     .needs = NEEDS_OLD_SIZE_RANGE,
     .moot_if = "reallocate/contents",
     .moot_note = "usable_size was the size itself, always"},
    {.id = "reallocate/shrink-succeeds",
     .level = LEVEL_OBSERVED,
     .strength = "open",
     .statement = "A reallocate to a smaller size does not answer null.",
     .source = "[A8]: nothing forbids it; shrink_to_fit aborts the process on it [U4] [B22]",
     .why = "Vec::shrink_to_fit and into_boxed_slice abort on null",
     .broken_by = "shrinking by allocating anew"},
};

/* Resizes from every size of a ladder to every other, both ways, among live neighbours. */
static void every_pair(struct run *run)
{
    size_t ladder[64], count = 0, top = run_rounds(run, 5000, 140000);
    for (size_t size = 1; size < top && count < 60; size = size + size / 3 + 1)
        ladder[count++] = size;
    for (size_t from = 0; from < count && run_goes_on(run); from++)
        for (size_t to = 0; to < count && run_goes_on(run); to++) {
            struct block *block = heap_allocate(&run->heap, ladder[from], 8);
            struct block *neighbour = heap_allocate(&run->heap, ladder[from], 8);
            if (block != NULL) {
                heap_reallocate(&run->heap, block, run_old_size(run, block), ladder[to]);
                heap_verify_neighbours(&run->heap, block);
                heap_deallocate(&run->heap, block, run_old_size(run, block));
            }
            if (neighbour != NULL)
                heap_deallocate(&run->heap, neighbour, run_old_size(run, neighbour));
        }
}

/* The test of rustc for reallocate (realloc-16687): rows of sizes are grown and shrunk, forwards and backwards, and all
 * are verified after each call. */
static void rows(struct run *run)
{
    struct pool pool = pool_create(run, 64);
    for (size_t i = 1; i <= 16; i++)
        pool_add(&pool, heap_allocate(&run->heap, 10 + i * 70 / 16, 1));
    size_t passes = run_rounds(run, 4, 24);
    for (size_t pass = 0; pass < passes && run_goes_on(run); pass++)
        for (size_t i = 0; i < pool.count && run_goes_on(run); i++) {
            struct block *block = pool.blocks[pass / 2 % 2 ? pool.count - 1 - i : i];
            heap_reallocate(&run->heap, block, run_old_size(run, block), pass % 2 ? 10 + i * 4 : 160 + pass * 40);
            heap_verify_all(&run->heap);
        }
    pool_deallocate_all(run, &pool);
}

/* Grows a block in small and large steps and shrinks it again, while neighbours come and go. */
static void ladders(struct run *run)
{
    size_t rounds = run_rounds(run, 20, 120);
    struct pool others = pool_create(run, 512);
    for (size_t round = 0; round < rounds && run_goes_on(run); round++) {
        size_t align = run_align(run, 512), top = round % 4 == 0 ? (size_t)3 << 20 : 60000;
        struct block *block = heap_allocate(&run->heap, 1 + (size_t)prng_below(&run->prng, 40), align);
        for (size_t step = 0; block != NULL && step < 24 && run_goes_on(run); step++) {
            if (others.count < 400)
                pool_add(&others, heap_allocate(&run->heap, run_size(run, 4000), 8));
            size_t size = step < 16 ? block->requested + 1 + (size_t)prng_below(&run->prng, block->requested)
                                    : block->requested / 3 + 1;
            heap_reallocate(&run->heap, block, run_old_size(run, block), size > top ? top - step : size);
        }
        if (block != NULL)
            heap_deallocate(&run->heap, block, run_old_size(run, block));
        while (others.count > 200 && run_goes_on(run)) {
            struct block *other = pool_take_any(run, &others);
            heap_deallocate(&run->heap, other, run_old_size(run, other));
        }
    }
    pool_deallocate_all(run, &others);
}

/* Passes each legal old_size of small sizes, and a sample of those of larger ones. */
static void old_sizes(struct run *run)
{
    size_t top = run_rounds(run, 200, 1200);
    for (size_t size = 1; size <= top && run_goes_on(run); size += 1 + size / 64) {
        struct block *block = heap_allocate(&run->heap, size, 8);
        if (block == NULL)
            continue;
        size_t low = heap_old_size_low(block), high = heap_old_size_high(&run->heap, block);
        heap_deallocate(&run->heap, block, low);
        for (size_t old_size = low; old_size <= high && run_goes_on(run); old_size += 1 + (high - low) / 16) {
            block = heap_allocate(&run->heap, size, 8);
            if (block == NULL)
                break;
            bool grown = heap_reallocate(&run->heap, block, old_size, size * 2 + 1);
            heap_deallocate(&run->heap, block, grown ? run_old_size(run, block) : block->requested);
            block = heap_allocate(&run->heap, size, 8);
            if (block == NULL)
                break;
            heap_reallocate(&run->heap, block, old_size, size / 2 + 1);
            heap_deallocate(&run->heap, block, run_old_size(run, block));
        }
    }
}

/* Makes requests that nobody can meet: the answer is null, and the old block is as it was. Then it allocates many
 * blocks of that size, none of which may be the old block. */
static void impossible(struct run *run)
{
    struct pool pool = pool_create(run, 256);
    static const size_t sizes[] = {1, 24, 100, 1000, 5000, 40000, 300000};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes && run_goes_on(run); s++)
        for (size_t align = 1; align <= 4096 && align <= run->heap.max_align && run_goes_on(run); align *= 16) {
            struct block *block = heap_allocate(&run->heap, sizes[s], align);
            if (block == NULL)
                continue;
            heap_reallocate(&run->heap, block, run_old_size(run, block), (size_t)PTRDIFF_MAX - 4096 - s);
            for (size_t i = 0; i < 40 && run_goes_on(run); i++)
                pool_add(&pool, heap_allocate(&run->heap, sizes[s], align));
            heap_deallocate(&run->heap, block, run_old_size(run, block));
            pool_deallocate_all(run, &pool);
        }
}

static const struct scenario scenarios[] = {
    {.name = "reallocate/every-pair",
     .about = "from every class of a ladder to every other",
     .tags = "quick",
     .clauses = "reallocate/contents reallocate/slack-contents reallocate/old-size-range reallocate/shrink-succeeds",
     .run = every_pair},
    {.name = "reallocate/rows",
     .about = "rows grown and shrunk, forwards and backwards, all verified after each",
     .clauses = "reallocate/contents block/undisturbed",
     .run = rows},
    {.name = "reallocate/ladders",
     .about = "up in steps and down again, with neighbours that come and go",
     .clauses = "reallocate/contents reallocate/slack-contents",
     .run = ladders},
    {.name = "reallocate/old-sizes",
     .about = "every old_size in its range",
     .needs = NEEDS_OLD_SIZE_RANGE,
     .clauses = "reallocate/old-size-range reallocate/slack-contents",
     .run = old_sizes},
    {.name = "reallocate/impossible",
     .about = "requests nobody can meet, then many blocks of the old size",
     .clauses = "reallocate/failure-intact",
     .run = impossible},
};

CLAUSE_GROUP(reallocate, "reallocate", 60, clauses, scenarios);
