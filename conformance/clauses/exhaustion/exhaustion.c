/* Exhaustion: the system says no, and the allocator passes it on, keeps what it has, and serves again once it can. */
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>

#include "conformance/contract.h"
#include "conformance/scenario/copy.h"
#include "conformance/scenario/team.h"
#include "conformance/scenario/tight.h"
#include "harness/refusal/refuse.h"
#include "harness/oracle/pattern.h"
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

static bool can(const struct run *run, enum operation operation) { return heap_has(&run->heap, operation); }

static void keep(struct pool *pool, struct block *block)
{
    if (pool->count < pool->capacity)
        pool_add(pool, block);
}

/* After a reallocate that failed: were the old block on a free list, one of these would be it. */
static void allocate_many_like(struct run *run, struct pool *pool, const struct block *block)
{
    size_t size = block->requested, count = size > 65536 ? 4 : 24;
    for (size_t i = 0; i < count && run_goes_on(run) && pool->count < pool->capacity; i++)
        keep(pool, heap_allocate(&run->heap, size, block_align(block)));
}

static void grow(struct run *run, struct pool *pool, struct block *block, size_t size)
{
    if (block == NULL || !run_goes_on(run) || !can(run, OP_REALLOCATE))
        return;
    if (can(run, OP_REALLOCATE_INPLACE))
        heap_reallocate_inplace(&run->heap, block, run_old_size(run, block), size / 2 + block->requested / 2 + 1);
    if (!heap_reallocate(&run->heap, block, run_old_size(run, block), size))
        allocate_many_like(run, pool, block);
}

static void aligned_ones(struct run *run, struct pool *pool)
{
    for (size_t align = 64; align <= 65536 && align <= run->heap.max_align && run_goes_on(run); align *= 16) {
        keep(pool, heap_allocate(&run->heap, 24, align));
        keep(pool, run_allocate(run, align * 2 + 1, align, true));
    }
}

/* Small, medium, up to `top`, over-aligned, zeroed, resized: what of it is refused does not matter, what is granted
 * must be good. */
static void little_of_everything(struct run *run, struct pool *pool, size_t top)
{
    static const size_t sizes[] = {1, 16, 40, 100, 256, 700, 2000, 5000, 12000, 40000, 150000, 600000, 1200000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes && sizes[i] <= top && run_goes_on(run); i++) {
        struct block *block = heap_allocate(&run->heap, sizes[i], 8);
        keep(pool, block);
        keep(pool, run_allocate(run, sizes[i] + 1, 8, true));
        grow(run, pool, block, sizes[i] * 3 + 5);
        if (block != NULL && i % 3 == 0 && can(run, OP_REALLOCATE))
            heap_reallocate(&run->heap, block, run_old_size(run, block), sizes[i] / 2 + 1);
    }
    aligned_ones(run, pool);
    heap_verify_all(&run->heap);
}

/* Half of what there is goes, while memory may be refused: a deallocate has nothing to answer null with. */
static void give_back_half(struct run *run, struct pool *pool)
{
    for (size_t left = pool->count / 2; pool->count > left && run_goes_on(run);) {
        struct block *block = pool_take_any(run, pool);
        heap_deallocate(&run->heap, block, run_old_size(run, block));
    }
}

static size_t everything(const struct run *run) { return run_rounds(run, 40000, 600000); }

/* ---- is it served again? ---- */

enum { TRIES = 128, TRIES_AT_ONCE = 64 };

static bool is_served(struct run *run, size_t size, size_t align)
{
    for (int i = 0; i < TRIES && run_goes_on(run); i++) {
        struct block *block = heap_allocate(&run->heap, size, align);
        if (block != NULL) {
            heap_deallocate(&run->heap, block, block->requested);
            return true;
        }
        if (i >= TRIES_AT_ONCE) /* it may wait a little before it asks the system again */
            nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
    return run->heap.tainted;
}

/* Mapping calls were refused and are granted again; a request of this size was served before. An allocator that never
 * asked the system may be empty for good, and one that the system itself refuses has its reason: neither is judged. */
static void must_serve(struct run *run, size_t size, size_t align, uint64_t refused)
{
    if (refused == 0 || run->heap.tainted)
        return;
    run_exercised(run, "exhaustion/recovers");
    if (is_served(run, size, align) || refuse_refused() > 0 || !run_goes_on(run))
        return;
    run_violated(run, "exhaustion/recovers", "allocate, after memory was refused and is granted again",
                 "a block: the same request was served before",
                 "null to all of %d requests (size %zu, align %zu); %llu mapping "
                 "calls had been refused, and none is since",
                 TRIES, size, heap_align(&run->heap, align), (unsigned long long)refused);
    run->heap.tainted = true;
}

/* Ends a refusal; says how many calls it has hit. */
static uint64_t lift(struct run *run)
{
    uint64_t refused = atomic_exchange(&run->heap.refused_in_calls, 0);
    record_refuse_from(&run->heap, 0);
    return refused;
}

/* ---- the n-th mapping call of a fresh process ---- */

struct sweep {
    uint64_t n;
    bool only;          /* or all from there on */
    bool serves;        /* without refusals, small requests were served */
    size_t size, align; /* of the first request, where that is what matters; 0: none */
    bool zeroed;
};

static int without_refusal(struct run *run, void *unused)
{
    (void)unused;
    struct pool pool = pool_create(run, 512);
    bool serves = is_served(run, 24, 8);
    little_of_everything(run, &pool, everything(run));
    pool_deallocate_all(run, &pool);
    return serves && is_served(run, 24, 8);
}

static int with_refusal(struct run *run, void *context)
{
    const struct sweep *sweep = context;
    struct pool pool = pool_create(run, 1024);
    if (sweep->only)
        record_refuse_only(&run->heap, sweep->n);
    else
        record_refuse_from(&run->heap, sweep->n);
    little_of_everything(run, &pool, everything(run));
    give_back_half(run, &pool);
    uint64_t refused = lift(run);
    heap_verify_all(&run->heap);
    if (sweep->serves)
        must_serve(run, 24, 8, refused);
    little_of_everything(run, &pool, everything(run));
    pool_deallocate_all(run, &pool);
    return refused > 0;
}

/* n = 1, 2, 3 ... until nothing is hit any more: every mapping call of the workload has failed once. */
static void sweep(struct run *run, bool only)
{
    if (refuse_prepare() == REFUSE_BY_NOTHING)
        return;
    struct sweep sweep = {.only = only, .serves = copy_run(run, without_refusal, NULL) != 0};
    size_t most = run_rounds(run, 10, 32);
    uint64_t step = 1;
    for (size_t i = 0; i < most && run_goes_on(run); i++) {
        sweep.n += step;
        if (!copy_run(run, with_refusal, &sweep))
            break;
        step += i >= most / 2; /* far out, not every one */
    }
}

static void nth_fails(struct run *run) { sweep(run, true); }
static void all_from_nth_fail(struct run *run) { sweep(run, false); }

/* ---- the first call of all ---- */

static int first_call_refused(struct run *run, void *context)
{
    const struct sweep *first = context;
    struct pool pool = pool_create(run, 512);
    if (first->n != 0)
        record_refuse_from(&run->heap, first->n);
    keep(&pool, run_allocate(run, first->size, first->align, first->zeroed));
    keep(&pool, heap_allocate(&run->heap, 24, 8));
    uint64_t refused = lift(run);
    if (first->serves)
        must_serve(run, 24, 8, refused);
    little_of_everything(run, &pool, 40000);
    pool_deallocate_all(run, &pool);
    return 0;
}

static void first_call(struct run *run)
{
    static const struct sweep firsts[] = {
        {.size = 24, .align = 8},
        {.size = 1, .align = 1},
        {.size = 3000, .align = 8},
        {.size = 100000, .align = 8},
        {.size = 5000000, .align = 8},
        {.size = 24, .align = 4096},
        {.size = SIZE_MAX - 70000, .align = 8},
        {.size = (size_t)PTRDIFF_MAX + 1, .align = 4096},
        {.size = SIZE_MAX - 4095, .align = 4096},
    };
    if (refuse_prepare() == REFUSE_BY_NOTHING)
        return;
    bool serves = copy_run(run, without_refusal, NULL) != 0;
    for (size_t i = 0; i < 4 * sizeof firsts / sizeof *firsts && run_goes_on(run); i++) {
        struct sweep first = firsts[i / 4];
        if (first.align > run->heap.max_align)
            continue;
        first.n = i % 2;
        first.zeroed = i % 4 > 1;
        if (first.zeroed && !can(run, OP_ALLOCATE_ZEROED))
            continue;
        first.serves = serves;
        copy_run(run, first_call_refused, &first);
    }
}

/* ---- until there is nothing left ---- */

/* Takes blocks, large ones first, until each size gets null. True: null was seen. */
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

/* Nothing more can be had: failed reallocates leave their block, and what is freed may be used again, zeroed if so
 * asked. To look for room in a full address space may take an emulator long: then a part of it has to do. */
static void live_on_nothing(struct run *run, struct pool *pool)
{
    const double long_enough = 0.5;
    double started = tight_pace().wall;
    for (size_t i = 0;
         i < 24 && pool->count > 0 && run_goes_on(run) && (i < 4 || tight_pace().wall - started < long_enough); i++) {
        struct block *block = pool->blocks[prng_below(&run->prng, pool->count)];
        grow(run, pool, block, block->requested * 2 + 3000000);
    }
    give_back_half(run, pool);
    started = tight_pace().wall;
    for (size_t i = 0; i < 200 && pool->count < pool->capacity && run_goes_on(run) &&
                       (i < 20 || tight_pace().wall - started < long_enough);
         i++)
        keep(pool, run_allocate(run, run_size(run, 9000), 8, i % 2 == 0));
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
    must_serve(run, 24, 8, refused);
    must_serve(run, 2000, 8, refused);
    pool_deallocate_all(run, pool);
    must_serve(run, 24, 8, refused);
    little_of_everything(run, pool, everything(run));
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
        uint64_t refused = lift(run);
        after_the_shortage(run, &pool, served ? refused : 0);
    }
    pool_deallocate_all(run, &kept);
}

/* ---- blocks that cannot grow ---- */

/* One of every size, from a few bytes to several megabytes. */
static void take_every_size(struct run *run, struct pool *pool)
{
    for (size_t size = 8; size <= (size_t)6 << 20 && run_goes_on(run); size += size / 2)
        keep(pool, heap_allocate(&run->heap, size + (size_t)prng_below(&run->prng, size / 4), run_align(run, 64)));
}

/* What is held when the system begins to refuse is asked to grow, a little and a lot, in place before or not. */
static void cannot_grow(struct run *run)
{
    struct pool pool = pool_create(run, 4096);
    if (refuse_prepare() == REFUSE_BY_NOTHING || !can(run, OP_REALLOCATE))
        return;
    size_t rounds = run_rounds(run, 2, 8);
    for (size_t round = 0; round < rounds && run_goes_on(run); round++) {
        bool served = is_served(run, 24, 8);
        take_every_size(run, &pool);
        record_refuse_from(&run->heap, 1 + round / 4);
        size_t held = pool.count;
        for (size_t i = 0; i < held && run_goes_on(run); i++) {
            struct block *block = pool.blocks[i];
            size_t size = block->requested + block->requested / 2 + (round % 4 < 2 ? 1 : 3000000);
            if (round % 2)
                grow(run, &pool, block, size);
            else
                heap_reallocate(&run->heap, block, run_old_size(run, block), size);
        }
        uint64_t refused = lift(run);
        heap_verify_all(&run->heap);
        must_serve(run, 24, 8, served ? refused : 0);
        pool_deallocate_all(run, &pool);
    }
}

/* ---- a resize half way through ---- */

static const size_t LARGE_STEPS[] = {30000, 200000, 1300000, 2700000, 7000000};
enum { STEPS = sizeof LARGE_STEPS / sizeof *LARGE_STEPS };

/* A large block between two others is resized, and the n-th mapping call of that is refused, no other: what takes
 * several calls must undo the first ones, or do without the last. Whatever came of it, the block, its neighbours, and
 * what is made of its memory afterwards, are whole. The neighbours stay: a place with room behind it would never have
 * to be left. */
static bool resize_with_refusal(struct run *run, struct pool *neighbours, size_t from, size_t to, size_t align,
                                uint64_t n)
{
    struct pool after = pool_create(run, 2);
    keep(neighbours, heap_allocate(&run->heap, from, 8));
    struct block *block = heap_allocate(&run->heap, from, align);
    keep(neighbours, heap_allocate(&run->heap, from, 8));
    record_refuse_only(&run->heap, n);
    if (block != NULL && n % 4 == 0 && can(run, OP_REALLOCATE_INPLACE))
        heap_reallocate_inplace(&run->heap, block, run_old_size(run, block), to);
    if (block != NULL)
        heap_reallocate(&run->heap, block, run_old_size(run, block), to);
    uint64_t refused = lift(run);
    if (block != NULL)
        heap_deallocate(&run->heap, block, run_old_size(run, block));
    for (size_t i = 0; i < 2; i++)
        keep(&after, heap_allocate(&run->heap, i == 0 ? to : from, align));
    heap_verify_all(&run->heap);
    pool_deallocate_all(run, &after);
    return refused > 0;
}

static void half_resized(struct run *run)
{
    struct pool neighbours = pool_create(run, 16);
    if (refuse_prepare() == REFUSE_BY_NOTHING || !can(run, OP_REALLOCATE))
        return;
    size_t most = run_rounds(run, 2, 6);
    for (size_t pair = 0; pair < STEPS * STEPS && run_goes_on(run); pair++) {
        size_t from = LARGE_STEPS[pair % STEPS], to = LARGE_STEPS[pair / STEPS] + 5000,
               align = pair % 3 == 2 ? (size_t)4096 << pair % 5 : 8;
        align = align < run->heap.max_align ? align : run->heap.max_align;
        size_t misses = 0; /* of two in a row, one may be luck: other memory was at hand */
        for (uint64_t n = 1; n <= most && misses < 2 && run_goes_on(run); n++)
            misses = resize_with_refusal(run, &neighbours, from, to, align, n) ? 0 : misses + 1;
        pool_deallocate_all(run, &neighbours);
    }
}

/* ---- a limit on the address space ---- */

/* The limit counts the stack, too: what the calls will need of it is touched before. */
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
        uint64_t refused = lift(run);
        after_the_shortage(run, &pool, served ? refused : 0);
    }
    pool_deallocate_all(run, &kept);
}

/* ---- the address space itself ---- */

static size_t touched(size_t size) /* of a large block its owner touches lines only */
{
    const size_t page = 4096;
    return size <= PATTERN_LINES * page ? size : PATTERN_FEWER * page + 2 * PATTERN_EDGE;
}

/* Takes blocks of 1 GiB, then of half, and so on, each size until it gets null; returns how much it got. */
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

/* What 32 bits can address can be had whole, with no limit set and no call refused: the system itself says no. Not
 * where the allocator fills what it gives, which is gigabytes. */
static void whole_address_space(struct run *run)
{
    struct pool pool = pool_create(run, FILL_POOL), kept = pool_create(run, 64);
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0); /* one line touched must not cost more than its page */
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
    uint64_t refused = lift(run);
    if (had >= (size_t)1 << 30 && refused > 0) {
        run_exercised(run, "exhaustion/null");
        run_observe(run, "exhaustion/null", "the system itself refused, after %zu MiB", had >> 20);
    }
    after_the_shortage(run, &pool, served ? refused : 0);
    pool_deallocate_all(run, &kept);
}

/* ---- threads without memory ---- */

/* Each thread's first call finds the system refusing, and so do those of one that has been served. */
static void first_in_thread(struct member *member)
{
    struct run *run = member->run;
    size_t size = (size_t)16 << (member->number * 2);
    struct block *blocks[8] = {NULL};
    if (member->number % 2 == 0)
        blocks[0] = heap_allocate(&run->heap, size, 8);
    team_meet(member);
    if (member->number == 1)
        record_refuse_from(&run->heap, 1);
    team_meet(member);
    for (size_t i = 1; i < 8; i++)
        blocks[i] = run_allocate(run, i % 2 == 0 ? size * i : i < 6 ? size : 3000000, 8, i % 2 == 0);
    for (size_t i = 0; i < 8; i += 2)
        if (blocks[i] != NULL)
            heap_deallocate(&run->heap, blocks[i], member_old_size(member, blocks[i]));
    team_meet(member);
    if (member->number == 1)
        *(uint64_t *)member->context = lift(run);
    team_meet(member);
    must_serve(run, 24, 8, *(uint64_t *)member->context);
    for (size_t i = 1; i < 8; i += 2)
        if (blocks[i] != NULL)
            heap_deallocate(&run->heap, blocks[i], member_old_size(member, blocks[i]));
}

static int threads_part(struct run *run, void *context)
{
    uint64_t refused = 0;
    if (*(bool *)context && !is_served(run, 24, 8))
        return 0;
    team_work(run, 4, first_in_thread, &refused);
    return 0;
}

static void in_threads(struct run *run)
{
    if (refuse_prepare() == REFUSE_BY_NOTHING || !copy_run(run, without_refusal, NULL))
        return;
    size_t rounds = run_rounds(run, 4, 16);
    for (size_t round = 0; round < rounds && run_goes_on(run); round++) {
        bool warm = round % 2;
        copy_run(run, threads_part, &warm);
    }
}

/* ---- what no system can give ---- */

/* Larger than any address space, so that the system itself says no; on 32-bit machines that takes more than isize::MAX.
 */
static size_t beyond(unsigned step)
{
    if (sizeof(size_t) == 8)
        return (size_t)(UINT64_C(1) << (57 + step)) - 4096 + step;
    return SIZE_MAX - 65536 * (step + 1);
}

static void beyond_the_address_space(struct run *run)
{
    size_t served = 0, refused = 0;
    for (size_t i = 0; i < 64; i++)
        served += is_served(run, 24 + i % 2 * 2000, 8);
    for (unsigned step = 0; step < 6 && run_goes_on(run); step++) {
        size_t size = beyond(step);
        struct block *block = heap_allocate(&run->heap, size, 8);
        struct block *zeroed = heap_allocate_zeroed(&run->heap, size, step % 2 ? 8 : run_align(run, 4096));
        refused += (block == NULL) + (zeroed == NULL && can(run, OP_ALLOCATE_ZEROED));
        run_exercised(run, "exhaustion/null");
        if (served < 64)
            continue;
        run_exercised(run, "exhaustion/recovers");
        if (is_served(run, 24, 8))
            continue;
        run_violated(run, "exhaustion/recovers", "allocate, after a request that no system can meet got null",
                     "a block: 64 such requests were served before",
                     "null to all of %d requests (size 24, align %zu) after one of %zu", TRIES,
                     heap_align(&run->heap, 8), size);
        return;
    }
    run_observe(run, "exhaustion/null", "%zu requests beyond the address space got null", refused);
}

static const struct scenario scenarios[] = {
    {.name = "exhaustion/nth-fails",
     .about = "in fresh processes, the 1st, 2nd, 3rd ... mapping call of a small workload fails, and no other",
     .clauses = "exhaustion/null exhaustion/recovers reallocate/failure-intact",
     .tags = "quick",
     .run = nth_fails},
    {.name = "exhaustion/all-from-nth-fail",
     .about = "in fresh processes, it and all later ones fail, until memory is granted again",
     .clauses = "exhaustion/null exhaustion/recovers reallocate/failure-intact",
     .run = all_from_nth_fail},
    {.name = "exhaustion/first-call",
     .about = "the first call of a process: refused, huge, zeroed, over-aligned",
     .clauses = "exhaustion/null exhaustion/recovers",
     .run = first_call},
    {.name = "exhaustion/until-null",
     .about = "refused from here on, until nothing is left; then on with what there is",
     .clauses = "exhaustion/null exhaustion/recovers reallocate/failure-intact zeroing/allocate-zeroed",
     .run = until_null},
    {.name = "exhaustion/cannot-grow",
     .about = "blocks of every size are to grow when the system has begun to refuse",
     .clauses = "exhaustion/null exhaustion/recovers reallocate/failure-intact",
     .run = cannot_grow},
    {.name = "exhaustion/half-resized",
     .about = "the 1st, 2nd, 3rd ... mapping call of a large block's resizing fails, and no other",
     .clauses =
         "exhaustion/null exhaustion/recovers reallocate/failure-intact alignment/reallocate alignment/above-page",
     .run = half_resized},
    {.name = "exhaustion/address-space",
     .about = "a limit on the address space, reached with large blocks first",
     .clauses = "exhaustion/null exhaustion/recovers reallocate/failure-intact",
     .run = address_space},
    {.name = "exhaustion/whole-address-space",
     .about = "all that 32 bits can address, by halves from 1 GiB, until the system itself says no",
     .clauses = "exhaustion/null exhaustion/recovers reallocate/failure-intact",
     .run = whole_address_space},
    {.name = "exhaustion/in-threads",
     .about = "the first call of each of several threads is refused",
     .clauses = "exhaustion/null exhaustion/recovers",
     .relies_on = "threads",
     .run = in_threads},
    {.name = "exhaustion/beyond-the-address-space",
     .about = "sizes that no address space has, then small ones",
     .clauses = "exhaustion/null exhaustion/recovers",
     .run = beyond_the_address_space},
};

CLAUSE_GROUP(exhaustion, "exhaustion", 90, clauses, scenarios);
