/* Alignment: every result is a multiple of the align that was asked for, whatever the size.
 *
 * The rule has no side condition: neither size >= align nor a size that is a multiple of align. Rust 1.19's own
 * alloc_jemalloc broke it for years for small sizes (rust-lang/rust#45955), because nobody looked at more than one
 * block. So these scenarios hold many live blocks at once, allocate a filler of odd size before each, take sizes on
 * both sides of every boundary, and recycle memory.
 */
#include "conformance/contract.h"
#include "conformance/scenario/run.h"

static const struct clause clauses[] = {
    {.id = "alignment/allocate",
     .level = LEVEL_MUST,
     .strength = "documented",
     .statement =
         "A non-null result of allocate is a multiple of align, for every power of two up to the page size, also "
         "where size < align or size is no multiple of align.",
     .source = "heap.rs 1.19, allocate [A1] [A2]; rust-lang/rust#45955 [B1]",
     .why = "compilers use aligned instructions and pointer tags that rely on it: a misaligned block is a crash or a "
            "corrupted table",
     .broken_by = "ignoring align; trusting malloc's alignment for small sizes; losing it on recycled memory",
     .needs = NEEDS_ALIGNMENT},
    {.id = "alignment/allocate-zeroed",
     .level = LEVEL_MUST,
     .strength = "documented",
     .statement = "A non-null result of allocate_zeroed is a multiple of align, under the same conditions.",
     .source = "heap.rs 1.19, allocate_zeroed [A3]",
     .why = "as for allocate; the zeroing path is often written separately",
     .broken_by = "calloc used for every alignment",
     .needs = NEEDS_ALLOCATE_ZEROED | NEEDS_ALIGNMENT},
    {.id = "alignment/reallocate",
     .level = LEVEL_MUST,
     .strength = "derived",
     .statement = "A non-null result of reallocate is a multiple of the block's align, moved or not.",
     .source = "heap.rs 1.19, reallocate [A4]: align cannot change [C5], so the result must have it; "
               "rust-lang/rust#42025 [B4]",
     .why = "an over-aligned vector that grows keeps its element type",
     .broken_by = "realloc used for over-aligned blocks; moving the base and not the offset",
     .needs = NEEDS_ALIGNMENT},
    {.id = "alignment/above-page",
     .level = LEVEL_MUST,
     .strength = "documented",
     .statement = "Above the page size a result is null or a multiple of align.",
     .source = "heap.rs 1.19 limits align to the page size for the caller [C3]; misaligned non-null is wrong under "
               "any reading [G2]; rust-lang/rust#30170 [B5]",
     .why = "null can be handled, a misaligned block cannot be noticed",
     .broken_by = "masks that only reach the page size; alignment cut to a narrower type",
     .needs = NEEDS_ABOVE_PAGE,
     .moot_if = "alignment/allocate",
     .moot_note = "every request above the page size got null"},
};

/* Sizes around each value that matters for one alignment. */
static size_t sizes_around(size_t align, size_t page, size_t *sizes)
{
    const size_t centres[] = {1, align / 2, align, 2 * align, 3 * align, 4 * align, 1024, page, 4 * page, 32 * page};
    size_t count = 0;
    for (size_t i = 0; i < sizeof centres / sizeof *centres; i++)
        for (int delta = -1; delta <= 1; delta++)
            if (centres[i] + (size_t)delta >= 1 && centres[i] + (size_t)delta <= (size_t)1 << 20)
                sizes[count++] = centres[i] + (size_t)delta;
    return count;
}

/* `count` live blocks of one size and alignment, with a filler of odd size before each: a single aligned block may be
 * luck. */
static void many_live(struct run *run, bool zeroed, size_t size, size_t align, size_t count)
{
    struct pool pool = {0};
    static struct block *blocks[2 * 256];
    pool.blocks = blocks;
    for (size_t i = 0; i < count && run_goes_on(run); i++) {
        pool_add(&pool, heap_allocate(&run->heap, 1 + 2 * (size_t)prng_below(&run->prng, 24), 1));
        pool_add(&pool, run_allocate(run, size, align, zeroed));
    }
    pool_deallocate_all(run, &pool);
}

static size_t highest_align(const struct run *run)
{
    return run->heap.page < run->heap.max_align ? run->heap.page : run->heap.max_align;
}

static void sweep(struct run *run, bool zeroed)
{
    size_t sizes[64], most = highest_align(run);
    size_t live = run_rounds(run, 4, 16);
    for (size_t align = 1; align <= most && run_goes_on(run); align *= 2) {
        size_t count = sizes_around(align, run->heap.page, sizes);
        for (size_t i = 0; i < count && run_goes_on(run); i++)
            many_live(run, zeroed, sizes[i], align, sizes[i] * live > (size_t)4 << 20 ? 2 : live);
    }
}

static void sweep_allocate(struct run *run) { sweep(run, false); }
static void sweep_allocate_zeroed(struct run *run) { sweep(run, true); }

/* Every size up to twice the alignment and a little more, at every small alignment: 128 live at once for the smallest
 * sizes, as in a later test of Rust's own. */
static void small_sizes(struct run *run)
{
    size_t step = run->effort == EFFORT_QUICK ? 7 : 1;
    for (size_t align = 1; align <= 256 && align <= run->heap.max_align && run_goes_on(run); align *= 2)
        for (size_t size = 1; size <= 2 * align + 16 && run_goes_on(run); size += step)
            many_live(run, false, size, align, size <= 32 ? 128 : 8);
}

/* Sizes that are exact multiples of large alignments, and alignments near the size: an allocator that relies on the
 * alignment which its size classes have by themselves fails here. */
static void exact_multiples(struct run *run)
{
    size_t most = highest_align(run);
    for (size_t align = 16; align <= most && run_goes_on(run); align *= 2)
        for (size_t factor = 1; factor <= 8 && run_goes_on(run); factor++) {
            many_live(run, false, align * factor, align, 16);
            many_live(run, true, align * factor, align, 4);
        }
}

/* The same memory is used again and again under changing alignments. */
static void recycled(struct run *run)
{
    struct pool pool = pool_create(run, 256);
    size_t rounds = run_rounds(run, 2000, 20000), most = highest_align(run);
    for (size_t round = 0; round < rounds && run_goes_on(run); round++) {
        if (pool.count == 256 || (pool.count > 0 && prng_chance(&run->prng, 1, 2))) {
            struct block *block = pool_take_any(run, &pool);
            heap_deallocate(&run->heap, block, run_old_size(run, block));
        }
        size_t align = run_align(run, most), size = 1 + (size_t)prng_below(&run->prng, 600);
        pool_add(&pool, run_allocate(run, size, align, prng_chance(&run->prng, 1, 4)));
    }
    pool_deallocate_all(run, &pool);
}

/* Grows and shrinks over-aligned blocks beside neighbours, so that the blocks have to move. */
static void resized(struct run *run)
{
    size_t most = highest_align(run), steps = run_rounds(run, 6, 14);
    for (size_t align = 1; align <= most && run_goes_on(run); align *= 2) {
        for (size_t first = 1; first <= 4 * align && first < 65536 && run_goes_on(run); first = first * 2 + 1) {
            struct block *block = heap_allocate(&run->heap, first, align);
            struct block *neighbour = heap_allocate(&run->heap, 8, 8);
            for (size_t step = 0; block != NULL && step < steps && run_goes_on(run); step++) {
                size_t old_size = run_old_size(run, block);
                heap_reallocate(&run->heap, block, old_size, run_size(run, 16 * align + 4096));
            }
            if (block != NULL)
                heap_deallocate(&run->heap, block, run_old_size(run, block));
            if (neighbour != NULL)
                heap_deallocate(&run->heap, neighbour, 8);
        }
    }
}

/* Allocates spacers of half and a quarter of `align`, so that the next mapping does not begin at a multiple of `align`
 * by chance. */
static void beside_spacers(struct run *run, size_t align)
{
    for (int part = 1; part <= 2 && run_goes_on(run); part++) {
        struct block *spacer = heap_allocate(&run->heap, align >> part, 8);
        many_live(run, part != 1, 1, align, 3);
        if (spacer != NULL)
            heap_deallocate(&run->heap, spacer, run_old_size(run, spacer));
    }
}

/* Alignments on to 1 GiB, of small blocks only: the memory between them belongs to nobody. */
static void far_above_page(struct run *run)
{
    const unsigned last = sizeof(size_t) > 4 ? 30 : 28;
    for (unsigned power = 26; power <= last && run->effort != EFFORT_QUICK && run_goes_on(run); power++)
        if ((size_t)1 << power <= run->heap.max_align)
            many_live(run, power % 2, 100, (size_t)1 << power, power < 28 ? 3 : 2);
}

/* Alignments from twice the page size up to 32 MiB: the result is null or aligned. Small and large sizes, three live at
 * once. */
static void above_page(struct run *run)
{
    size_t top = run->effort == EFFORT_QUICK ? (size_t)1 << 21 : (size_t)1 << 25;
    for (size_t align = 2 * run->heap.page; align <= top && align <= run->heap.max_align && run_goes_on(run);
         align *= 2) {
        const size_t sizes[] = {1, 100, align - 1, align, align + 1};
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes && run_goes_on(run); i++)
            if (sizes[i] <= (size_t)4 << 20)
                many_live(run, i % 2, sizes[i], align, 3);
        beside_spacers(run, align);
    }
    far_above_page(run);
}

/* A block that has to move when it grows keeps an alignment that no page and no region of an allocator has by itself.
 * Another block stands in the way, so that it does move. There are several rounds, since one place may be right by
 * chance. */
static void resized_above_page(struct run *run)
{
    size_t top = run->effort == EFFORT_QUICK ? (size_t)1 << 21 : (size_t)1 << 25;
    for (size_t align = 2 * run->heap.page; align <= top && align <= run->heap.max_align && run_goes_on(run);
         align *= 2)
        for (size_t round = 0; round < 3 && run_goes_on(run); round++) {
            size_t spacer_size = (align >> round % 2) + 1, first = round == 0 ? 1 : round == 1 ? 100000 : align / 2 + 1;
            struct block *block = heap_allocate(&run->heap, first, align);
            struct block *spacer =
                heap_allocate(&run->heap, spacer_size < (size_t)8 << 20 ? spacer_size : (size_t)8 << 20, 8);
            if (block != NULL) {
                for (size_t step = 0; step < 2; step++)
                    heap_reallocate(&run->heap, block, run_old_size(run, block), block->requested * 2 + 1500000);
                heap_reallocate(&run->heap, block, run_old_size(run, block), first / 2 + 1);
                heap_deallocate(&run->heap, block, run_old_size(run, block));
            }
            if (spacer != NULL)
                heap_deallocate(&run->heap, spacer, run_old_size(run, spacer));
        }
}

static const struct scenario scenarios[] = {
    {.name = "alignment/sweep",
     .about = "every alignment up to a page, sizes on both sides of every boundary, many live at once",
     .clauses = "alignment/allocate",
     .tags = "quick",
     .needs = NEEDS_ALIGNMENT,
     .run = sweep_allocate},
    {.name = "alignment/sweep-zeroed",
     .about = "the same through allocate_zeroed",
     .clauses = "alignment/allocate-zeroed",
     .tags = "quick",
     .needs = NEEDS_ALLOCATE_ZEROED | NEEDS_ALIGNMENT,
     .run = sweep_allocate_zeroed},
    {.name = "alignment/small-sizes",
     .about = "every small size at every small alignment, 128 live at once",
     .clauses = "alignment/allocate",
     .needs = NEEDS_ALIGNMENT,
     .run = small_sizes},
    {.name = "alignment/exact-multiples",
     .about = "sizes that are exact multiples of their alignment",
     .clauses = "alignment/allocate alignment/allocate-zeroed",
     .needs = NEEDS_ALIGNMENT,
     .run = exact_multiples},
    {.name = "alignment/recycled",
     .about = "freed memory handed out again under other alignments",
     .clauses = "alignment/allocate alignment/allocate-zeroed",
     .needs = NEEDS_ALIGNMENT,
     .run = recycled},
    {.name = "alignment/resized",
     .about = "over-aligned blocks grown and shrunk beside neighbours",
     .clauses = "alignment/reallocate",
     .needs = NEEDS_ALIGNMENT,
     .run = resized},
    {.name = "alignment/above-page",
     .about = "alignments from twice the page size to 1 GiB",
     .clauses = "alignment/above-page",
     .needs = NEEDS_ABOVE_PAGE,
     .run = above_page},
    {.name = "alignment/resized-above-page",
     .about = "blocks aligned beyond a page grow, so that they move, and shrink",
     .clauses = "alignment/reallocate alignment/above-page",
     .needs = NEEDS_ABOVE_PAGE,
     .run = resized_above_page},
};

CLAUSE_GROUP(alignment, "alignment", 20, clauses, scenarios);
