/* A steady state of mixed sizes: the live set stays as it is while sizes vary. What is lost a few bytes at a time,
 * where a block does not quite fill its place, adds up; blocks of one size at a time never show it. */
#include "conformance/clauses/states/states.h"
#include "conformance/scenario/process.h"
#include "conformance/scenario/tight.h"

enum { LIVE = 600, MOST = 700, WINDOW = 60000, WINDOWS = 8, LIVE_BYTES = LIVE * MOST / 2, LITTLE = 12 << 10 };

struct steady {
    uint64_t footprint[WINDOWS];
    size_t windows;
};

static void exchange(struct member *member, struct tight *tight, struct tight_block *held)
{
    for (size_t i = 0; i < WINDOW && !*tight->stopped; i++) {
        struct tight_block *block = &held[prng_below(&member->prng, LIVE)];
        tight_deallocate(tight, block);
        *block = tight_allocate(tight, 1 + prng_below(&member->prng, MOST), 1, false);
    }
}

static void live(struct member *member)
{
    struct steady *steady = member->context;
    struct tight_block *held = run_scratch(member->run, LIVE * sizeof *held);
    _Atomic bool stopped = false;
    struct tight tight =
        tight_start(member, "block/undisturbed", "blocks of mixed sizes come and go, as many as before", &stopped);
    for (; steady->windows < WINDOWS && !stopped && run_goes_on(member->run); steady->windows++) {
        exchange(member, &tight, held);
        steady->footprint[steady->windows] = process_footprint();
    }
    for (size_t i = 0; i < LIVE; i++)
        tight_deallocate(&tight, &held[i]);
}

/* It grows for ever if, after a hundred exchanges of the whole live set, as much is added as all live blocks take
 * together, and the last windows still add to it. */
static bool grows(const struct steady *steady)
{
    uint64_t first = steady->footprint[0], before = steady->footprint[WINDOWS - 3],
             last = steady->footprint[WINDOWS - 1];
    return last > first + LIVE_BYTES && last > before + LITTLE;
}

/* Nearly all that was freed is lost, or waits in a quarantine: the scenarios of one size tell which. */
static bool uses_nothing_again(const struct steady *steady)
{
    const uint64_t traffic = (uint64_t)WINDOW * (WINDOWS - 1) * (MOST / 2);
    return steady->footprint[WINDOWS - 1] > steady->footprint[0] + traffic / 2;
}

static void steady_state(struct run *run)
{
    struct steady *steady = run_scratch(run, sizeof *steady);
    if (run->effort == EFFORT_QUICK)
        return;
    team_rehearse(run, live, steady);
    if (steady->windows < WINDOWS || steady->footprint[0] == 0 || uses_nothing_again(steady))
        return;
    run_exercised(run, "deallocate/reuse");
    if (grows(steady))
        run_violated(run, "deallocate/reuse", "blocks of 1 to 700 bytes come and go, 600 of them live at any time",
                     "about as much memory after more of the same as before",
                     "%llu KiB more after %d exchanges, where the live blocks take %d KiB together",
                     (unsigned long long)(steady->footprint[WINDOWS - 1] - steady->footprint[0]) >> 10,
                     (WINDOWS - 1) * WINDOW, LIVE_BYTES >> 10);
}

static const struct scenario scenarios[] = {
    {.name = "states/steady-mix",
     .about = "mixed sizes in a steady state: the live set stays as it is",
     .clauses = "deallocate/reuse",
     .tags = "quality",
     .run = steady_state},
};

SCENARIOS(steady_mix, "states", 109, scenarios);
