/* Blocks whose size does not fit into 32 bits, and blocks with an inaccessible page behind them. */
#include <sys/prctl.h>

#include "conformance/clauses/explore/explore.h"
#include "harness/trace/record.h"

/* ---- past 2^31 and 2^32 ---- */

/* Does a reallocate to a larger size copy the block? To copy 4 GiB would overload the machine, so larger sizes are
 * tried only where the block is moved by its pages or grows where it is. That may depend on the alignment. */
static bool copies_large(struct explorer *x, size_t align)
{
    const size_t size = (size_t)64 << 20;
    struct block *above = explore_allocate(x, size, align), *block = explore_allocate(x, size, align),
                 *below = explore_allocate(x, size, align);
    long before = run_peak_kib();
    if (block != NULL)
        explore_reallocate(x, block, 2 * size);
    bool copies = run_peak_kib() - before > (long)(size / 1024 / 2);
    explore_free(x, above);
    explore_free(x, block);
    explore_free(x, below);
    return copies;
}

/* Shrinks a block whose size does not fit into 32 bits, after growing it a little in place and, if that is cheap, a
 * little more by moving. The first bytes are kept. */
static void down(struct explorer *x, size_t size, size_t align, bool grows)
{
    struct block *block = explore_allocate(x, size, align);
    if (block == NULL)
        return;
    explore_in_place(x, block, block->requested + explore_between(x, 1, 100000));
    explore_in_place(x, block, block->requested - explore_between(x, 1, 100000));
    if (grows)
        explore_reallocate(x, block, block->requested + explore_between(x, 100000, 3000000));
    explore_reallocate(x, block, ((size_t)3 << 20) + explore_between(x, 0, 100));
    explore_free(x, block);
}

/* Grows a block to such a size: in place if it can, or by moving when it stands between two others. */
static void up(struct explorer *x, size_t size, size_t align, bool walled)
{
    const size_t start = ((size_t)3 << 20) - explore_between(x, 0, 100);
    struct block *above = walled ? explore_allocate(x, start, align) : NULL;
    struct block *block = explore_allocate(x, start, align);
    struct block *below = walled ? explore_allocate(x, start, align) : NULL;
    if (block != NULL) {
        if (walled || !explore_in_place(x, block, size))
            explore_reallocate(x, block, size);
        if (!explore_in_place(x, block, 100000 + explore_between(x, 0, 100)))
            explore_reallocate(x, block, 100000);
        explore_free(x, block);
    }
    explore_free(x, above);
    explore_free(x, below);
}

static void beyond_32_bits(struct run *run)
{
    static const uint64_t bases[] = {UINT64_C(1) << 31, UINT64_C(1) << 32, UINT64_C(3) << 31};
    static const int deltas[] = {0, 1, 4096, -1, 70000, -64, 3};
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0); /* a touched line must not cost 2 MiB */
    struct explorer x = explore_begin(run);
    size_t count = run_rounds(run, 2, 9);
    if (sizeof(size_t) < 8 || run_fills_blocks(run))
        return;
    bool grows = !copies_large(&x, 64) && !copies_large(&x, 1);
    struct block *small = explore_allocate(&x, 100, 8);
    for (size_t i = 0; i < count && explore_goes_on(&x); i++) {
        uint64_t size = bases[i % 3] + (uint64_t)(int64_t)deltas[i % 7];
        if (i % 2 == 0)
            down(&x, (size_t)size, i % 3 == 2 ? 64 : 1, grows);
        up(&x, (size_t)size, i % 3 == 2 ? 64 : 1, i % 4 != 0);
        x.volume = 0; /* only lines of these blocks are touched */
    }
    explore_free(&x, small);
}

/* ---- guards ---- */

/* Leaves room in front of the guard for the block as it is, or for what an allocator may add to it. */
static void guard(struct explorer *x, size_t size)
{
    record_guard(x->heap, explore_chance(x, 1, 2) ? size : size + ((size_t)64 << 10));
}

static void guarded(struct explorer *x, struct pool *pool, size_t pages)
{
    size_t page = x->heap->page, whole = pages * page, size = whole - explore_between(x, 0, 64);
    guard(x, size);
    struct block *block = explore_either(x, size, explore_chance(x, 1, 4) ? explore_align(x, page) : 1);
    if (block == NULL)
        return;
    for (size_t steps = explore_between(x, 0, 3); steps > 0 && explore_goes_on(x); steps--) {
        size_t target = explore_between(x, 1, 2 * pages) * page;
        target -= explore_between(x, 0, 64);
        guard(x, target);
        if (!explore_in_place(x, block, target) && explore_chance(x, 3, 4))
            explore_reallocate(x, block, target);
    }
    if (pool->count < pool->capacity && explore_chance(x, 1, 2))
        pool_add(pool, block);
    else
        explore_free(x, block);
}

static void with_guards(struct run *run)
{
    struct explorer x = explore_begin(run);
    struct pool pool = pool_create(run, 24);
    size_t rounds = run_rounds(run, 80, 900);
    for (size_t round = 0; round < rounds && explore_goes_on(&x); round++) {
        guarded(&x, &pool, round % 8 == 0 ? explore_between(&x, 1, 700) : explore_between(&x, 1, 48));
        if (pool.count == pool.capacity)
            explore_free_some(&x, &pool, 0, 2, 1);
    }
    explore_free_all(&x, &pool, ORDER_ANY);
}

static const struct scenario scenarios[] = {
    {.name = "explore/beyond-32-bits",
     .about = "blocks of 2, 4 and 6 GiB and back to 3 MiB, where there is room",
     .clauses = "block/no-wrapped-size reallocate/contents",
     .run = beyond_32_bits},
    {.name = "explore/guarded",
     .about = "whole pages less a few bytes, an inaccessible page behind the next mapping",
     .clauses = EXPLORES_BLOCKS EXPLORES_SIZES EXPLORES_RESIZING,
     .run = with_guards},
};

SCENARIOS(explore_far, "explore", EXPLORE_ORDER, scenarios);
