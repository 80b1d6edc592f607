/* Blocks: all of a block's memory belongs to its owner alone for as long as the block lives. */
#include "conformance/clauses/block/block.h"
#include "harness/refusal/refuse.h"

static const struct clause clauses[] = {
    {.id = "block/accessible",
     .level = LEVEL_MUST,
     .strength = "documented",
     .statement = "Every byte of [0, size) can be read and written.",
     .source = "heap.rs 1.19, allocate [A1]",
     .why = "the block is what was asked for",
     .broken_by = "a mapping rounded down; a header counted twice; memory given back too early",
     .tells_of_race = true},
    {.id = "block/disjoint",
     .level = LEVEL_MUST,
     .strength = "required-by-std",
     .statement = "Live blocks, each to its usable extent, overlap neither each other nor anything else that their "
                  "caller can reach.",
     .source = "[A15] [A17]; rustc declares the result noalias",
     .why = "two owners of one byte overwrite each other, far from the cause",
     .broken_by = "a block handed out twice; remainders of a split that overlap; counters that wrap; a program break "
                  "that others have moved",
     .tells_of_race = true},
    {.id = "block/undisturbed",
     .level = LEVEL_MUST,
     .strength = "derived",
     .statement = "Nothing but its owner changes a live block's bytes.",
     .source = "[A15]: a block belongs to its owner alone",
     .why = "data changes behind the program's back",
     .broken_by =
         "free-list links written into live memory; late writes into memory that changed hands; clearing too much",
     .tells_of_race = true},
    {.id = "block/no-wrapped-size",
     .level = LEVEL_MUST,
     .strength = "required-by-std",
     .statement = "A request that cannot be met gets null: sizes above isize::MAX, size + align past SIZE_MAX, and "
                  "truncation at 2^31 and 2^32 never yield a smaller block.",
     .source = "std passes such sizes on 64-bit and counts on failure [U5]: only a debug assertion limits them [C4]; "
               "a smaller block breaks [A1]; seen in [B6] and [B24]",
     .why = "a wrapped request is a small block behind a large size: a heap overflow",
     .broken_by = "size + header, size + align or rounding that wraps; 32-bit length fields"},
};

/* Allocates many blocks of many classes, writes each over its whole extent, and frees them in another order. */
static void fill_and_free(struct run *run)
{
    struct pool pool = pool_create(run, 8192);
    size_t rounds = run_rounds(run, 2, 6), live = run_rounds(run, 1500, 6000);
    for (size_t round = 0; round < rounds && run_goes_on(run); round++) {
        for (size_t i = 0; i < live && run_goes_on(run); i++) {
            size_t size = run_size(run, 16384);
            pool_add(&pool, heap_allocate(&run->heap, size, run_align(run, 64)));
        }
        heap_verify_all(&run->heap);
        while (pool.count > live / 4 && run_goes_on(run)) {
            struct block *block = pool_take_any(run, &pool);
            heap_deallocate(&run->heap, block, run_old_size(run, block));
        }
    }
    pool_deallocate_all(run, &pool);
}

/* Frees every other block and verifies the neighbours: what an allocator writes when a block is freed must not reach
 * them. */
static void neighbours(struct run *run)
{
    static const size_t sizes[] = {1, 8, 16, 24, 40, 64, 100, 256, 1000, 4000, 5000, 40000};
    struct pool pool = pool_create(run, 512);
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes && run_goes_on(run); s++) {
        size_t live = sizes[s] > 4096 ? 32 : 256;
        for (size_t i = 0; i < live; i++)
            pool_add(&pool, heap_allocate(&run->heap, sizes[s], 8));
        for (size_t i = 0; i < pool.count && run_goes_on(run); i++) {
            struct block *block = pool_take(&pool, i); /* the last one takes its place, so every other one goes */
            heap_deallocate(&run->heap, block, run_old_size(run, block));
            heap_verify_all(&run->heap);
        }
        pool_deallocate_all(run, &pool);
    }
}

/* Blocks of whole pages, and of a little less or more: what lies behind them belongs to somebody else. */
static void page_edges(struct run *run)
{
    size_t page = run->heap.page, most = run_rounds(run, 8, 40);
    for (size_t pages = 1; pages <= most && run_goes_on(run); pages = pages < 8 ? pages + 1 : pages * 2)
        for (size_t less = 0; less <= 64 && run_goes_on(run); less += less < 8 ? 1 : 8) {
            struct block *block = heap_allocate(&run->heap, pages * page - less, 1);
            struct block *other = heap_allocate(&run->heap, pages * page + less, 16);
            if (block != NULL)
                heap_deallocate(&run->heap, block, run_old_size(run, block));
            if (other != NULL)
                heap_deallocate(&run->heap, other, run_old_size(run, other));
        }
}

/* ---- requests that cannot be met ---- */

/* The size of a block that will be resized. It is mostly small. Now and then the block has pages of its own, which a
 * different part of an allocator resizes. */
static size_t held_size(struct run *run)
{
    static const size_t larger[] = {5000, 300000, (size_t)1 << 20, (size_t)3 << 20};
    return prng_chance(&run->prng, 1, 16) ? larger[prng_below(&run->prng, 4)] : 40;
}

/* Asks for `size` in every possible way; the oracle checks whatever comes back. A small block is freed first, so that
 * caches answer, and small blocks must still be served afterwards. */
static void ask_impossible(struct run *run, size_t size, size_t align, bool zeroed_too)
{
    struct heap *heap = &run->heap;
    struct block *primer = heap_allocate(heap, 24, 8),
                 *block = heap_allocate(heap, held_size(run), align <= 64 ? align : 8);
    if (primer != NULL)
        heap_deallocate(heap, primer, run_old_size(run, primer));
    struct block *plain = heap_allocate(heap, size, align);
    if (plain != NULL)
        heap_deallocate(heap, plain, plain->requested);
    struct block *zeroed = zeroed_too ? heap_allocate_zeroed(heap, size, align) : NULL;
    if (zeroed != NULL)
        heap_deallocate(heap, zeroed, zeroed->requested);
    if (block != NULL && candidate_has(run->candidate, OP_REALLOCATE_INPLACE))
        heap_reallocate_inplace(heap, block, run_old_size(run, block), size);
    if (block != NULL && !heap->tainted)
        heap_reallocate(heap, block, run_old_size(run, block), size);
    if (block != NULL)
        heap_deallocate(heap, block, run_old_size(run, block));
    bool was_zeroed_null = zeroed == NULL && zeroed_too && heap_has(heap, OP_ALLOCATE_ZEROED);
    if (!heap->tainted && (plain == NULL || was_zeroed_null))
        run_exercised(run, "block/no-wrapped-size");
}

/* SIZE_MAX and the sizes just below it, and isize::MAX on both sides: size + header, size + align and rounding wrap
 * differently for each. The address space is limited first, because a 32-bit system might have room for isize::MAX. */
static void top_sizes(struct run *run)
{
    bool limited = sizeof(size_t) == 4 && refuse_limit_address_space(UINT64_C(512) << 20);
    const size_t aligns[] = {1, 8, 16, 64, 4096, (size_t)1 << 21};
    size_t near = run_rounds(run, 40, 300);
    for (size_t a = 0; a < sizeof aligns / sizeof *aligns && run_goes_on(run); a++) {
        if (aligns[a] > run->heap.max_align)
            continue;
        for (size_t k = 0; k < near && run_goes_on(run); k++)
            ask_impossible(run, SIZE_MAX - k, aligns[a], true);
        for (size_t k = 300; k < 9000 && run_goes_on(run); k = k * 5 / 4)
            ask_impossible(run, SIZE_MAX - k, aligns[a], true);
        for (size_t k = 0; k < near / 2 && run_goes_on(run); k++)
            ask_impossible(run, (size_t)PTRDIFF_MAX + near / 4 - k, aligns[a], sizeof(size_t) > 4 || limited);
        ask_impossible(run, SIZE_MAX - aligns[a] + 1, aligns[a], true);
        ask_impossible(run, SIZE_MAX - aligns[a], aligns[a], true);
        ask_impossible(run, SIZE_MAX - 2 * aligns[a] + 1, aligns[a], true);
    }
}

/* Every power of two from 2^46 (2^31 on 32-bit machines) with its neighbours, under every alignment that may be asked
 * for. The address space is limited first, because the system might have room for the lowest, and clearing so much
 * would take a correct allocator very long. */
static void top_powers(struct run *run)
{
    bool limited = refuse_limit_address_space(UINT64_C(512) << 20);
    int bits = (int)sizeof(size_t) * 8;
    for (int bit = bits == 64 ? 46 : 31; bit < bits && run_goes_on(run); bit++)
        for (size_t align = 1; align <= run->heap.max_align && align <= (size_t)1 << 25 && run_goes_on(run); align *= 8)
            for (int delta = -3; delta <= 3; delta++)
                ask_impossible(run, ((size_t)1 << bit) + (size_t)delta * 8, align, limited);
}

/* Sizes that are small once they are cut to 31 or 32 bits. The address space is limited first, because clearing 12 GiB
 * would take a correct allocator very long. Null is a right answer, and so is a block that is really there. */
static void truncation(struct run *run)
{
    bool limited = refuse_limit_address_space(UINT64_C(512) << 20);
    static const uint64_t bases[] = {UINT64_C(1) << 31, UINT64_C(1) << 32, UINT64_C(1) << 33, UINT64_C(3) << 32};
    static const int deltas[] = {-4096, -64, -1, 0, 1, 8, 100, 4096, 70000};
    for (size_t b = 0; b < sizeof bases / sizeof *bases && run_goes_on(run); b++)
        for (size_t d = 0; d < sizeof deltas / sizeof *deltas && run_goes_on(run); d++) {
            uint64_t size = bases[b] + (uint64_t)(int64_t)deltas[d];
            if (size > SIZE_MAX)
                continue;
            ask_impossible(run, (size_t)size, d % 2 ? 8 : 64, limited);
        }
}

static const struct scenario scenarios[] = {
    {.name = "block/fill-and-free",
     .about = "thousands of blocks of many classes, written whole, freed in another order",
     .clauses = "block/accessible block/disjoint block/undisturbed",
     .tags = "quick",
     .run = fill_and_free},
    {.name = "block/neighbours",
     .about = "every other block freed, all others verified after each",
     .clauses = "block/undisturbed block/disjoint",
     .run = neighbours},
    {.name = "block/page-edges",
     .about = "whole pages, give or take up to 64 bytes",
     .clauses = "block/accessible",
     .run = page_edges},
    {.name = "block/top-sizes",
     .about = "sizes just below SIZE_MAX and around isize::MAX, through every operation",
     .clauses = "block/no-wrapped-size reallocate/failure-intact",
     .tags = "quick",
     .run = top_sizes},
    {.name = "block/top-powers",
     .about = "every power of two that no machine has, under every alignment",
     .clauses = "block/no-wrapped-size",
     .run = top_powers},
    {.name = "block/truncation",
     .about = "sizes that become small when cut to 31 or 32 bits",
     .clauses = "block/no-wrapped-size",
     .run = truncation},
};

CLAUSE_GROUP(block, "block", BLOCK_ORDER, clauses, scenarios);
