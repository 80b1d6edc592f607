/* Calls that come before the library's own constructor has run. Every library that is initialised earlier may make such
 * calls. */
#include <string.h>

#include "conformance/contract.h"
#include "conformance/scenario/run.h"

static const struct clause clauses[] = {
    {.id = "early/calls",
     .level = LEVEL_MUST,
     .strength = "derived",
     .statement = "A library that takes malloc's place returns from calls that come before its own constructor, and "
                  "takes the blocks of that time back later.",
     .source =
         "[A1] and [A18], that calls return; [gABI-init]: unrelated libraries are initialised in any order, and any "
         "of them may allocate then",
     .why = "the program dies before main, or when it frees what a library's constructor has allocated",
     .broken_by = "a free that does not know the bootstrap arena; functions looked up in the constructor alone",
     .needs = NEEDS_EARLY_CALLS,
     .moot_if = "abi/returns",
     .moot_note = "no block was handed out before the constructor ran"},
};

enum { SIZES = 8, WAYS = 4, BLOCKS = SIZES * WAYS };

static const size_t sizes[SIZES] = {1, 24, 8, 100, 500, 72704, 4000, 3000};

static struct {
    struct block *blocks[BLOCKS];
    size_t count; /* the places used; a place is NULL where the answer was null */
} early;

static struct block *allocate(struct run *run, size_t way, size_t size)
{
    size_t align = way == 3 && run->heap.max_align >= 64 ? 64 : 8;
    return way == 1 && candidate_has(run->candidate, OP_ALLOCATE_ZEROED) ? heap_allocate_zeroed(&run->heap, size, align)
                                                                         : heap_allocate(&run->heap, size, align);
}

/* Keeps half of the blocks, resizes some, and frees the rest at once. It does not ask for the usable size of a block:
 * programs do not ask so early, and tcmalloc then answers 0. */
static void before_the_constructor(struct run *run)
{
    run->heap.has_block_usable = false;
    heap_blame_crashes_on(&run->heap, "early/calls");
    for (size_t i = 0; i < BLOCKS && run_goes_on(run); i++) {
        struct block *block = allocate(run, i % WAYS, sizes[i / WAYS]);
        struct block *passing = allocate(run, i % WAYS, sizes[i / WAYS]);
        if (block != NULL && i % 3 == 0)
            heap_reallocate(&run->heap, block, block->requested, block->requested + 40);
        if (passing != NULL)
            heap_deallocate(&run->heap, passing, passing->requested);
        early.blocks[early.count++] = block;
    }
    heap_blame_crashes_on(&run->heap, NULL);
    run->heap.has_block_usable = candidate_has_block_usable_size(run->candidate);
}

/* Makes the same calls with blocks of its own. What goes wrong here would go wrong at any time, and is charged as
 * usual. */
static void same_again(struct run *run)
{
    for (size_t i = 0; i < BLOCKS && run_goes_on(run); i++) {
        struct block *block = allocate(run, i % WAYS, sizes[i / WAYS]);
        if (block != NULL && i % 2 == 0)
            heap_reallocate(&run->heap, block, block->requested, block->requested * 3);
        if (block != NULL)
            heap_deallocate(&run->heap, block, block->requested);
    }
}

static void after_the_constructor(struct run *run)
{
    same_again(run);
    heap_blame_crashes_on(&run->heap, "early/calls");
    for (size_t i = 0; i < early.count && run_goes_on(run); i++) {
        struct block *block = early.blocks[i];
        if (block == NULL)
            continue;
        if (i % 2 == 0)
            heap_reallocate(&run->heap, block, block->requested, block->requested * 3);
        if (run_goes_on(run))
            heap_deallocate(&run->heap, block, block->requested);
        run_exercised(run, "early/calls");
    }
    heap_blame_crashes_on(&run->heap, NULL);
    same_again(run);
}

static const struct scenario scenarios[] = {
    {.name = "early/calls",
     .about = "blocks from before its constructor ran are resized and freed in main, among others",
     .clauses = "early/calls abi/returns",
     .tags = "quick",
     .needs = NEEDS_EARLY_CALLS,
     .early = before_the_constructor,
     .run = after_the_constructor},
};

CLAUSE_GROUP(early, "early", 12, clauses, scenarios);
