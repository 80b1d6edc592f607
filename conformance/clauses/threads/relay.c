/* A relay: an owner takes blocks from its list at the moment when another thread puts some there. */

#include "conformance/clauses/threads/threads.h"
#include "conformance/scenario/tight.h"
#include "harness/base/platform.h"

enum { BATCH = 192, LANES = 8 };

struct relay {
    struct tight_block batches[LANES][2][BATCH];
    _Atomic bool stopped;
};

static size_t relay_size(size_t round)
{
    static const size_t sizes[] = {16, 64, 24, 256, 48, 1000};
    return sizes[round / 8 % (sizeof sizes / sizeof *sizes)];
}

/* Odd numbers allocate, and even ones free what was allocated a round ago; a single thread does both. */
static void run_relay(struct member *member)
{
    struct relay *relay = member->context;
    struct tight tight = tight_start(member, "threads/foreign-free",
                                     "one thread allocates while another frees its blocks", &relay->stopped);
    size_t rounds = run_rounds(member->run, 120, 4000) / (member->count == 1 ? 16 : 1),
           lane = (size_t)(member->number - 1) / 2 % LANES;
    bool both = member->count == 1, allocates = both || member->number % 2 == 1,
         frees = both || member->number % 2 == 0;
    struct tight_pace started = tight_pace();
    for (size_t round = 0; round < rounds; round++) {
        struct tight_block *fresh = relay->batches[lane][round % 2], *stale = relay->batches[lane][(round + 1) % 2];
        team_collide(member);
        for (size_t i = 0; allocates && i < BATCH && !relay->stopped; i++)
            fresh[i] = tight_allocate(&tight, relay_size(round), 8, false);
        for (size_t i = 0; frees && i < BATCH; i++)
            tight_deallocate(&tight, &stale[i]);
        if (tight.freed > 0)
            team_exercised(member, "threads/foreign-free");
        if (!tight_in_time(member->run, round, &started))
            break;
    }
    team_meet(member);
    for (size_t i = 0; frees && i < 2 * BATCH; i++)
        tight_deallocate(&tight, &relay->batches[lane][i / BATCH][i % BATCH]);
}

/* There are as many threads as processors, because a thread that waits for a processor collides with nobody. */
static void relay(struct run *run)
{
    struct relay *relay = run_scratch(run, sizeof *relay);
    int processors = platform_processors();
    int lanes = processors < 4 ? 1 : processors < 2 * LANES ? processors / 2 : LANES;
    threads_work_by(run, 2 * lanes, "threads/foreign-free", run_relay, relay);
}

static const struct scenario scenarios[] = {
    {.name = "threads/tight-relay",
     .about = "one allocates as fast as it can while another frees what it allocated a moment ago",
     .clauses = "threads/foreign-free threads/progress",
     .run = relay},
};

THREADS_SCENARIOS(threads_relay, scenarios);
