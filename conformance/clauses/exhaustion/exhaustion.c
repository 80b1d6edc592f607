/* Exhaustion: the system refuses memory. The allocator answers null, keeps what it has, and serves again once the
 * system grants memory. Here are the clauses, and what the scenarios of the other files share. */
#include "conformance/clauses/exhaustion/exhaustion.h"

#include <stdatomic.h>
#include <time.h>

#include "conformance/scenario/copy.h"
#include "harness/refusal/refuse.h"
#include "harness/trace/record.h"

static const struct clause clauses[] = {
    {.id = "exhaustion/null",
     .level = LEVEL_MUST,
     .strength = "documented",
     .statement = "When the system refuses memory, the answer is null: no abort, crash or hang, and no pointer to "
                  "memory that is not there.",
     .source = "heap.rs 1.19, allocate: null if the request cannot be met [A1]; no call may abort in place of that "
               "[A18]",
     .why = "the caller decides what to do without memory: try_reserve, a smaller buffer, its own message",
     .broken_by = "MAP_FAILED taken for an address; metadata written through null; assertions; a lock that is kept or "
                  "taken twice"},
    {.id = "exhaustion/recovers",
     .level = LEVEL_MUST,
     .strength = "derived",
     .statement = "Live blocks stay intact through a refusal, and what was served before it is served again after it.",
     .source = "reallocate leaves the old block on null [A7]; null says that this request could not be met, not that "
               "none can [A1]",
     .why = "a program that survived a shortage must not be left with a dead allocator",
     .broken_by =
         "a lock kept after a failure; a failed first set-up never tried again; counters and lists half updated"},
};

/* ---- a little of everything ---- */

void exhaustion_keep(struct pool *pool, struct block *block)
{
    if (pool->count < pool->capacity)
        pool_add(pool, block);
}

/* Called after a reallocate that failed: if the old block had been put on a free list, one of these would be it. */
static void allocate_many_like(struct run *run, struct pool *pool, const struct block *block)
{
    size_t size = block->requested, count = size > 65536 ? 4 : 24;
    for (size_t i = 0; i < count && run_goes_on(run) && pool->count < pool->capacity; i++)
        exhaustion_keep(pool, heap_allocate(&run->heap, size, block_align(block)));
}

void exhaustion_grow(struct run *run, struct pool *pool, struct block *block, size_t size)
{
    if (block == NULL || !run_goes_on(run) || !heap_has(&run->heap, OP_REALLOCATE))
        return;
    if (heap_has(&run->heap, OP_REALLOCATE_INPLACE))
        heap_reallocate_inplace(&run->heap, block, run_old_size(run, block), size / 2 + block->requested / 2 + 1);
    if (!heap_reallocate(&run->heap, block, run_old_size(run, block), size))
        allocate_many_like(run, pool, block);
}

static void aligned_ones(struct run *run, struct pool *pool)
{
    for (size_t align = 64; align <= 65536 && align <= run->heap.max_align && run_goes_on(run); align *= 16) {
        exhaustion_keep(pool, heap_allocate(&run->heap, 24, align));
        exhaustion_keep(pool, run_allocate(run, align * 2 + 1, align, true));
    }
}

/* Any of these requests may be refused; what is granted must be good. */
void exhaustion_little_of_everything(struct run *run, struct pool *pool, size_t top)
{
    static const size_t sizes[] = {1, 16, 40, 100, 256, 700, 2000, 5000, 12000, 40000, 150000, 600000, 1200000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes && sizes[i] <= top && run_goes_on(run); i++) {
        struct block *block = heap_allocate(&run->heap, sizes[i], 8);
        exhaustion_keep(pool, block);
        exhaustion_keep(pool, run_allocate(run, sizes[i] + 1, 8, true));
        exhaustion_grow(run, pool, block, sizes[i] * 3 + 5);
        if (block != NULL && i % 3 == 0 && heap_has(&run->heap, OP_REALLOCATE))
            heap_reallocate(&run->heap, block, run_old_size(run, block), sizes[i] / 2 + 1);
    }
    aligned_ones(run, pool);
    heap_verify_all(&run->heap);
}

/* Half of the blocks are freed while memory may be refused: deallocate has no null to answer with. */
void exhaustion_give_back_half(struct run *run, struct pool *pool)
{
    for (size_t left = pool->count / 2; pool->count > left && run_goes_on(run);) {
        struct block *block = pool_take_any(run, pool);
        heap_deallocate(&run->heap, block, run_old_size(run, block));
    }
}

size_t exhaustion_everything(const struct run *run) { return run_rounds(run, 40000, 600000); }

/* ---- is it served again? ---- */

enum { TRIES_AT_ONCE = 64 };

bool exhaustion_is_served(struct run *run, size_t size, size_t align)
{
    for (int i = 0; i < EXHAUSTION_TRIES && run_goes_on(run); i++) {
        struct block *block = heap_allocate(&run->heap, size, align);
        if (block != NULL) {
            heap_deallocate(&run->heap, block, block->requested);
            return true;
        }
        if (i >= TRIES_AT_ONCE) /* an allocator may wait a little before it asks the system again */
            nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
    return run->heap.tainted;
}

/* An allocator that never asked the system may be empty for good, and one that the system itself refuses has a reason:
 * neither is judged. */
void exhaustion_must_serve(struct run *run, size_t size, size_t align, uint64_t refused)
{
    if (refused == 0 || run->heap.tainted)
        return;
    run_exercised(run, "exhaustion/recovers");
    if (exhaustion_is_served(run, size, align) || refuse_refused() > 0 || !run_goes_on(run))
        return;
    run_violated(run, "exhaustion/recovers", "allocate, after memory was refused and is granted again",
                 "a block: the same request was served before",
                 "null to all of %d requests (size %zu, align %zu); %llu mapping "
                 "calls had been refused, and none is since",
                 EXHAUSTION_TRIES, size, heap_align(&run->heap, align), (unsigned long long)refused);
    taint(&run->heap);
}

uint64_t exhaustion_lift(struct run *run)
{
    uint64_t refused = atomic_exchange(&run->heap.refused_in_calls, 0);
    record_refuse_from(&run->heap, 0);
    return refused;
}

static int without_refusal(struct run *run, void *unused)
{
    (void)unused;
    struct pool pool = pool_create(run, 512);
    bool serves = exhaustion_is_served(run, 24, 8);
    exhaustion_little_of_everything(run, &pool, exhaustion_everything(run));
    pool_deallocate_all(run, &pool);
    return serves && exhaustion_is_served(run, 24, 8);
}

bool exhaustion_serves_unrefused(struct run *run) { return copy_run(run, without_refusal, NULL) != 0; }

CLAUSES(exhaustion, "exhaustion", EXHAUSTION_ORDER, clauses);
