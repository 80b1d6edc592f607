/* Volume: blocks of up to 1 GiB, and 12 GiB of them, more memory in blocks of some KiB than a table of a thousand chunks holds, and more
 * calls than 16 bits, or 20, count. */
#include <sys/prctl.h>

#include "conformance/explore.h"
#include "conformance/team.h"
#include "conformance/tight.h"

/* ---- blocks of many MiB ---- */

/* Between walls, so that one that reaches further than it should, or less far than it says, is in somebody's way. */
static void vast_size(struct explorer *x, size_t size, size_t align)
{
    struct block *above = explore_allocate(x, size, align), *block = explore_allocate(x, size, align);
    struct block *below = explore_allocate(x, (size_t)3 << 20, 1);
    if (block != NULL) {
        explore_in_place(x, block, size - explore_between(x, 1, 200000));
        explore_in_place(x, block, size + explore_between(x, 0, 4096));
        if (size <= (size_t)64 << 20)
            explore_reallocate(x, block, size + explore_between(x, 1, 3000000));
    }
    if (above != NULL)
        heap_verify_neighbours(x->heap, above);
    explore_free(x, block);
    explore_free(x, above);
    if (size <= run_memory(x->run) && size <= (size_t)256 << 20)
        explore_free(x, explore_allocate_zeroed(x, size - explore_between(x, 0, size / 8), align));
    explore_free(x, below);
    x->volume = 0; /* of these only lines are touched */
}

void explore_vast_blocks(struct run *run)
{
    static const int deltas[] = {1, -1, 0, 70000, 1100000, -4096, -1500000};
    const unsigned last = sizeof(size_t) > 4 ? 30 : 27;
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0); /* one line touched must not cost two MiB */
    struct explorer x = explore_begin(run);
    if (run_fills_blocks(run))
        return;
    size_t each = run_rounds(run, 1, 2), which = 0;
    for (unsigned power = 24; power <= last; power++)
        for (size_t i = 0; i < each && explore_goes_on(&x) && run_has_room(run); i++, which++) {
            size_t size = ((size_t)1 << power) + (size_t)(ptrdiff_t)deltas[which % 7];
            vast_size(&x, size, which % 4 == 3 ? run_align(run, (size_t)1 << 21) : 1);
        }
    explore_ask_again(&x);
}

/* ---- far apart ---- */

enum { APART = 96 };

struct apart {
    struct tight_block far[APART], near[APART];
    _Atomic bool stopped;
};

/* Blocks at every distance up to 12 GiB, of which lines are touched: an address of which 32 bits are looked at is another block's. */
static void far_apart(struct member *member)
{
    struct apart *apart = member->context;
    struct tight tight = tight_start(member, "block/undisturbed", "large and small blocks lie far apart", &apart->stopped);
    for (size_t i = 0; i < APART && run_goes_on(member->run); i++) {
        apart->far[i] = tight_allocate(&tight, i % 3 == 2 ? (size_t)9000 << i % 8 : ((size_t)192 << 20) - 5000 * i, 8, false);
        apart->near[i] = tight_allocate(&tight, member_size(member, 4000), 8, false);
        if (i % 5 == 4)
            tight_deallocate(&tight, &apart->far[i - prng_below(&member->prng, 4)]);
    }
    for (size_t i = 0; i < APART; i++) {
        tight_deallocate(&tight, &apart->far[(i * 7 + 3) % APART]);
        tight_deallocate(&tight, &apart->near[i]);
        apart->near[i] = tight_allocate(&tight, member_size(member, 300000), 8, i % 4 == 0);
    }
    for (size_t i = 0; i < APART; i++)
        tight_deallocate(&tight, &apart->near[i]);
    run_exercised(member->run, "block/undisturbed");
}

void explore_far_apart(struct run *run)
{
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    if (sizeof(size_t) < 8 || run_fills_blocks(run))
        return;
    team_rehearse(run, far_apart, run_scratch(run, sizeof(struct apart)));
}

/* ---- memory in blocks of some KiB ---- */

static void fill(struct explorer *x, struct pool *pool, size_t most)
{
    size_t held = 0;
    for (size_t i = 0; i < pool->count; i++)
        held += pool->blocks[i]->extent;
    while (held < most && pool->count < pool->capacity && explore_goes_on(x)) {
        struct block *block = explore_either(x, explore_between(x, 2000, 14000), 8);
        if (!pool_add(pool, block))
            return;
        held += block->extent;
    }
}

void explore_masses_of_memory(struct run *run)
{
    const size_t wanted = run_rounds(run, 16, 200) << 20;
    size_t most = run_memory(run) < wanted ? run_memory(run) : wanted;
    struct explorer x = explore_begin(run);
    struct pool pool = pool_create(run, 40000);
    fill(&x, &pool, most);
    explore_free_some(&x, &pool, 0, explore_between(&x, 3, 7), 1);
    fill(&x, &pool, most);
    for (size_t i = 0; i < pool.count && explore_goes_on(&x); i += 1 + explore_between(&x, 0, 300))
        explore_resize(&x, pool.blocks[i], explore_target(&x, pool.blocks[i], 16000));
    explore_free_all(&x, &pool, explore_order(&x));
}

/* ---- very many calls ---- */

enum { STAY = 6000, SHIFT = 256 };

struct wear {
    struct tight_block stay[STAY], shift[SHIFT];
    _Atomic bool stopped;
};

/* So many times one of a shift of blocks is freed and another made in its place. */
static void wear_by(struct member *member, struct tight *tight, struct tight_block *shift, size_t times, size_t least, size_t most)
{
    for (size_t i = 0; i < times && (i % 4096 != 0 || (run_goes_on(member->run) && run_has_room(member->run))); i++) {
        struct tight_block *block = &shift[prng_below(&member->prng, SHIFT)];
        tight_deallocate(tight, block);
        *block = tight_allocate(tight, least + (size_t)prng_below(&member->prng, most - least), 8, i % 32 == 0);
    }
    for (size_t i = 0; i < SHIFT; i++)
        tight_deallocate(tight, &shift[i]);
}

/* Blocks of many classes that stay, each all but alone where it lies, while others come and go. */
static void wear(struct member *member)
{
    struct wear *wear = member->context;
    struct run *run = member->run;
    struct tight tight = tight_start(member, "block/undisturbed", "a million small blocks come and go while others stay", &wear->stopped);
    for (size_t i = 0; i < STAY && run_goes_on(run); i++)
        wear->stay[i] = tight_allocate(&tight, member_size(member, 9000), 8, false);
    for (size_t i = 0; i < STAY; i++)
        if (i % 97 != 0)
            tight_deallocate(&tight, &wear->stay[i]);
    wear_by(member, &tight, wear->shift, run_rounds(run, 70000, ((size_t)1 << 20) + 5000), 1, 64);
    wear_by(member, &tight, wear->shift, run_rounds(run, 1000, 70000), 4000, 9000);
    for (size_t i = 0; i < STAY; i += 97)
        tight_deallocate(&tight, &wear->stay[i]);
    run_exercised(run, "block/undisturbed");
}

void explore_wear(struct run *run)
{
    team_rehearse(run, wear, run_scratch(run, sizeof(struct wear)));
}
