/* The alignment of blocks: what malloc and its like promise of themselves, and what the aligning functions are asked
 * for. */
#include "conformance/clauses/c/c.h"

/* Many blocks of one size at once: a misaligned place may be every other one. */
static void fits(struct run *run)
{
    struct pool pool = pool_create(run, 64);
    size_t top = run_rounds(run, 300, 2100);
    for (size_t size = 1; size <= top && run_goes_on(run); size += size < 300 ? 1 : 13) {
        for (size_t i = 0; i < 12 && run_goes_on(run); i++)
            for (size_t f = 0; f < C_MAKER_COUNT && pool.count < pool.capacity; f++)
                if (!c_takes(C_MAKERS[f], C_ALIGN) && C_MAKERS[f] != C_VALLOC && C_MAKERS[f] != C_PVALLOC)
                    pool_add(&pool, c_make(run, C_MAKERS[f], 1, size).block);
        while (pool.count > 0 && run_goes_on(run))
            c_free(run, pool_take_any(run, &pool));
    }
}

static void aligned_at(struct run *run, struct pool *pool, size_t align)
{
    const size_t sizes[] = {1, align / 2 + 1, align, align + 1, 3 * align, 1000};
    for (size_t f = 0; f < C_MAKER_COUNT && run_goes_on(run); f++)
        for (size_t s = 0;
             s < sizeof sizes / sizeof *sizes && c_takes(C_MAKERS[f], C_ALIGN) && pool->count < pool->capacity; s++)
            pool_add(pool, c_make(run, C_MAKERS[f], align,
                                  C_MAKERS[f] == C_ALIGNED_ALLOC ? (sizes[s] + align - 1) / align * align : sizes[s])
                               .block);
}

/* Every power of two from sizeof(void *) to a few MiB, with plain blocks between so that nothing lies aligned by
 * itself. */
static void aligning(struct run *run)
{
    struct pool pool = pool_create(run, 256);
    size_t top = run_rounds(run, (size_t)1 << 16, (size_t)1 << 22), rounds = run_rounds(run, 1, 3);
    for (size_t round = 0; round < rounds; round++)
        for (size_t align = sizeof(void *); align <= top && align <= run->heap.max_align && run_goes_on(run);
             align *= 2) {
            pool_add(&pool, heap_c_allocate(&run->heap, C_MALLOC, 0, 8 + 16 * (align % 7)).block);
            aligned_at(run, &pool, align);
            while (pool.count > 60 && run_goes_on(run))
                c_free(run, pool_take_any(run, &pool));
        }
    while (pool.count > 0 && run_goes_on(run))
        c_free(run, pool_take_any(run, &pool));
}

/* valloc and pvalloc: whole pages, parts of them, and none. */
static void pages(struct run *run)
{
    struct pool pool = pool_create(run, 64);
    for (size_t size = 1; size < 100000 && run_goes_on(run); size = size * 2 + (size % 3)) {
        pool_add(&pool, heap_c_allocate(&run->heap, C_MALLOC, 0, 40).block);
        pool_add(&pool, heap_c_allocate(&run->heap, C_VALLOC, 0, size).block);
        pool_add(&pool, heap_c_allocate(&run->heap, C_PVALLOC, 0, size).block);
    }
    while (pool.count > 0 && run_goes_on(run))
        c_free(run, pool_take_any(run, &pool));
}

static const struct scenario scenarios[] = {
    {.name = "c/alignment-that-fits",
     .about = "blocks of every small size, many at once, by malloc, calloc, realloc and reallocarray",
     .clauses = "c/alignment block/disjoint",
     .tags = "quick",
     .needs = NEEDS_C,
     .run = fits},
    {.name = "c/aligning-functions",
     .about = "every power of two to some MiB by each aligning function, plain blocks between",
     .clauses = "c/aligned alignment/above-page c/posix-memalign-code",
     .tags = "quick",
     .needs = NEEDS_C,
     .run = aligning},
    {.name = "c/pages",
     .about = "valloc and pvalloc of whole pages and of parts",
     .clauses = "c/alignment",
     .needs = NEEDS_C,
     .run = pages},
};

SCENARIOS_OF("malloc", c_alignments, "c", C_ORDER + 3, scenarios);
