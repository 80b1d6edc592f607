/* Zeroing: callers rely on allocate_zeroed without looking (vec![0; n] skips its own initialisation), so recycled
 * memory must be cleared just like fresh memory.
 *
 * Every block that the oracle frees is dirty, because its owner wrote every byte of it. What matters here is which
 * dirty memory serves a zeroed request: memory of the same class, of another class, split, merged, or a mapping that
 * was kept for later.
 */
#include <sys/mman.h>
#include <sys/resource.h>

#include "conformance/contract.h"
#include "conformance/scenario/run.h"

static const struct clause clauses[] = {
    {.id = "zeroing/allocate-zeroed",
     .level = LEVEL_MUST,
     .strength = "documented",
     .statement = "The first size bytes of a non-null result of allocate_zeroed read zero, on fresh and on recycled "
                  "memory, small and mapped, over-aligned too.",
     .source = "heap.rs 1.19, allocate_zeroed [A3]; vec![0; n] relies on it [U8]",
     .why = "programs read another program part's old bytes as their zeroes",
     .broken_by =
         "trusting that memory is fresh; clearing whole words only; clearing before the alignment offset is known",
     .needs = NEEDS_ALLOCATE_ZEROED,
     .tells_of_race = true},
    {.id = "zeroing/slack",
     .level = LEVEL_OBSERVED,
     .strength = "open",
     .statement = "The bytes between size and usable_size read zero too.",
     .source = "left open [G6]",
     .why = "a reader of the report may want to know",
     .broken_by = "clearing just what was asked for",
     .needs = NEEDS_ALLOCATE_ZEROED | NEEDS_USABLE_SIZE},
};

/* Frees dirty blocks of one size and asks for zeroed ones of another. */
static void pair(struct run *run, struct pool *pool, size_t dirty, size_t zeroed, size_t align, size_t live)
{
    for (size_t i = 0; i < live && run_goes_on(run); i++)
        pool_add(pool, heap_allocate(&run->heap, dirty, align));
    pool_deallocate_all(run, pool);
    for (size_t i = 0; i < live && run_goes_on(run); i++)
        pool_add(pool, heap_allocate_zeroed(&run->heap, zeroed, align));
    pool_deallocate_all(run, pool);
}

static void same_class(struct run *run)
{
    struct pool pool = pool_create(run, 512);
    size_t top = run_rounds(run, 300, 2100);
    for (size_t size = 1; size <= top && run_goes_on(run); size += size < 300 ? 1 : 37)
        pair(run, &pool, size, size, 8, 24);
}

static void other_class(struct run *run)
{
    struct pool pool = pool_create(run, 512);
    size_t rounds = run_rounds(run, 60, 600);
    for (size_t round = 0; round < rounds && run_goes_on(run); round++) {
        size_t dirty = run_size(run, 70000), zeroed = run_size(run, 70000), align = run_align(run, 512);
        pair(run, &pool, dirty, zeroed, align, (dirty > zeroed ? dirty : zeroed) > 8192 ? 6 : 40);
    }
}

/* Mapped blocks: an allocator that keeps a mapping for later keeps its dirt too. Other dirty memory stays live, because
 * otherwise the allocator might give the memory back to the system, and that clears it. */
static void mapped(struct run *run)
{
    struct pool kept = pool_create(run, 64), pool = pool_create(run, 64);
    size_t rounds = run_rounds(run, 6, 40);
    for (size_t i = 0; i < 4; i++)
        pool_add(&kept, heap_allocate(&run->heap, 300000 + i * 70001, 16));
    for (size_t round = 0; round < rounds && run_goes_on(run); round++) {
        size_t dirty = 60000 + (size_t)prng_below(&run->prng, round % 4 == 0 ? 5000000 : 600000);
        size_t zeroed = prng_chance(&run->prng, 1, 2) ? dirty - (size_t)prng_below(&run->prng, 50000)
                                                      : 60000 + (size_t)prng_below(&run->prng, 600000);
        pair(run, &pool, dirty, zeroed, prng_chance(&run->prng, 1, 3) ? run->heap.page : 16, 2);
    }
    pool_deallocate_all(run, &kept);
}

/* Blocks of many MiB, one at a time, some of them aligned beyond a page: the largest classes of an allocator, or
 * mappings too long to be kept. */
static void large(struct run *run)
{
    struct pool kept = pool_create(run, 4), pool = pool_create(run, 8);
    size_t rounds = run_rounds(run, 3, 16);
    pool_add(&kept, heap_allocate(&run->heap, 300000, 16));
    for (size_t round = 0; round < rounds && run_goes_on(run); round++) {
        size_t least = ((size_t)3 << 20) << round % 3, dirty = least + (size_t)prng_below(&run->prng, least);
        size_t zeroed = prng_chance(&run->prng, 1, 3) ? dirty : dirty - (size_t)prng_below(&run->prng, dirty / 4);
        pair(run, &pool, dirty, zeroed, prng_chance(&run->prng, 1, 3) ? run_align(run, (size_t)1 << 20) : 16, 1);
    }
    pool_deallocate_all(run, &kept);
}

/* Begins with the largest blocks, because what an allocator keeps after them may differ from what it keeps after
 * smaller ones. */
static void down_from_36_mib(struct run *run)
{
    struct pool pool = pool_create(run, 64);
    size_t each = run_rounds(run, 1, 3), rounds = 10 * each;
    for (size_t round = 0; round < rounds && run_goes_on(run); round++) {
        size_t power = 9 - round / each, most = (size_t)70000 << power,
               dirty = most / 2 + (size_t)prng_below(&run->prng, most / 2);
        pair(run, &pool, dirty, prng_chance(&run->prng, 1, 2) ? dirty : dirty - dirty / 8, 16, power < 5 ? 4 : 1);
    }
}

static void same_class_of_few(struct run *run)
{
    struct pool pool = pool_create(run, 64);
    for (size_t size = 1; size <= 70000 && run_goes_on(run); size = size * 3 + 1)
        pair(run, &pool, size, size, 8, 24);
}

/* A program has locked its memory (mlockall): the system then does not drop the contents of pages that are given up,
 * and reports that. Where locking is not allowed, this scenario checks nothing. */
static void locked(struct run *run)
{
    if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) != 0)
        return;
    down_from_36_mib(run);
    munlockall();
}

/* A program has all the descriptors open that it may have: an allocator that opens /dev/zero or a memory file for its
 * zeroes gets none. */
static void without_descriptors(struct run *run)
{
    struct rlimit limit;
    same_class_of_few(run);
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = 0;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    same_class_of_few(run);
    down_from_36_mib(run);
}

/* Asks for over-aligned zeroed blocks from dirty memory, with sizes whose tail is no whole word. */
static void over_aligned(struct run *run)
{
    struct pool pool = pool_create(run, 512);
    size_t most = run->heap.page < run->heap.max_align ? run->heap.page : run->heap.max_align;
    for (size_t align = 16; align <= most && run_goes_on(run); align *= 2)
        for (size_t size = 1; size <= 3 * align && run_goes_on(run); size = size * 2 + 1)
            pair(run, &pool, size + align / 2, size, align, align >= 1024 ? 6 : 24);
}

/* Resizes blocks before it frees them: the dirt reaches as far as they ever did. */
static void after_resizing(struct run *run)
{
    struct pool pool = pool_create(run, 512);
    size_t rounds = run_rounds(run, 300, 3000);
    for (size_t round = 0; round < rounds && run_goes_on(run); round++) {
        size_t size = run_size(run, 40000);
        struct block *block = prng_chance(&run->prng, 1, 2) ? heap_allocate_zeroed(&run->heap, size, 16)
                                                            : heap_allocate(&run->heap, size, 16);
        if (block != NULL && prng_chance(&run->prng, 2, 3)) {
            size_t old_size = run_old_size(run, block);
            heap_reallocate(&run->heap, block, old_size, run_size(run, 40000));
        }
        if (pool_add(&pool, block) && pool.count > 60)
            for (size_t i = 0; i < 40 && !run->heap.tainted; i++) {
                struct block *old = pool_take_any(run, &pool);
                heap_deallocate(&run->heap, old, run_old_size(run, old));
            }
    }
    pool_deallocate_all(run, &pool);
}

/* Blocks grow in place into memory that nobody has used, and are freed: the memory into which they grew is dirty, too.
 */
static void after_growing(struct run *run)
{
    size_t top = run_rounds(run, 100000, 900000);
    for (size_t size = 100; size < top && run_goes_on(run); size += size / 5 + 1) {
        size_t grown = size + size / 2 + (size_t)prng_below(&run->prng, size);
        struct block *block = heap_allocate(&run->heap, size, 16), *zeroed[4];
        if (block == NULL)
            continue;
        if (candidate_has(run->candidate, OP_REALLOCATE_INPLACE) && prng_chance(&run->prng, 3, 4))
            heap_reallocate_inplace(&run->heap, block, run_old_size(run, block), grown);
        else
            heap_reallocate(&run->heap, block, run_old_size(run, block), grown);
        heap_deallocate(&run->heap, block, run_old_size(run, block));
        for (size_t i = 0; i < 4; i++)
            zeroed[i] = heap_allocate_zeroed(&run->heap, i == 0 ? grown : i == 1 ? size : grown * i, 16);
        for (size_t i = 0; i < 4; i++)
            if (zeroed[i] != NULL)
                heap_deallocate(&run->heap, zeroed[i], run_old_size(run, zeroed[i]));
    }
}

static const struct scenario scenarios[] = {
    {.name = "zeroing/same-class",
     .about = "dirty blocks freed, zeroed ones of the same size asked for",
     .clauses = "zeroing/*",
     .needs = NEEDS_ALLOCATE_ZEROED,
     .tags = "quick",
     .run = same_class},
    {.name = "zeroing/other-class",
     .about = "dirty blocks of one size freed, zeroed ones of another asked for",
     .clauses = "zeroing/*",
     .needs = NEEDS_ALLOCATE_ZEROED,
     .run = other_class},
    {.name = "zeroing/mapped",
     .about = "large dirty blocks freed while others stay, zeroed ones asked for",
     .clauses = "zeroing/*",
     .needs = NEEDS_ALLOCATE_ZEROED,
     .run = mapped},
    {.name = "zeroing/large",
     .about = "dirty blocks of many MiB freed, zeroed ones asked for",
     .clauses = "zeroing/*",
     .needs = NEEDS_ALLOCATE_ZEROED,
     .run = large},
    {.name = "zeroing/locked",
     .about = "the same in a program that has locked its memory",
     .clauses = "zeroing/*",
     .needs = NEEDS_ALLOCATE_ZEROED,
     .run = locked},
    {.name = "zeroing/without-descriptors",
     .about = "the same in a program that can open no file any more",
     .clauses = "zeroing/*",
     .needs = NEEDS_ALLOCATE_ZEROED,
     .run = without_descriptors},
    {.name = "zeroing/over-aligned",
     .about = "over-aligned zeroed blocks from dirty memory",
     .clauses = "zeroing/*",
     .needs = NEEDS_ALLOCATE_ZEROED,
     .run = over_aligned},
    {.name = "zeroing/after-growing",
     .about = "blocks that grew where they were, freed, and zeroed ones of that size asked for",
     .clauses = "zeroing/*",
     .needs = NEEDS_ALLOCATE_ZEROED,
     .run = after_growing},
    {.name = "zeroing/after-resizing",
     .about = "blocks resized before they were freed",
     .clauses = "zeroing/*",
     .needs = NEEDS_ALLOCATE_ZEROED,
     .run = after_resizing},
};

CLAUSE_GROUP(zeroing, "zeroing", 50, clauses, scenarios);
