/* Blocks are resized while the system refuses memory. */
#include "conformance/clauses/exhaustion/exhaustion.h"
#include "harness/refusal/refuse.h"
#include "harness/trace/record.h"

/* ---- blocks that cannot grow ---- */

/* One of every size, from a few bytes to several megabytes. */
static void take_every_size(struct run *run, struct pool *pool)
{
    for (size_t size = 8; size <= (size_t)6 << 20 && run_goes_on(run); size += size / 2)
        exhaustion_keep(pool,
                        heap_allocate(&run->heap, size + (size_t)prng_below(&run->prng, size / 4), run_align(run, 64)));
}

/* Blocks that are held when the system begins to refuse are resized to a little more and to much more, with and without
 * an attempt in place. */
static void cannot_grow(struct run *run)
{
    struct pool pool = pool_create(run, 4096);
    if (refuse_prepare() == REFUSE_BY_NOTHING || !heap_has(&run->heap, OP_REALLOCATE))
        return;
    size_t rounds = run_rounds(run, 2, 8);
    for (size_t round = 0; round < rounds && run_goes_on(run); round++) {
        bool served = exhaustion_is_served(run, 24, 8);
        take_every_size(run, &pool);
        record_refuse_from(&run->heap, 1 + round / 4);
        size_t held = pool.count;
        for (size_t i = 0; i < held && run_goes_on(run); i++) {
            struct block *block = pool.blocks[i];
            size_t size = block->requested + block->requested / 2 + (round % 4 < 2 ? 1 : 3000000);
            if (round % 2)
                exhaustion_grow(run, &pool, block, size);
            else
                heap_reallocate(&run->heap, block, run_old_size(run, block), size);
        }
        uint64_t refused = exhaustion_lift(run);
        heap_verify_all(&run->heap);
        exhaustion_must_serve(run, 24, 8, served ? refused : 0);
        pool_deallocate_all(run, &pool);
    }
}

/* ---- a resize half way through ---- */

static const size_t LARGE_STEPS[] = {30000, 200000, 1300000, 2700000, 7000000};
enum { STEPS = sizeof LARGE_STEPS / sizeof *LARGE_STEPS };

/* Resizes a large block between two others while only the n-th mapping call of this is refused. A resize that needs
 * several calls must then undo the first ones, or do without the last. Whatever happened, the block, its neighbours,
 * and what is made of its memory afterwards are whole. The neighbours stay, because a block with room behind it would
 * never have to move. */
static bool resize_with_refusal(struct run *run, struct pool *neighbours, size_t from, size_t to, size_t align,
                                uint64_t n)
{
    struct pool after = pool_create(run, 2);
    exhaustion_keep(neighbours, heap_allocate(&run->heap, from, 8));
    struct block *block = heap_allocate(&run->heap, from, align);
    exhaustion_keep(neighbours, heap_allocate(&run->heap, from, 8));
    record_refuse_only(&run->heap, n);
    if (block != NULL && n % 4 == 0 && heap_has(&run->heap, OP_REALLOCATE_INPLACE))
        heap_reallocate_inplace(&run->heap, block, run_old_size(run, block), to);
    if (block != NULL)
        heap_reallocate(&run->heap, block, run_old_size(run, block), to);
    uint64_t refused = exhaustion_lift(run);
    if (block != NULL)
        heap_deallocate(&run->heap, block, run_old_size(run, block));
    for (size_t i = 0; i < 2; i++)
        exhaustion_keep(&after, heap_allocate(&run->heap, i == 0 ? to : from, align));
    heap_verify_all(&run->heap);
    pool_deallocate_all(run, &after);
    return refused > 0;
}

static void half_resized(struct run *run)
{
    struct pool neighbours = pool_create(run, 16);
    if (refuse_prepare() == REFUSE_BY_NOTHING || !heap_has(&run->heap, OP_REALLOCATE))
        return;
    size_t most = run_rounds(run, 2, 6);
    for (size_t pair = 0; pair < STEPS * STEPS && run_goes_on(run); pair++) {
        size_t from = LARGE_STEPS[pair % STEPS], to = LARGE_STEPS[pair / STEPS] + 5000,
               align = pair % 3 == 2 ? (size_t)4096 << pair % 5 : 8;
        align = align < run->heap.max_align ? align : run->heap.max_align;
        size_t misses = 0; /* two in a row end it: one may be luck, because other memory was at hand */
        for (uint64_t n = 1; n <= most && misses < 2 && run_goes_on(run); n++)
            misses = resize_with_refusal(run, &neighbours, from, to, align, n) ? 0 : misses + 1;
        pool_deallocate_all(run, &neighbours);
    }
}

static const struct scenario scenarios[] = {
    {.name = "exhaustion/cannot-grow",
     .about = "blocks of every size are asked to grow after the system has begun to refuse memory",
     .clauses = "exhaustion/null exhaustion/recovers reallocate/failure-intact",
     .run = cannot_grow},
    {.name = "exhaustion/half-resized",
     .about = "the 1st, 2nd, 3rd ... mapping call of a resize of a large block fails, and no other",
     .clauses =
         "exhaustion/null exhaustion/recovers reallocate/failure-intact alignment/reallocate alignment/above-page",
     .run = half_resized},
};

SCENARIOS(exhaustion_resize, "exhaustion", EXHAUSTION_ORDER, scenarios);
