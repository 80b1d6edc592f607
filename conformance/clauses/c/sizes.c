/* Sizes that cannot exist, through every function that makes or resizes a block. */
#include "conformance/clauses/c/c.h"
#include "harness/refusal/refuse.h"

/* Blocks of a few sizes, freed at once: an allocator that keeps them answers the next request from there. */
static void prime(struct run *run)
{
    static const size_t sizes[] = {8, 16, 24, 100, 1000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        c_free(run, heap_c_allocate(&run->heap, C_MALLOC, 0, sizes[i]).block);
}

/* One size through each function, new and in place of a block of 100 bytes. Null is right, and so is a block that is
 * really there. */
static void ask_all(struct run *run, size_t size, size_t align)
{
    for (size_t i = 0; i < C_MAKER_COUNT && run_goes_on(run); i++)
        c_free(run, c_make(run, C_MAKERS[i], align, size).block);
    struct block *block = heap_c_allocate(&run->heap, C_MALLOC, 0, 100).block;
    for (size_t i = 0; i < C_MAKER_COUNT && block != NULL && run_goes_on(run); i++)
        if (c_shape(C_MAKERS[i])->role == C_RESIZES)
            heap_c_resize(&run->heap, C_MAKERS[i], block, 1, size);
    c_free(run, block);
}

/* Each of the sizes below SIZE_MAX: a header, an alignment or the rounding to a page is added to it somewhere, and
 * wraps. */
static void top(struct run *run)
{
    size_t all = run_rounds(run, 600, 1 << 14), step = run->effort == EFFORT_SOAK ? 1 : 3;
    prime(run);
    for (size_t k = 0; k < all && run_goes_on(run); k += k < 64 ? 1 : step)
        ask_all(run, SIZE_MAX - k, (size_t)16 << k % 9);
    for (size_t k = 1; k <= 3 && run_goes_on(run); k++)
        for (size_t align = 16; align != 0 && align <= run->heap.max_align && run_goes_on(run); align *= 16)
            ask_all(run, SIZE_MAX - k * align + (k == 1), align);
}

/* PTRDIFF_MAX on both sides, and every power of two that no machine has. The address space is limited first: a system
 * that grants terabytes would take a correct calloc's breath away. */
static void middle(struct run *run)
{
    refuse_limit_address_space(UINT64_C(512) << 20);
    size_t near = run_rounds(run, 20, 200);
    for (size_t k = 0; k < near && run_goes_on(run); k++)
        ask_all(run, (size_t)PTRDIFF_MAX + near / 2 - k, 64);
    int bits = (int)sizeof(size_t) * 8;
    for (int bit = bits == 64 ? 40 : 31; bit < bits && run_goes_on(run); bit++)
        for (int delta = -70; delta <= 70; delta += 10)
            ask_all(run, ((size_t)1 << bit) + (size_t)delta, (size_t)1 << bit % 13);
    if (bits == 64)
        for (size_t more = 1; more < 70000 && run_goes_on(run); more = more * 3 + 1)
            ask_all(run, (size_t)(UINT64_C(1) << 32) + more, 32);
}

/* Alignments up to the top bit, with sizes of a few bytes and with sizes that wrap when the alignment is added. */
static void huge_alignments(struct run *run)
{
    refuse_limit_address_space(UINT64_C(512) << 20);
    for (size_t align = (size_t)1 << 13; align != 0 && align <= run->heap.max_align && run_goes_on(run); align *= 2) {
        const size_t sizes[] = {
            1, 24, align - 1, align, SIZE_MAX - align, SIZE_MAX - align + 1, SIZE_MAX / 2 - align, SIZE_MAX};
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes && run_goes_on(run); i++) {
            c_free(run, c_make(run, C_ALIGNED_ALLOC, align, sizes[i]).block);
            c_free(run, c_make(run, C_POSIX_MEMALIGN, align, sizes[i]).block);
            c_free(run, c_make(run, C_MEMALIGN, align, sizes[i]).block);
        }
    }
}

#define REFUSED \
    "block/no-wrapped-size c/errno-on-failure c/errno-of-old-functions c/posix-memalign-code c/posix-memalign-out "

static const struct scenario scenarios[] = {
    {.name = "c/top-sizes",
     .about = "each of the sizes just below SIZE_MAX, through every function",
     .clauses = REFUSED "reallocate/failure-intact c/reallocarr-code c/above-ptrdiff-max",
     .tags = "quick",
     .needs = NEEDS_C,
     .run = top},
    {.name = "c/middle-sizes",
     .about = "PTRDIFF_MAX on both sides, powers of two and what lies just above 4 GiB, through every function",
     .clauses = REFUSED "reallocate/failure-intact c/above-ptrdiff-max",
     .needs = NEEDS_C,
     .run = middle},
    {.name = "c/huge-alignments",
     .about = "alignments up to the top bit, with small sizes and with sizes that wrap",
     .clauses = REFUSED "c/aligned alignment/above-page",
     .needs = NEEDS_C,
     .run = huge_alignments},
};

SCENARIOS_OF("malloc", c_sizes, "c", C_ORDER + 1, scenarios);
