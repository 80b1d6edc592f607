/* The largest alignments with the largest sizes: size + align, and what rounds it up, wraps. Each operation has a
 * scenario of its own, so that a crash in one hides nothing of the others. */
#include "conformance/clauses/states/states.h"
#include "harness/refusal/refuse.h"

enum { TOP_BIT = (int)sizeof(size_t) * 8 - 1, NEAR = 5 };

/* Nobody serves any of it: none is less than a quarter of what a pointer can say, but for the small size, which goes
 * with alignments alone. */
static size_t size_of(size_t align, size_t which)
{
    static const int deltas[NEAR] = {0, 1, -1, 16, -4096};
    const size_t bases[] = {SIZE_MAX - align, SIZE_MAX - align + 1, (size_t)PTRDIFF_MAX,
                            SIZE_MAX,         SIZE_MAX - 2 * align, (size_t)PTRDIFF_MAX - align};
    size_t size = bases[which / NEAR % 6] + (size_t)(ptrdiff_t)deltas[which % NEAR];
    return size < SIZE_MAX / 4 ? SIZE_MAX - which : size;
}

enum { SIZES = 6 * NEAR };

/* Calls ask(run, size, align) for each alignment that the binding allows, and each size. */
static void each(struct run *run, void (*ask)(struct run *run, size_t size, size_t align))
{
    refuse_limit_address_space(UINT64_C(512) << 20); /* nor is there room for an alignment alone */
    for (int bit = 0; bit <= TOP_BIT && run_goes_on(run); bit++) {
        size_t align = (size_t)1 << bit;
        if (align > run->heap.max_align)
            break;
        for (size_t which = 0; which < SIZES && run_goes_on(run); which++)
            ask(run, size_of(align, which), align);
        if (bit >= 30)
            ask(run, 24, align);
    }
}

static void settle(struct run *run, struct block *block)
{
    if (block != NULL)
        heap_deallocate(&run->heap, block, block->requested);
    else if (!run->heap.tainted)
        run_exercised(run, "block/no-wrapped-size");
}

static void allocate(struct run *run, size_t size, size_t align)
{
    settle(run, heap_allocate(&run->heap, size, align));
}

static void allocate_zeroed(struct run *run, size_t size, size_t align)
{
    settle(run, heap_allocate_zeroed(&run->heap, size, align));
}

/* Blocks of the largest alignments cannot be had: a smaller one does. */
static struct block *held(struct run *run, size_t align)
{
    return heap_allocate(&run->heap, 40, align <= (size_t)1 << 21 ? align : 1);
}

static void reallocate(struct run *run, size_t size, size_t align)
{
    struct block *block = held(run, align);
    if (block == NULL)
        return;
    if (!heap_reallocate(&run->heap, block, run_old_size(run, block), size) && !run->heap.tainted)
        run_exercised(run, "block/no-wrapped-size");
    if (!run->heap.tainted)
        heap_deallocate(&run->heap, block, run_old_size(run, block));
}

static void reallocate_inplace(struct run *run, size_t size, size_t align)
{
    struct block *block = held(run, align);
    if (block == NULL)
        return;
    heap_reallocate_inplace(&run->heap, block, run_old_size(run, block), size);
    if (!run->heap.tainted)
        heap_deallocate(&run->heap, block, run_old_size(run, block));
}

static void top_allocate(struct run *run) { each(run, allocate); }
static void top_allocate_zeroed(struct run *run) { each(run, allocate_zeroed); }
static void top_reallocate(struct run *run) { each(run, reallocate); }
static void top_reallocate_inplace(struct run *run) { each(run, reallocate_inplace); }

#define ABOUT "alignments to the top bit, with sizes near SIZE_MAX - align and isize::MAX: "

static const struct scenario scenarios[] = {
    {.name = "states/top-allocate",
     .about = ABOUT "allocate alone",
     .clauses = "block/no-wrapped-size abi/returns",
     .tags = "quick",
     .run = top_allocate},
    {.name = "states/top-allocate-zeroed",
     .about = ABOUT "allocate_zeroed alone",
     .clauses = "block/no-wrapped-size abi/returns",
     .tags = "quick",
     .needs = NEEDS_ALLOCATE_ZEROED,
     .run = top_allocate_zeroed},
    {.name = "states/top-reallocate",
     .about = ABOUT "reallocate alone",
     .clauses = "block/no-wrapped-size reallocate/failure-intact",
     .tags = "quick",
     .run = top_reallocate},
    {.name = "states/top-reallocate-inplace",
     .about = ABOUT "reallocate_inplace alone",
     .clauses = "in-place/refusal-intact in-place/answer",
     .tags = "quick",
     .needs = NEEDS_IN_PLACE,
     .run = top_reallocate_inplace},
};

SCENARIOS(tops, "states", 106, scenarios);
