/* Arguments at the border of what the standards define: null pointers, sizes of zero, alignments that are none. */
#include "conformance/clauses/c/c.h"

/* Each in a scenario of its own: one that crashes hides none of the others. */
static void free_of_null(struct run *run)
{
    for (int i = 0; i < 50 && run_goes_on(run); i++)
        heap_c_free(&run->heap, C_FREE, NULL);
}

static void sized_free_of_null(struct run *run)
{
    for (int i = 0; i < 50 && run_goes_on(run); i++)
        heap_c_free(&run->heap, C_FREE_SIZED, NULL);
}

static void usable_size_of_null(struct run *run)
{
    for (int i = 0; i < 50 && run_goes_on(run); i++)
        heap_c_ask(&run->heap, NULL);
}

static void realloc_of_null(struct run *run)
{
    for (int i = 0; i < 50 && run_goes_on(run); i++) {
        struct block *block = heap_c_resize(&run->heap, C_REALLOC, NULL, 0, 1 + 37 * (size_t)i).block;
        struct block *other = heap_c_resize(&run->heap, C_REALLOCARRAY, NULL, 3, 1 + 5 * (size_t)i).block;
        if (block != NULL)
            heap_c_ask(&run->heap, block);
        c_free(run, block);
        c_free(run, other);
    }
}

/* Many blocks of no bytes live beside each other, and beside others; some grow. */
static void zero_sizes(struct run *run)
{
    struct pool pool = pool_create(run, 256);
    for (int round = 0; round < 20 && run_goes_on(run); round++)
        for (size_t f = 0; f < C_MAKER_COUNT && run_goes_on(run) && pool.count < pool.capacity; f++) {
            bool is_plain = C_MAKERS[f] == C_MALLOC || C_MAKERS[f] == C_CALLOC || C_MAKERS[f] == C_REALLOC;
            pool_add(&pool, is_plain ? c_make(run, C_MAKERS[f], 16, 0).block : NULL);
            pool_add(&pool, pool.count < pool.capacity ? heap_c_allocate(&run->heap, C_MALLOC, 0, 1).block : NULL);
        }
    heap_c_allocate(&run->heap, C_CALLOC, 0, SIZE_MAX);
    heap_c_allocate(&run->heap, C_CALLOC, SIZE_MAX, 0);
    for (size_t i = 0; i < pool.count && run_goes_on(run); i += 3)
        heap_c_resize(&run->heap, C_REALLOC, pool.blocks[i], 0, 40);
    while (pool.count > 0 && run_goes_on(run))
        c_free(run, pool_take_any(run, &pool));
}

/* No bytes, but an alignment: each answer is right that is null or a block of its own. */
static void zero_sizes_aligned(struct run *run)
{
    struct pool pool = pool_create(run, 256);
    for (size_t align = sizeof(void *); align <= run->heap.page && align <= run->heap.max_align; align *= 2)
        for (size_t f = 0; f < C_MAKER_COUNT && run_goes_on(run) && pool.count < pool.capacity; f++)
            if (c_takes(C_MAKERS[f], C_ALIGN) || C_MAKERS[f] == C_VALLOC || C_MAKERS[f] == C_PVALLOC)
                pool_add(&pool, c_make(run, C_MAKERS[f], align, 0).block);
    while (pool.count > 0 && run_goes_on(run))
        c_free(run, pool_take_any(run, &pool));
}

/* posix_memalign must refuse them; what aligned_alloc does is noted. */
static void no_alignments(struct run *run)
{
    const size_t aligns[] = {
        0, 1, 2, 3, 5, 12, 24, 48, 100, sizeof(void *) / 2, sizeof(void *) * 3, SIZE_MAX, SIZE_MAX / 2 + 2};
    for (size_t i = 0; i < sizeof aligns / sizeof *aligns && run_goes_on(run); i++) {
        c_free(run, heap_c_allocate(&run->heap, C_POSIX_MEMALIGN, aligns[i], 100).block);
        c_free(run, heap_c_allocate(&run->heap, C_ALIGNED_ALLOC, aligns[i], 96).block);
    }
    c_free(run, heap_c_allocate(&run->heap, C_ALIGNED_ALLOC, 64, 100).block);
}

static const struct scenario scenarios[] = {
    {.name = "c/free-of-null",
     .about = "free of a null pointer",
     .clauses = "c/free-null c/free-keeps-errno",
     .tags = "quick",
     .needs = NEEDS_C,
     .run = free_of_null},
    {.name = "c/sized-free-of-null",
     .about = "free_sized of a null pointer",
     .clauses = "c/free-null",
     .tags = "quick",
     .needs = NEEDS_C | NEEDS_C_FUNCTION(C_FREE_SIZED),
     .run = sized_free_of_null},
    {.name = "c/usable-size-of-null",
     .about = "malloc_usable_size of a null pointer",
     .clauses = "c/usable-size-null",
     .tags = "quick",
     .needs = NEEDS_C | NEEDS_C_FUNCTION(C_MALLOC_USABLE_SIZE),
     .run = usable_size_of_null},
    {.name = "c/realloc-of-null",
     .about = "realloc and reallocarray of a null pointer",
     .clauses = "c/realloc-null",
     .tags = "quick",
     .needs = NEEDS_C,
     .run = realloc_of_null},
    {.name = "c/zero-sizes",
     .about = "many blocks of no bytes at once, beside others; some are given bytes",
     .clauses = "c/zero-size",
     .tags = "quick",
     .needs = NEEDS_C,
     .run = zero_sizes},
    {.name = "c/zero-sizes-aligned",
     .about = "blocks of no bytes by the aligning functions, many at once",
     .clauses = "c/zero-with-alignment c/zero-size",
     .tags = "quick",
     .needs = NEEDS_C,
     .run = zero_sizes_aligned},
    {.name = "c/no-alignments",
     .about = "alignments that are no power of two, or too small",
     .clauses = "c/posix-memalign-code c/posix-memalign-out c/aligned-alloc-multiple c/errno-on-failure",
     .tags = "quick",
     .needs = NEEDS_C,
     .run = no_alignments},
};

SCENARIOS_OF("malloc", c_arguments, "c", C_ORDER + 4, scenarios);
