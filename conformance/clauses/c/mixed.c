/* Blocks of every origin in one heap: made by any function, resized by any other, freed by each that may free them. */
#include "conformance/clauses/c/c.h"

static void make_one(struct run *run, struct pool *pool, size_t most)
{
    enum c_function function = C_MAKERS[prng_below(&run->prng, C_MAKER_COUNT)];
    size_t align = run_align(run, 4096), size = run_size(run, most);
    if (function == C_ALIGNED_ALLOC)
        size = (size + align - 1) / align * align;
    if (function == C_POSIX_MEMALIGN && align < sizeof(void *))
        align = sizeof(void *);
    pool_add(pool, c_make(run, function, align, size).block);
}

static void resize_one(struct run *run, struct block *block, size_t most)
{
    static const enum c_function resizers[] = {C_REALLOC, C_REALLOC, C_REALLOCARRAY, C_REALLOCARR};
    enum c_function function = resizers[prng_below(&run->prng, 4)];
    size_t size = run_size(run, most);
    heap_c_resize(&run->heap, function, block, function == C_REALLOC ? 0 : 1 + size % 3, size);
}

/* By the sized functions where they may, else by free. */
static void free_one(struct run *run, struct block *block)
{
    struct heap *heap = &run->heap;
    if (prng_chance(&run->prng, 1, 2) && heap_c_free(heap, C_FREE_SIZED, block).asked)
        return;
    if (run_goes_on(run) && prng_chance(&run->prng, 1, 2) && heap_c_free(heap, C_FREE_ALIGNED_SIZED, block).asked)
        return;
    c_free(run, block);
}

static void churn(struct run *run, size_t live, size_t steps, size_t most)
{
    struct pool pool = pool_create(run, live + 1);
    for (size_t step = 0; step < steps && run_goes_on(run); step++) {
        uint64_t what = prng_below(&run->prng, 8);
        if (pool.count < live && (what < 4 || pool.count == 0))
            make_one(run, &pool, most);
        else if (pool.count > 0 && what < 6)
            resize_one(run, pool.blocks[prng_below(&run->prng, pool.count)], most);
        else if (pool.count > 0)
            free_one(run, pool_take_any(run, &pool));
        if (pool.count > 0 && what == 7)
            heap_c_ask(&run->heap, pool.blocks[prng_below(&run->prng, pool.count)]);
    }
    while (pool.count > 0 && run_goes_on(run))
        free_one(run, pool_take_any(run, &pool));
}

static void mixed(struct run *run) { churn(run, 600, run_rounds(run, 4000, 40000), 3000); }
static void mixed_large(struct run *run) { churn(run, 40, run_rounds(run, 300, 3000), 2000000); }

/* An over-aligned block that is resized by realloc keeps its contents, and what it loses is its alignment at most;
 * also where the new size cannot be. */
static void resize_aligned(struct run *run, enum c_function maker, size_t align, size_t size)
{
    struct block *block = c_make(run, maker, align, 2 * align).block;
    if (block == NULL)
        return;
    heap_c_resize(&run->heap, C_REALLOC, block, 0, SIZE_MAX - align); /* refused, and it is as it was */
    heap_c_resize(&run->heap, C_REALLOC, block, 0, size);
    heap_c_resize(&run->heap, C_REALLOC, block, 0, size / 2 + align);
    c_free(run, block);
}

/* Each size is asked for of a fresh block: once moved, a block is aligned to no more than others are. */
static void aligned_then_resized(struct run *run)
{
    static const size_t halves[] = {1, 3, 8, 40, 300};
    struct block *beside = heap_c_allocate(&run->heap, C_MALLOC, 0, 100).block;
    for (size_t align = 16; align <= (size_t)1 << 16 && align <= run->heap.max_align && run_goes_on(run); align *= 2)
        for (size_t f = 0; f < C_MAKER_COUNT && run_goes_on(run); f++)
            for (size_t h = 0; h < sizeof halves / sizeof *halves && c_takes(C_MAKERS[f], C_ALIGN); h++)
                resize_aligned(run, C_MAKERS[f], align, align / 2 * halves[h] + 1);
    c_free(run, beside);
}

#define OF_BLOCKS "block/accessible block/disjoint block/undisturbed usable-size/at-least-size c/alignment c/aligned "

static const struct scenario scenarios[] = {
    {.name = "c/mixed",
     .about = "blocks of every origin, resized and freed by every function that may",
     .clauses =
         OF_BLOCKS "reallocate/contents zeroing/allocate-zeroed c/sized-free c/free-keeps-errno c/errno-on-success",
     .tags = "quick",
     .needs = NEEDS_C,
     .run = mixed},
    {.name = "c/mixed-large",
     .about = "the same with blocks up to 2 MB",
     .clauses = OF_BLOCKS "reallocate/contents zeroing/allocate-zeroed c/free-keeps-errno",
     .needs = NEEDS_C,
     .run = mixed_large},
    {.name = "c/aligned-then-resized",
     .about = "blocks of the aligning functions, grown and shrunk by realloc",
     .clauses = "reallocate/contents reallocate/failure-intact c/errno-on-failure c/alignment block/disjoint",
     .tags = "quick",
     .needs = NEEDS_C,
     .run = aligned_then_resized},
};

SCENARIOS_OF("malloc", c_mixed, "c", C_ORDER + 5, scenarios);
