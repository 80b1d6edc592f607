/* reallocate_inplace: the block stays where it is, and the answer says exactly what its size is now.
 *
 * A grow succeeded if and only if the answer is at least size; a shrink succeeded if and only if it is
 * usable_size(size). Refusing every request is legal. A wrong answer was a real bug several times ([B8] and [B13] in
 * sources.tsv).
 */
#include "conformance/contract.h"
#include "conformance/scenario/run.h"

static const struct clause clauses[] = {
    {.id = "in-place/answer",
     .level = LEVEL_MUST,
     .strength = "documented",
     .statement = "The answer is usable_size(size) or usable_size(old_size), nothing else.",
     .source = "heap.rs 1.19, reallocate_inplace [A9]; a success reported as a failure [B8]",
     .why = "the caller decides by the answer whether it has the memory",
     .broken_by = "answering size, old_size or the block's real size where these differ",
     .needs = NEEDS_IN_PLACE,
     .tells_of_race = true},
    {.id = "in-place/grown-capacity",
     .level = LEVEL_MUST,
     .strength = "required-by-std",
     .statement = "A grow answered with at least size really owns the new extent.",
     .source = "RawVec::reserve_in_place takes the capacity [U1]",
     .why = "an answer that is too large is a heap overflow",
     .broken_by = "growing into memory that is too small or not free; answering without growing",
     .needs = NEEDS_IN_PLACE,
     .moot_if = "in-place/refusal-intact",
     .moot_note = "every request to resize in place was refused",
     .tells_of_race = true},
    {.id = "in-place/shrunk",
     .level = LEVEL_MUST,
     .strength = "derived",
     .statement = "A shrink answered with usable_size(size) has the requested size `size` from then on.",
     .source = "[A11]; jemallocator freed with the wrong class after a false success [B13]",
     .why = "the next old_size comes from the new range",
     .broken_by = "answering usable_size(size) without recording it",
     .needs = NEEDS_IN_PLACE,
     .moot_if = "in-place/refusal-intact",
     .moot_note = "every request to resize in place was refused",
     .tells_of_race = true},
    {.id = "in-place/contents",
     .level = LEVEL_MUST,
     .strength = "derived",
     .statement = "min(old_size, size) bytes are kept, at the same address.",
     .source = "[A10]: the typed arena keeps live objects in the block [U2]",
     .why = "live objects would change",
     .broken_by = "merging with a neighbour that writes its links into the block",
     .needs = NEEDS_IN_PLACE,
     .tells_of_race = true},
    {.id = "in-place/refusal-intact",
     .level = LEVEL_MUST,
     .strength = "derived",
     .statement = "A refused request changes nothing, and the old size range still holds.",
     .source = "[A10] [A11]",
     .why = "the caller goes on with the block as it was",
     .broken_by = "changing the size record, or taking the neighbour, before refusing",
     .needs = NEEDS_IN_PLACE,
     .moot_if = "in-place/contents",
     .moot_note = "every request to resize in place was granted",
     .tells_of_race = true},
    {.id = "in-place/no-op",
     .level = LEVEL_MUST,
     .strength = "documented",
     .statement = "Equal sizes answer usable_size(size).",
     .source = "[A9]; liballoc's own test basic_reallocate_inplace_noop [T1]",
     .why = "the old Rust runtime's own test asks for it",
     .broken_by = "answering 0 or old_size for nothing to do",
     .needs = NEEDS_IN_PLACE,
     .tells_of_race = true},
};

static void free_if(struct run *run, struct block *block)
{
    if (block != NULL)
        heap_deallocate(&run->heap, block, run_old_size(run, block));
}

/* Resizes a block in place between two others, of which each may be freed first. Then the memory around it is asked for
 * again, so that growth into memory that was not free shows. */
static void beside(struct run *run, size_t size, size_t target, size_t align, unsigned freed)
{
    struct heap *heap = &run->heap;
    struct block *left = heap_allocate(heap, size, align), *block = heap_allocate(heap, size, align);
    struct block *right = heap_allocate(heap, size, align), *after[6];
    if (freed & 1)
        free_if(run, left);
    if (freed & 2)
        free_if(run, right);
    if (block != NULL)
        heap_reallocate_inplace(heap, block, run_old_size(run, block), target);
    for (size_t i = 0; i < 6; i++)
        after[i] = heap_allocate(heap, i % 2 ? size : target > size ? target - size : size - target + 1, align);
    if (block != NULL && !heap->tainted) {
        heap_verify_neighbours(heap, block);
        heap_reallocate_inplace(heap, block, run_old_size(run, block), block->requested);
        free_if(run, block);
    }
    for (size_t i = 0; i < 6; i++)
        free_if(run, after[i]);
    if (!(freed & 1))
        free_if(run, left);
    if (!(freed & 2))
        free_if(run, right);
}

static void with_neighbours(struct run *run)
{
    static const size_t sizes[] = {1,    16,   24,   40,   100,   250,   500,    1000,    2000,
                                   4000, 4096, 5000, 9000, 20000, 50000, 140000, 1 << 20, 3 << 20};
    size_t count = run_rounds(run, 14, sizeof sizes / sizeof *sizes);
    count = count > sizeof sizes / sizeof *sizes ? sizeof sizes / sizeof *sizes : count;
    for (size_t s = 0; s < count && run_goes_on(run); s++) {
        size_t size = sizes[s];
        const size_t targets[] = {
            size,     size + 1, size + size / 4 + 1,     size + size / 2, size * 2 - 1, size * 2, size * 2 + 1,
            size * 3, size * 5, size > 1 ? size - 1 : 1, size / 2 + 1,    size / 4 + 1, 1};
        for (size_t t = size > 500000 ? 4 : 0; t<sizeof targets / sizeof *targets; t += size> 500000 ? 3 : 1)
            for (unsigned freed = 0; freed < 4 && run_goes_on(run); freed++)
                beside(run, size, targets[t], t % 5 == 4 ? 64 : 8, freed);
    }
}

/* Grows a block in place as far as it goes, by steps of every kind, then shrinks it, then frees it with an old_size
 * from the range that it now has. */
static void staircase(struct run *run)
{
    size_t rounds = run_rounds(run, 60, 500);
    for (size_t round = 0; round < rounds && run_goes_on(run); round++) {
        size_t size = run_size(run, round % 8 == 0 ? (size_t)2 << 20 : 30000);
        struct block *block = heap_allocate(&run->heap, size, run_align(run, 128));
        for (size_t step = 0; block != NULL && step < 12 && run_goes_on(run); step++) {
            size_t old_size = run_old_size(run, block), target;
            switch (prng_below(&run->prng, 5)) {
            case 0: target = block->requested + 1 + (size_t)prng_below(&run->prng, 64); break;
            case 1: target = block->requested + block->requested / 2 + 1; break;
            case 2: target = block->requested - (size_t)prng_below(&run->prng, block->requested); break;
            case 3: target = block->extent + 1; break;
            default: target = old_size; break;
            }
            heap_reallocate_inplace(&run->heap, block, old_size, target);
        }
        free_if(run, block);
    }
}

/* Resizes blocks in place while other blocks come and go around them. */
static void among_traffic(struct run *run)
{
    struct pool pool = pool_create(run, 1024);
    size_t rounds = run_rounds(run, 1500, 15000);
    for (size_t round = 0; round < rounds && run_goes_on(run); round++) {
        if (pool.count > 250) {
            struct block *block = pool_take_any(run, &pool);
            free_if(run, block);
        }
        if (prng_chance(&run->prng, 1, 2) || pool.count < 10) {
            size_t size = run_size(run, 50000);
            pool_add(&pool, heap_allocate(&run->heap, size, run_align(run, 64)));
        } else {
            struct block *block = pool.blocks[prng_below(&run->prng, pool.count)];
            size_t old_size = run_old_size(run, block);
            heap_reallocate_inplace(&run->heap, block, old_size, run_size(run, 60000));
        }
    }
    heap_verify_all(&run->heap);
    pool_deallocate_all(run, &pool);
}

static const struct scenario scenarios[] = {
    {.name = "in-place/with-neighbours",
     .about = "blocks resized in place between neighbours that were freed or not",
     .clauses = "in-place/*",
     .needs = NEEDS_IN_PLACE,
     .tags = "quick",
     .run = with_neighbours},
    {.name = "in-place/staircase",
     .about = "up and down in place by steps of every kind, then freed by its new range",
     .clauses = "in-place/*",
     .needs = NEEDS_IN_PLACE,
     .run = staircase},
    {.name = "in-place/among-traffic",
     .about = "resized in place while other blocks come and go around",
     .clauses = "in-place/*",
     .needs = NEEDS_IN_PLACE,
     .run = among_traffic},
};

CLAUSE_GROUP(in_place, "in-place", 70, clauses, scenarios);
