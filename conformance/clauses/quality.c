/* Quality: freed memory serves later requests. The same traffic, repeated, must not need ever more memory. What counts
 * is resident memory, after enough rounds for caches and arenas to fill. Memory that still grows then may be on its way
 * to a bound (a quarantine, for example, or a search that first goes round an arena). So the number of rounds is
 * doubled again and again, to let it reach that bound. */
#include "conformance/contract.h"
#include "conformance/scenario/process.h"
#include "conformance/scenario/team.h"

static const struct clause clauses[] = {}; /* the clause deallocate/reuse is a row of deallocate.c */

enum { WARM = 8, MEASURED = 8, ENOUGH_MEASURED = 128, MOST_MEASURED = 512, SMALL_BLOCKS = 4000, LITTLE = 256 << 10 };

/* Bytes that a thread which does nothing leaves behind, in an emulator or in libc. */
static uint64_t cost_of_a_thread;

struct growth {
    size_t rounds, allocated; /* rounds made, and bytes allocated in them */
    uint64_t grown;           /* bytes of footprint */
    bool known;
};

/* `round` returns how many bytes it has allocated and freed. */
static struct growth measure(struct run *run, size_t (*round)(struct run *run, size_t size), size_t size, size_t rounds)
{
    struct growth growth = {.rounds = rounds};
    uint64_t before = process_footprint();
    for (size_t i = 0; i < rounds && run_goes_on(run); i++)
        growth.allocated += round(run, size);
    uint64_t after = process_footprint();
    growth.grown = after > before ? after - before : 0;
    growth.known = before != 0 && growth.allocated != 0 && run_goes_on(run);
    return growth;
}

/* Does the footprint grow too much? Growth by less than half of what was allocated is taken for a policy of the
 * allocator. */
static bool grows(const struct growth *growth, size_t threads)
{
    uint64_t excused = LITTLE + threads * growth->rounds * cost_of_a_thread * 2;
    return growth->known && growth->grown > excused && growth->grown - excused + LITTLE > growth->allocated / 2;
}

static void steady(struct run *run, const char *what, size_t (*round)(struct run *run, size_t size), size_t size,
                   size_t threads)
{
    const uint64_t enough = (uint64_t)256 << 20; /* a bound above this is of no use to anybody */
    for (int i = 0; i < WARM && run_goes_on(run); i++)
        round(run, size);
    struct growth growth = measure(run, round, size, MEASURED);
    for (size_t rounds = 2 * MEASURED; rounds <= MOST_MEASURED && grows(&growth, threads) && growth.grown < enough;
         rounds *= 2) {
        struct growth longer = measure(run, round, size, rounds);
        if (!longer.known) { /* there is no time for more: what was seen decides, if it was enough */
            growth.known = growth.known && growth.rounds >= ENOUGH_MEASURED;
            break;
        }
        growth = longer;
    }
    if (!growth.known)
        return;
    run_exercised(run, "deallocate/reuse");
    if (grows(&growth, threads))
        run_violated(run, "deallocate/reuse", what, "about as much memory after more rounds of the same as before",
                     "%llu KiB more for %zu KiB allocated and freed in %zu rounds (sizes of %zu and below)",
                     (unsigned long long)growth.grown >> 10, growth.allocated >> 10, growth.rounds, size);
}

/* ---- one class, and large blocks ---- */

static struct pool held; /* each scenario has a process of its own */

static size_t fill_and_free(struct run *run, size_t size)
{
    size_t bytes = 0, most = (size_t)1 << 20,
           count = size > 40000                 ? 6
                   : size > most / SMALL_BLOCKS ? most / size
                                                : SMALL_BLOCKS;
    for (size_t i = 0; i < count && run_goes_on(run); i++)
        if (pool_add(&held, run_allocate(run, size, 8, i % 4 == 0)))
            bytes += size;
    while (held.count > 0 && run_goes_on(run)) {
        struct block *block = pool_take_any(run, &held);
        heap_deallocate(&run->heap, block, run_old_size(run, block));
    }
    return bytes;
}

static void small_blocks(struct run *run)
{
    static const size_t sizes[] = {16, 48, 160, 700, 3000, 9000, 33000};
    held = pool_create(run, SMALL_BLOCKS);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes && run_goes_on(run); i++)
        steady(run, "blocks of one size, allocated and freed again and again", fill_and_free, sizes[i], 0);
}

static void large_blocks(struct run *run)
{
    held = pool_create(run, 64);
    steady(run, "large blocks, allocated and freed again and again", fill_and_free, 150000, 0);
    steady(run, "large blocks, allocated and freed again and again", fill_and_free, run_rounds(run, 400000, 1500000),
           0);
}

static size_t fill_aligned(struct run *run, size_t align)
{
    size_t bytes = 0;
    for (size_t i = 0; i < 48 && run_goes_on(run); i++)
        if (pool_add(&held, heap_allocate(&run->heap, align + 100 - i, align)))
            bytes += align + 100;
    pool_deallocate_all(run, &held);
    return bytes;
}

static void aligned_blocks(struct run *run)
{
    held = pool_create(run, 64);
    for (size_t align = 4096; align <= 65536 && align <= run->heap.max_align && run_goes_on(run); align *= 4)
        steady(run, "over-aligned blocks, allocated and freed again and again", fill_aligned, align, 0);
}

/* ---- resized ---- */

/* What a reallocate leaves behind counts: each step up asks for that many bytes anew. */
static size_t up_and_down(struct run *run, size_t size)
{
    size_t bytes = 0;
    for (size_t i = 0; i < 12 && run_goes_on(run); i++)
        pool_add(&held, heap_allocate(&run->heap, 16, 8));
    for (size_t step = 64; step <= size; step *= 2)
        for (size_t i = 0; i < held.count && run_goes_on(run); i++)
            if (heap_reallocate(&run->heap, held.blocks[i], run_old_size(run, held.blocks[i]), step + i))
                bytes += step;
    for (size_t i = 0; i < held.count && run_goes_on(run); i++)
        heap_reallocate(&run->heap, held.blocks[i], run_old_size(run, held.blocks[i]), 100 + i);
    pool_deallocate_all(run, &held);
    return bytes;
}

static void resized_blocks(struct run *run)
{
    held = pool_create(run, 16);
    if (!candidate_has(run->candidate, OP_REALLOCATE))
        return;
    steady(run, "blocks that grow in steps, shrink and go", up_and_down, 8192, 0);
    steady(run, "blocks that grow in steps, shrink and go", up_and_down, run_rounds(run, 65536, 400000), 0);
}

/* ---- across threads ---- */

static void allocate_in_thread(struct member *member)
{
    size_t size = *(size_t *)member->context;
    for (size_t i = 0; i < 96; i++)
        pool_add(&held, heap_allocate(&member->run->heap, size, 8));
}

static void free_in_thread(struct member *member)
{
    while (held.count > 0 && !member->run->heap.tainted) {
        struct block *block = pool_take(&held, held.count - 1);
        heap_deallocate(&member->run->heap, block, block->requested);
    }
}

/* One thread allocates and ends; another frees and ends. */
static size_t hand_over(struct run *run, size_t size)
{
    team_work(run, 1, allocate_in_thread, &size);
    size_t bytes = held.count * size;
    team_work(run, 1, free_in_thread, &size);
    return bytes;
}

enum { LIVES = 6, TOGETHER = 2 };

static size_t few_served; /* how many of its blocks the first of them was given */

static void keep_few(struct member *member)
{
    struct block *blocks[8];
    size_t served = 0;
    size_t size = *(size_t *)member->context;
    for (size_t i = 0; i < 8; i++)
        blocks[i] = heap_allocate(&member->run->heap, size, 8);
    for (size_t i = 0; i < 8; i++)
        if (blocks[i] != NULL) {
            heap_deallocate(&member->run->heap, blocks[i], blocks[i]->requested);
            served++;
        }
    if (member->number == 1)
        few_served = served;
}

/* Threads free what they allocated, and end: nothing stays in use, except in their caches if they had any. */
static size_t come_and_go(struct run *run, size_t size)
{
    for (int i = 0; i < LIVES && run_goes_on(run); i++)
        team_work(run, TOGETHER, keep_few, &size);
    return (size_t)LIVES * TOGETHER * few_served * size;
}

static void do_nothing(struct member *member) { (void)member; }

static void measure_threads(struct run *run)
{
    for (int i = 0; i < WARM; i++)
        team_work(run, TOGETHER, do_nothing, NULL);
    uint64_t before = process_footprint();
    for (int i = 0; i < MEASURED; i++)
        team_work(run, TOGETHER, do_nothing, NULL);
    uint64_t after = process_footprint();
    cost_of_a_thread = after > before ? (after - before) / (MEASURED * TOGETHER) : 0;
}

static void across_threads(struct run *run)
{
    held = pool_create(run, 128);
    measure_threads(run);
    for (size_t size = 4000; size <= 16000 && run_goes_on(run); size *= 2)
        steady(run, "allocated by one thread, which ends, freed by another, which ends", hand_over, size, 2);
    for (size_t size = 2000; size <= 16000 && run_goes_on(run); size *= 2)
        steady(run, "threads allocate a few blocks, free them and end", come_and_go, size, LIVES * TOGETHER);
}

static const struct scenario scenarios[] = {
    {.name = "quality/small",
     .about = "the same small blocks again and again, class by class",
     .clauses = "deallocate/reuse",
     .tags = "quality",
     .run = small_blocks},
    {.name = "quality/large",
     .about = "the same large blocks again and again",
     .clauses = "deallocate/reuse",
     .tags = "quality",
     .run = large_blocks},
    {.name = "quality/aligned",
     .about = "the same over-aligned blocks again and again",
     .clauses = "deallocate/reuse",
     .tags = "quality",
     .run = aligned_blocks},
    {.name = "quality/resized",
     .about = "blocks that grow in steps, shrink and go",
     .clauses = "deallocate/reuse",
     .tags = "quality",
     .run = resized_blocks},
    {.name = "quality/threads",
     .about = "memory that crosses threads, and threads that end",
     .clauses = "deallocate/reuse",
     .tags = "quality",
     .relies_on = "threads",
     .run = across_threads},
};

CLAUSE_GROUP(quality, "quality", 115, clauses, scenarios);
