/* Blocks are taken until nothing is left, because mapping calls fail, the address space is limited, or it is used up.
 */
#include <stdint.h>
#include <sys/prctl.h>

#include "conformance/clauses/exhaustion/exhaustion.h"
#include "conformance/scenario/tight.h"
#include "harness/oracle/pattern.h"
#include "harness/refusal/refuse.h"
#include "harness/trace/record.h"

/* Takes blocks, the largest sizes first, until each size has been answered null. True: null was seen. */
static bool take_all(struct run *run, struct pool *pool, const size_t *sizes, size_t count)
{
    size_t budget = run_rounds(run, (size_t)24 << 20, (size_t)128 << 20);
    bool was_refused = false;
    for (size_t s = 0; s < count; s++)
        for (int nulls = 0;
             nulls < 3 && budget > sizes[s] && pool->count + 4096 < pool->capacity && run_goes_on(run);) {
            size_t align = run_align(run, 64);
            struct block *block = run_allocate(run, sizes[s], align, s % 3 == 2);
            budget -= block == NULL ? 0 : sizes[s];
            nulls += block == NULL;
            was_refused = was_refused || block == NULL;
            pool_add(pool, block);
        }
    return was_refused;
}

/* Nothing more can be had: a reallocate that fails leaves its block, and freed memory may be used again, zeroed if so
 * asked. An emulator may take long to look for room in a full address space; then a part of this is enough. */
static void live_on_nothing(struct run *run, struct pool *pool)
{
    const double long_enough = 0.5;
    double started = tight_pace().wall;
    for (size_t i = 0;
         i < 24 && pool->count > 0 && run_goes_on(run) && (i < 4 || tight_pace().wall - started < long_enough); i++) {
        struct block *block = pool->blocks[prng_below(&run->prng, pool->count)];
        exhaustion_grow(run, pool, block, block->requested * 2 + 3000000);
    }
    exhaustion_give_back_half(run, pool);
    started = tight_pace().wall;
    for (size_t i = 0; i < 200 && pool->count < pool->capacity && run_goes_on(run) &&
                       (i < 20 || tight_pace().wall - started < long_enough);
         i++)
        exhaustion_keep(pool, run_allocate(run, run_size(run, 9000), 8, i % 2 == 0));
    heap_verify_all(&run->heap);
}

static const size_t LARGEST_FIRST[] = {3000000, 1000000, 200000, 40000, 9000, 2000, 500, 100, 16};
enum { FILL_SIZES = sizeof LARGEST_FIRST / sizeof *LARGEST_FIRST, FILL_POOL = 40000 };

static void warm_up(struct run *run, struct pool *pool)
{
    for (size_t i = 0; i < FILL_SIZES && run_goes_on(run); i++)
        pool_add(pool, heap_allocate(&run->heap, LARGEST_FIRST[i], 8));
}

static void after_the_shortage(struct run *run, struct pool *pool, uint64_t refused)
{
    heap_verify_all(&run->heap);
    exhaustion_must_serve(run, 24, 8, refused);
    exhaustion_must_serve(run, 2000, 8, refused);
    pool_deallocate_all(run, pool);
    exhaustion_must_serve(run, 24, 8, refused);
    exhaustion_little_of_everything(run, pool, exhaustion_everything(run));
    pool_deallocate_all(run, pool);
}

static void until_null(struct run *run)
{
    struct pool pool = pool_create(run, FILL_POOL), kept = pool_create(run, 64);
    if (refuse_prepare() == REFUSE_BY_NOTHING)
        return;
    size_t rounds = run_rounds(run, 1, 3);
    for (size_t round = 0; round < rounds && run_goes_on(run); round++) {
        warm_up(run, &kept);
        bool served = kept.count == FILL_SIZES * (round + 1);
        record_refuse_from(&run->heap, 1 + round * 7);
        if (take_all(run, &pool, LARGEST_FIRST + round, FILL_SIZES - round))
            run_exercised(run, "exhaustion/null");
        heap_verify_all(&run->heap);
        live_on_nothing(run, &pool);
        uint64_t refused = exhaustion_lift(run);
        after_the_shortage(run, &pool, served ? refused : 0);
    }
    pool_deallocate_all(run, &kept);
}

/* ---- a limit on the address space ---- */

/* The limit counts the stack, too, so this touches beforehand what the calls will need of it. */
static void __attribute__((noinline)) touch_stack(void)
{
    volatile char stack[512 << 10];
    for (size_t i = 0; i < sizeof stack; i += 4096)
        stack[i] = 0;
}

static void address_space(struct run *run)
{
    struct pool pool = pool_create(run, FILL_POOL), kept = pool_create(run, 64);
    size_t rounds = run_rounds(run, 1, 2);
    touch_stack();
    refuse_prepare(); /* to count what the system refuses */
    for (size_t round = 0; round < rounds && run_goes_on(run); round++) {
        warm_up(run, &kept);
        bool served = kept.count == FILL_SIZES * (round + 1);
        record_refuse_from(&run->heap, 0);
        if (!refuse_limit_address_space((uint64_t)(6 + 9 * round) << 20))
            return;
        run->heap.refusing = true;
        bool was_refused = take_all(run, &pool, LARGEST_FIRST, FILL_SIZES);
        live_on_nothing(run, &pool);
        run->heap.refusing = false;
        refuse_limit_address_space(UINT64_MAX);
        if (was_refused)
            run_exercised(run, "exhaustion/null");
        uint64_t refused = exhaustion_lift(run);
        after_the_shortage(run, &pool, served ? refused : 0);
    }
    pool_deallocate_all(run, &kept);
}

/* ---- the address space itself ---- */

/* Bytes of a block that its owner touches: of a large block only some lines. */
static size_t touched(size_t size)
{
    const size_t page = 4096;
    return size <= PATTERN_LINES * page ? size : PATTERN_FEWER * page + 2 * PATTERN_EDGE;
}

/* Takes blocks of 1 GiB, then of half as much, and so on, each size until it is answered null. Returns how many bytes
 * it got. */
static size_t take_by_halves(struct run *run, struct pool *pool)
{
    size_t budget = run_rounds(run, (size_t)64 << 20, (size_t)192 << 20), had = 0;
    for (size_t size = (size_t)1 << 30; size >= 65536; size /= 2)
        for (bool served = true;
             served && budget >= touched(size) && pool->count + 4096 < pool->capacity && run_goes_on(run);) {
            served = pool_add(pool, heap_allocate(&run->heap, size - run_size(run, 4096), run_align(run, 64)));
            budget -= served ? touched(size) : 0;
            had += served ? size : 0;
        }
    return had;
}

/* A 32-bit process can take its whole address space, with no limit set and no call refused: then the system itself
 * refuses. This is not done where the allocator fills the blocks that it gives, since that would be gigabytes. */
static void whole_address_space(struct run *run)
{
    struct pool pool = pool_create(run, FILL_POOL), kept = pool_create(run, 64);
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0); /* a touched line must not cost more than its page */
    if (sizeof(size_t) > 4 || run_fills_blocks(run))
        return;
    touch_stack();
    refuse_prepare(); /* to count what the system refuses */
    warm_up(run, &kept);
    bool served = kept.count == FILL_SIZES;
    record_refuse_from(&run->heap, 0);
    run->heap.refusing = true;
    size_t had = take_by_halves(run, &pool);
    live_on_nothing(run, &pool);
    run->heap.refusing = false;
    uint64_t refused = exhaustion_lift(run);
    if (had >= (size_t)1 << 30 && refused > 0) {
        run_exercised(run, "exhaustion/null");
        run_observe(run, "exhaustion/null", "the system itself refused, after %zu MiB", had >> 20);
    }
    after_the_shortage(run, &pool, served ? refused : 0);
    pool_deallocate_all(run, &kept);
}

static const struct scenario scenarios[] = {
    {.name = "exhaustion/until-null",
     .about = "the system refuses memory until nothing is left; then the calls go on with what there is",
     .clauses = "exhaustion/null exhaustion/recovers reallocate/failure-intact zeroing/allocate-zeroed",
     .run = until_null},
    {.name = "exhaustion/address-space",
     .about = "a limit on the address space, reached with large blocks first",
     .clauses = "exhaustion/null exhaustion/recovers reallocate/failure-intact",
     .run = address_space},
    {.name = "exhaustion/whole-address-space",
     .about = "all that 32 bits can address is taken, by halves from 1 GiB, until the system itself says no",
     .clauses = "exhaustion/null exhaustion/recovers reallocate/failure-intact",
     .run = whole_address_space},
};

SCENARIOS(exhaustion_until_null, "exhaustion", EXHAUSTION_ORDER, scenarios);
