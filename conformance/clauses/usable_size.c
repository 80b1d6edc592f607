/* usable_size: how much of a block its owner may use, as a function of (size, align) alone.
 *
 * Nothing in Rust's standard library ever asked for it, so nothing of that time tested it; allocators got it wrong
 * unnoticed.
 */
#include <stdio.h>

#include "conformance/contract.h"
#include "conformance/scenario/run.h"

static const struct clause clauses[] = {
    {.id = "usable-size/at-least-size",
     .level = LEVEL_MUST,
     .strength = "derived",
     .statement = "usable_size(size, align) is at least size wherever allocate(size, align) succeeds.",
     .source = "[A12]: old_size ranges over size ..= usable_size [C6]; what cannot be allocated is left open [G1]",
     .why = "the range of legal old_size values would be empty",
     .broken_by = "rounding down; a class table that is off by one",
     .needs = NEEDS_USABLE_SIZE | NEEDS_USABLE_SIZE_ASKED},
    {.id = "usable-size/pure",
     .level = LEVEL_MUST,
     .strength = "documented",
     .statement = "usable_size is a function of (size, align) alone: the same before and after traffic, in every "
                  "thread, for every way a block came to be.",
     .source = "[A13]: it takes no pointer",
     .why = "a caller asks once and uses the answer for every block of that size",
     .broken_by = "answers that depend on the state of the heap, on a cache or on the thread",
     .needs = NEEDS_PURE_USABLE_SIZE | NEEDS_USABLE_SIZE_ASKED,
     .tells_of_race = true},
    {.id = "usable-size/fixed-point",
     .level = LEVEL_MUST,
     .strength = "derived",
     .statement = "usable_size is constant on size ..= usable_size(size, align), hence idempotent.",
     .source = "[A14]: [C6] and [A9] together",
     .why = "a refused in-place request answers usable_size(old_size), and old_size may be anywhere in that range",
     .broken_by = "classes whose upper end belongs to the next class",
     .needs = NEEDS_PURE_USABLE_SIZE | NEEDS_USABLE_SIZE_ASKED},
    {.id = "usable-size/slack-owned",
     .level = LEVEL_MUST,
     .strength = "derived",
     .statement = "All bytes up to usable_size are accessible, the owner's alone, and survive.",
     .source = "[A15]: old_size, and so the contents that are kept, may reach up to there [C6]",
     .why = "code that asks for the usable size goes on to use it",
     .broken_by = "a usable size that counts the header, or the neighbour's first bytes",
     .needs = NEEDS_USABLE_SIZE,
     .moot_if = "block/accessible",
     .moot_note = "usable_size was the size itself, always",
     .tells_of_race = true},
    {.id = "usable-size/monotone",
     .level = LEVEL_OBSERVED,
     .strength = "open",
     .statement = "A larger size never has a smaller usable size.",
     .source = "not written anywhere; true of the allocators of the era",
     .why = "a reader of the report may want to know",
     .broken_by = "classes that overlap",
     .needs = NEEDS_PURE_USABLE_SIZE | NEEDS_USABLE_SIZE_ASKED},
};

static void violated(struct run *run, const char *clause, size_t size, size_t align, const char *expected,
                     size_t answer)
{
    char message[96];
    snprintf(message, sizeof message, "usable_size(size %zu, align %zu)", size, align);
    run_violated(run, clause, message, expected, "%zu", answer);
}

/* Checks one point of the function: is the value the same at the usable size and in between? */
static void check_point(struct run *run, size_t size, size_t align, size_t usable)
{
    if (usable < size)
        return; /* usable-size/at-least-size judges that, where the allocation succeeds */
    const size_t within[] = {usable, size + (usable - size) / 2,
                             size + (size_t)prng_below(&run->prng, usable - size + 1)};
    for (size_t i = 0; i < sizeof within / sizeof *within; i++) {
        size_t again = heap_ask_usable_size(&run->heap, within[i], align);
        run_exercised(run, "usable-size/fixed-point");
        if (again == usable)
            continue;
        char message[128], expected[96];
        snprintf(message, sizeof message, "usable_size(size %zu, align %zu), inside %zu ..= usable_size(%zu)",
                 within[i], align, size, size);
        snprintf(expected, sizeof expected, "%zu, as for size %zu", usable, size);
        run_violated(run, "usable-size/fixed-point", message, expected, "%zu", again);
    }
}

/* Can such a block be allocated, and does its owner really have all of it? The oracle checks that. */
static void check_block(struct run *run, size_t size, size_t align)
{
    struct block *block = heap_allocate(&run->heap, size, align);
    if (block != NULL)
        heap_deallocate(&run->heap, block, run_old_size(run, block));
}

static void check_size(struct run *run, size_t size, size_t align, size_t *before)
{
    size_t usable = heap_ask_usable_size(&run->heap, size, align);
    check_point(run, size, align, usable);
    unsigned one_of = size < 64 << 10    ? 1
                      : size < 256 << 10 ? 4
                                         : 16; /* fresh pages are expensive: for large blocks a sample will do */
    if (prng_chance(&run->prng, 1, one_of))
        check_block(run, size, align);
    run_exercised(run, "usable-size/monotone");
    if (usable < *before)
        run_observe(run, "usable-size/monotone", "usable_size(%zu, %zu) is %zu, less than for a smaller size", size,
                    align, usable);
    *before = usable;
}

static bool can_be_had(struct run *run, size_t size, size_t align)
{
    struct block *block = heap_allocate(&run->heap, size, align);
    if (block == NULL)
        return false;
    heap_deallocate(&run->heap, block, block->requested);
    return true;
}

/* Asks about sizes and alignments for which allocating a block is expensive. A block is allocated only where an answer
 * is odd, since for blocks that cannot be allocated the function may answer anything. */
static void questions(struct run *run)
{
    const unsigned last = sizeof(size_t) > 4 ? 33 : 29;
    for (unsigned power_of_align = 12; power_of_align <= 30; power_of_align += 2)
        for (unsigned power = 12; power <= last && run_goes_on(run); power++) {
            size_t size = ((size_t)1 << power) + (size_t)prng_below(&run->prng, (uint64_t)1 << power),
                   align = (size_t)1 << power_of_align;
            size_t usable = align <= run->heap.max_align ? heap_ask_usable_size(&run->heap, size, align) : 0;
            if (usable >= size && heap_ask_usable_size(&run->heap, usable, align) != usable &&
                can_be_had(run, size, align))
                check_point(run, size, align, usable);
        }
}

/* Asks about every size up to a few pages, and then goes from class edge to class edge and asks about both sides of
 * each. */
static void sweep(struct run *run)
{
    size_t dense = run->effort == EFFORT_QUICK ? 600 : 2 * run->heap.page;
    size_t top = run->effort == EFFORT_QUICK ? (size_t)1 << 20 : (size_t)16 << 20;
    for (size_t align = 1; align <= run->heap.page && align <= run->heap.max_align && run_goes_on(run);
         align *= align < 64 ? 4 : 8) {
        size_t before = 0;
        for (size_t size = 1; size <= dense && run_goes_on(run); size++)
            check_size(run, size, align, &before);
        for (size_t size = dense, steps = 0; size < top && steps < 400 && run_goes_on(run); steps++) {
            size_t usable = heap_ask_usable_size(&run->heap, size, align);
            size_t edge = usable > size ? usable : size + size / 8;
            for (size_t at = edge - 1; at <= edge + 1; at++)
                check_size(run, at, align, &before);
            size = edge + 1;
        }
    }
    questions(run);
}

/* Asks, makes traffic of every kind, and asks again. */
static void before_and_after(struct run *run)
{
    enum { QUESTIONS = 512 };
    struct {
        size_t size, align, answer;
    } *asked = run_scratch(run, QUESTIONS * sizeof *asked);
    struct pool pool = pool_create(run, 4096);
    for (size_t i = 0; i < QUESTIONS; i++) {
        asked[i].size = run_size(run, (size_t)8 << 20);
        asked[i].align = run_align(run, run->heap.page);
        asked[i].answer = heap_ask_usable_size(&run->heap, asked[i].size, asked[i].align);
    }
    size_t rounds = run_rounds(run, 3, 12);
    for (size_t round = 0; round < rounds && run_goes_on(run); round++) {
        for (size_t i = 0; i < 300; i++) {
            size_t size = asked[i % QUESTIONS].size;
            pool_add(&pool,
                     heap_allocate(&run->heap, size > 65536 ? size % 65536 + 1 : size, asked[i % QUESTIONS].align));
        }
        while (pool.count > 100 && run_goes_on(run)) {
            struct block *block = pool_take_any(run, &pool);
            heap_deallocate(&run->heap, block, run_old_size(run, block));
        }
        for (size_t i = 0; i < QUESTIONS && run_goes_on(run); i++) {
            size_t again = heap_ask_usable_size(&run->heap, asked[i].size, asked[i].align);
            run_exercised(run, "usable-size/pure");
            if (again != asked[i].answer) {
                char expected[64];
                snprintf(expected, sizeof expected, "%zu, as before the traffic", asked[i].answer);
                violated(run, "usable-size/pure", asked[i].size, asked[i].align, expected, again);
            }
        }
    }
    pool_deallocate_all(run, &pool);
}

/* However a block was made, its owner has usable_size bytes: many neighbours are each written to the end, and each is
 * verified. */
static void slack(struct run *run)
{
    struct pool pool = pool_create(run, 2048);
    size_t rounds = run_rounds(run, 600, 6000);
    for (size_t round = 0; round < rounds && run_goes_on(run); round++) {
        if (pool.count >= 400) {
            struct block *block = pool_take_any(run, &pool);
            heap_verify_neighbours(&run->heap, block);
            heap_deallocate(&run->heap, block, run_old_size(run, block));
        }
        size_t size = run_size(run, 20000), align = run_align(run, 256);
        struct block *block = run_allocate(run, size, align, !prng_chance(&run->prng, 1, 2));
        if (block != NULL && prng_chance(&run->prng, 1, 2)) {
            size_t old_size = run_old_size(run, block);
            heap_reallocate(&run->heap, block, old_size, run_size(run, 20000));
        }
        pool_add(&pool, block);
    }
    heap_verify_all(&run->heap);
    pool_deallocate_all(run, &pool);
}

static const struct scenario scenarios[] = {
    {.name = "usable-size/sweep",
     .about = "every size to a few pages, then both sides of every class edge",
     .clauses = "usable-size/at-least-size usable-size/fixed-point usable-size/monotone usable-size/slack-owned",
     .needs = NEEDS_PURE_USABLE_SIZE,
     .tags = "quick",
     .run = sweep},
    {.name = "usable-size/before-and-after",
     .about = "the same questions before and after traffic",
     .clauses = "usable-size/pure",
     .needs = NEEDS_PURE_USABLE_SIZE | NEEDS_USABLE_SIZE_ASKED,
     .run = before_and_after},
    {.name = "usable-size/slack",
     .about = "many neighbours, each written to its usable end",
     .clauses = "usable-size/slack-owned usable-size/at-least-size",
     .needs = NEEDS_USABLE_SIZE,
     .run = slack},
};

CLAUSE_GROUP(usable_size, "usable-size", 40, clauses, scenarios);
