/* Volume: distances and numbers of calls that do not fit into some numbers of bits. Blocks lie up to 12 GiB apart, and
 * there are more calls than 16 or 20 bits count. The calls bypass the shadow heap and run at full speed, so that a
 * million of them take no longer than other scenarios. */
#include <sys/prctl.h>

#include "conformance/clauses/block/block.h"
#include "conformance/scenario/team.h"
#include "conformance/scenario/tight.h"

/* ---- far apart ---- */

enum { APART = 96 };

struct apart {
    struct tight_block far[APART], near[APART];
    _Atomic bool stopped;
};

/* Blocks lie at every distance up to 12 GiB, and only some lines of them are touched. An allocator that looks at 32
 * bits of an address takes one block for another. */
static void far_apart(struct member *member)
{
    struct apart *apart = member->context;
    struct tight tight =
        tight_start(member, "block/undisturbed", "large and small blocks lie far apart", &apart->stopped);
    for (size_t i = 0; i < APART && run_goes_on(member->run); i++) {
        apart->far[i] =
            tight_allocate(&tight, i % 3 == 2 ? (size_t)9000 << i % 8 : ((size_t)192 << 20) - 5000 * i, 8, false);
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
    if (tight.served > 0)
        run_exercised(member->run, "block/undisturbed");
}

static void at_all_distances(struct run *run)
{
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    if (sizeof(size_t) < 8 || run_fills_blocks(run))
        return;
    team_rehearse(run, far_apart, run_scratch(run, sizeof(struct apart)));
}

/* ---- very many calls ---- */

enum { STAY = 6000, SHIFT = 256 };

struct wear {
    struct tight_block stay[STAY], shift[SHIFT];
    _Atomic bool stopped;
};

/* Frees one of a set of blocks and allocates another in its place, so many times. */
static void wear_by(struct member *member, struct tight *tight, struct tight_block *shift, size_t times, size_t least,
                    size_t most)
{
    for (size_t i = 0; i < times && (i % 4096 != 0 || (run_goes_on(member->run) && run_has_room(member->run))); i++) {
        struct tight_block *block = &shift[prng_below(&member->prng, SHIFT)];
        tight_deallocate(tight, block);
        *block = tight_allocate(tight, least + (size_t)prng_below(&member->prng, most - least), 8, i % 32 == 0);
    }
    for (size_t i = 0; i < SHIFT; i++)
        tight_deallocate(tight, &shift[i]);
}

/* Blocks of many classes stay, each nearly alone in its part of memory, while others come and go. */
static void wear(struct member *member)
{
    struct wear *wear = member->context;
    struct run *run = member->run;
    struct tight tight = tight_start(member, "block/undisturbed",
                                     "a million small blocks come and go while others stay", &wear->stopped);
    for (size_t i = 0; i < STAY && run_goes_on(run); i++)
        wear->stay[i] = tight_allocate(&tight, member_size(member, 9000), 8, false);
    for (size_t i = 0; i < STAY; i++)
        if (i % 97 != 0)
            tight_deallocate(&tight, &wear->stay[i]);
    wear_by(member, &tight, wear->shift, run_rounds(run, 70000, ((size_t)1 << 20) + 5000), 1, 64);
    wear_by(member, &tight, wear->shift, run_rounds(run, 1000, 70000), 4000, 9000);
    for (size_t i = 0; i < STAY; i += 97)
        tight_deallocate(&tight, &wear->stay[i]);
    if (tight.served > 0)
        run_exercised(run, "block/undisturbed");
    if (tight.zeroed > 0)
        run_exercised(run, "zeroing/allocate-zeroed");
}

static void wear_out(struct run *run) { team_rehearse(run, wear, run_scratch(run, sizeof(struct wear))); }

static const struct scenario scenarios[] = {
    {.name = "block/far-apart",
     .about = "large and small blocks at every distance up to 12 GiB",
     .clauses = "block/undisturbed",
     .run = at_all_distances},
    {.name = "block/wear",
     .about = "a million small blocks, and more blocks of a page than 16 bits count, come and go while others stay",
     .clauses = "block/undisturbed zeroing/allocate-zeroed",
     .run = wear_out},
};

SCENARIOS(block_volume, "block", BLOCK_ORDER, scenarios);
