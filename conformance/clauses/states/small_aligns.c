/* Small alignments: 1, 2 and 4 are what bytes, shorts and ints ask for. */
#include "conformance/clauses/states/states.h"

static const struct clause clauses[] = {
    {.id = "alignment/small-served",
     .level = LEVEL_SHOULD,
     .strength = "quality",
     .statement = "Requests of alignment 1, 2 and 4 are served where larger alignments are.",
     .source = "null is a legal answer to any request [A1]; but String and Vec<u8> ask for alignment 1, and std takes "
               "null for the end of memory",
     .why = "the first string of a program ends it",
     .broken_by = "posix_memalign called with the alignment as it is: less than a pointer's size is an error to it",
     .needs = NEEDS_ALIGNMENT},
};

enum { ROUNDS = 40 };

/* How many of them were served. */
static size_t serve(struct run *run, size_t align, bool zeroed)
{
    size_t served = 0;
    for (size_t i = 0; i < ROUNDS && run_goes_on(run); i++) {
        struct block *block = run_allocate(run, run_size(run, i % 8 == 7 ? 100000 : 4000), align, zeroed);
        served += block != NULL;
        if (block != NULL)
            heap_deallocate(&run->heap, block, run_old_size(run, block));
    }
    return served;
}

static void compare(struct run *run, bool zeroed)
{
    size_t larger = serve(run, 8, zeroed) + serve(run, 16, zeroed);
    for (size_t align = 1; align < 8 && larger > 0 && run_goes_on(run); align *= 2) {
        size_t served = serve(run, align, zeroed);
        run_exercised(run, "alignment/small-served");
        if (served == 0)
            run_violated(run, "alignment/small-served",
                         zeroed ? "allocate_zeroed is asked for blocks of up to 100,000 bytes"
                                : "allocate is asked for blocks of up to 100,000 bytes",
                         "some are served, as with alignments 8 and 16",
                         "null to each of %d requests of alignment %zu; of %d with alignment 8 or 16 %zu were served",
                         ROUNDS, align, 2 * ROUNDS, larger);
    }
}

static void small_aligns(struct run *run)
{
    compare(run, false);
    if (heap_has(&run->heap, OP_ALLOCATE_ZEROED))
        compare(run, true);
}

static const struct scenario scenarios[] = {
    {.name = "states/small-alignments",
     .about = "alignments 1, 2 and 4 beside 8 and 16",
     .clauses = "alignment/small-served",
     .tags = "quick",
     .needs = NEEDS_ALIGNMENT,
     .run = small_aligns},
};

CLAUSE_GROUP(small_aligns, "states", 107, clauses, scenarios);
