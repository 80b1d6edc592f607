/* Counts times sizes whose product is no size_t, in calloc and in what resizes by a count. */
#include "conformance/clauses/c/c.h"

static void ask(struct run *run, struct block *block, size_t count, size_t size)
{
    if (!run_goes_on(run))
        return;
    c_free(run, heap_c_allocate(&run->heap, C_CALLOC, count, size).block);
    c_free(run, heap_c_resize(&run->heap, C_REALLOCARRAY, NULL, count, size).block);
    if (block == NULL)
        return;
    heap_c_resize(&run->heap, C_REALLOCARRAY, block, count, size);
    heap_c_resize(&run->heap, C_REALLOCARR, block, count, size);
}

static void both_ways(struct run *run, struct block *block, size_t count, size_t size)
{
    ask(run, block, count, size);
    ask(run, block, size, count);
}

/* Products that wrap to 0 and to small numbers: 2^i * 2^(w-i), (2^i + 1) * 2^(w-i), (2^i + 1) * (2^(w-i) + 1). */
static void wrap_to_little(struct run *run, struct block *block)
{
    int bits = (int)sizeof(size_t) * 8;
    for (int bit = 1; bit < bits && run_goes_on(run); bit++) {
        size_t low = (size_t)1 << bit, high = (size_t)1 << (bits - bit);
        both_ways(run, block, low, high);
        both_ways(run, block, low + 1, high);
        both_ways(run, block, low + 1, high + 1);
        both_ways(run, block, low, SIZE_MAX / low + 2);
    }
}

/* Both factors above the root of SIZE_MAX, and one far below it. */
static void both_large(struct run *run, struct block *block)
{
    size_t root = (size_t)1 << (sizeof(size_t) * 4), rounds = run_rounds(run, 40, 400);
    for (size_t i = 0; i < rounds && run_goes_on(run); i++) {
        size_t count = root + (size_t)prng_below(&run->prng, root),
               size = root + (size_t)prng_below(&run->prng, root - 1);
        ask(run, block, count, size);
        size_t small = 2 + (size_t)prng_below(&run->prng, 1000);
        size_t large = SIZE_MAX / small + 1 + (size_t)prng_below(&run->prng, 100);
        both_ways(run, block, small, large);
    }
}

static void products(struct run *run)
{
    for (size_t size = 8; size < 5000; size = size * 3 + 1) /* an allocator that keeps freed blocks answers from them */
        c_free(run, heap_c_allocate(&run->heap, C_MALLOC, 0, size).block);
    struct block *block = heap_c_allocate(&run->heap, C_MALLOC, 0, 100).block;
    wrap_to_little(run, block);
    both_large(run, block);
    c_free(run, block);
}

/* Products that do exist: the block has all of its bytes, and those of calloc are zero although the memory was dirty.
 */
static void arrays(struct run *run)
{
    size_t rounds = run_rounds(run, 60, 600);
    for (size_t i = 0; i < rounds && run_goes_on(run); i++) {
        size_t count = 1 + (size_t)prng_below(&run->prng, 300), size = run_size(run, 3000);
        c_free(run, heap_c_allocate(&run->heap, C_MALLOC, 0, count * size).block); /* dirty: its owner wrote it */
        struct block *block = heap_c_allocate(&run->heap, C_CALLOC, count, size).block;
        if (block != NULL)
            heap_c_resize(&run->heap, C_REALLOCARRAY, block, 1 + (size_t)prng_below(&run->prng, 300), size);
        c_free(run, block);
    }
}

static const struct scenario scenarios[] = {
    {.name = "c/products",
     .about = "counts times sizes that wrap: to 0, to little, with both factors large",
     .clauses = "c/product c/errno-on-failure reallocate/failure-intact c/reallocarr-code",
     .tags = "quick",
     .needs = NEEDS_C,
     .run = products},
    {.name = "c/arrays",
     .about = "arrays by calloc where dirty memory was, and their length changed by reallocarray",
     .clauses = "zeroing/allocate-zeroed reallocate/contents c/alignment block/accessible",
     .needs = NEEDS_C,
     .run = arrays},
};

SCENARIOS_OF("malloc", c_products, "c", C_ORDER + 2, scenarios);
