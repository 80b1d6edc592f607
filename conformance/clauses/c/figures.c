/* What a reader may want to know of an allocator: nothing here is promised by any standard, and nothing is judged. */
#include "conformance/clauses/c/c.h"

/* The first block of a power of two of bytes, up to a page, that is not aligned to its own size is noted. */
static void natural_alignment(struct run *run)
{
    struct pool pool = pool_create(run, 256);
    bool noted = false;
    for (size_t size = 2; size <= run->heap.page && run_goes_on(run); size *= 2)
        for (int i = 0; i < 8 && run_goes_on(run); i++) {
            struct block *block = heap_c_allocate(&run->heap, C_MALLOC, 0, size).block;
            if (!pool_add(&pool, block))
                continue;
            run_exercised(run, "c/natural-alignment");
            if (block->address % size != 0 && !noted)
                run_observe(run, "c/natural-alignment", "malloc(%zu) may be aligned to %zu only", size,
                            (size_t)(block->address & (~block->address + 1)));
            noted = noted || block->address % size != 0;
        }
    while (pool.count > 0 && run_goes_on(run))
        c_free(run, pool_take_any(run, &pool));
    if (!noted && !run->heap.tainted)
        run_observe(run, "c/natural-alignment",
                    "blocks of a power of two of bytes are aligned to their size, up to a page");
}

static size_t usable(struct run *run, size_t size)
{
    struct block *block = heap_c_allocate(&run->heap, C_MALLOC, 0, size).block;
    size_t answer = block == NULL ? 0 : (size_t)heap_c_ask(&run->heap, block).answer.result;
    c_free(run, block);
    return answer;
}

/* The most that is given beyond what was asked for, and the first size that is given less than a smaller one was. */
static void usable_sizes(struct run *run)
{
    size_t worst_size = 0, worst = 0, before = 0, asked = 0, requested = 0;
    bool shrinks = false;
    for (size_t size = 1; size < 2000000 && run_goes_on(run); size += 1 + size / 24) {
        size_t now = usable(run, size);
        if (now == 0)
            continue;
        run_exercised(run, "c/overhead");
        run_exercised(run, "c/monotony");
        asked += now;
        requested += size;
        if (size >= 64 && (worst_size == 0 || (double)now / (double)size > (double)worst / (double)worst_size)) {
            worst_size = size;
            worst = now;
        }
        if (now < before && !shrinks)
            run_observe(run, "c/monotony", "usable size %zu for %zu bytes, and %zu for fewer", now, size, before);
        shrinks = shrinks || now < before;
        before = now;
    }
    if (requested > 0)
        run_observe(run, "c/overhead", "usable / requested %.2f; at most %.2f from 64 bytes on (%zu for %zu)",
                    (double)asked / (double)requested, (double)worst / (double)worst_size, worst, worst_size);
}

static const struct scenario scenarios[] = {
    {.name = "c/natural-alignment",
     .about = "blocks of powers of two of bytes: what they are aligned to",
     .clauses = "c/natural-alignment",
     .needs = NEEDS_C | NEEDS_C_FUNCTION(C_MALLOC),
     .run = natural_alignment},
    {.name = "c/usable-sizes",
     .about = "usable sizes of sizes up to 2 MB",
     .clauses = "c/overhead c/monotony",
     .needs = NEEDS_C | NEEDS_C_FUNCTION(C_MALLOC_USABLE_SIZE),
     .run = usable_sizes},
};

SCENARIOS_OF("malloc", c_figures, "c", C_ORDER + 11, scenarios);
