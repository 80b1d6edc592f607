/* The process ends: exit handlers that were registered before and after the candidate's first call, a destructor that
 * runs behind all of them, and threads that are at work meanwhile still allocate and free. */
#include <stdlib.h>

#include "conformance/clauses/states/states.h"
#include "conformance/scenario/copy.h"
#include "conformance/scenario/team.h"
#include "harness/trace/record.h"

enum { HELD = 40, STEPS = 60 };

static struct ending {
    struct run *run; /* exit handlers take no argument */
    struct pool pool;
    bool has_threads;
    struct team team;
} * ending;

static void change(struct run *run)
{
    struct pool *pool = &ending->pool;
    for (size_t i = 0; i < HELD / 4 && pool->count > 0 && !run->heap.tainted; i++) {
        struct block *block = pool_take_any(run, pool);
        heap_deallocate(&run->heap, block, run_old_size(run, block));
    }
    for (size_t i = 0; i < HELD / 4 && pool->count < pool->capacity && !run->heap.tainted; i++)
        pool_add(pool, run_allocate(run, run_size(run, i % 5 == 4 ? 200000 : 2000), 8, i % 4 == 0));
    states_traffic(run, &run->prng, STEPS);
    run_exercised(run, "abi/returns");
}

static void at_exit(void) { change(ending->run); }

static void live_on(struct member *member)
{
    for (;;)
        states_traffic(member->run, &member->prng, STEPS);
}

static void live(struct run *run, void *context)
{
    (void)context;
    atexit(at_exit);
    change(run);
    atexit(at_exit);
    if (ending->has_threads)
        team_start(&ending->team, run, 2, live_on, NULL);
    change(run);
    record_set(&run->heap, SETTING_EXIT, 0);
}

/* Threads that are at work change what a check of all blocks would look at. */
static void come_to_the_end(struct run *run, void *context)
{
    (void)context;
    change(run);
    if (ending->has_threads)
        return;
    pool_deallocate_all(run, &ending->pool);
    heap_verify_all(&run->heap);
}

static void exits(struct run *run, bool with_threads)
{
    size_t copies = run_rounds(run, 2, 6);
    ending = run_scratch(run, sizeof *ending);
    *ending = (struct ending){.run = run, .pool = pool_create(run, HELD), .has_threads = with_threads};
    /* A crash that needs the threads is theirs; the judge repeats it without them and finds out. */
    heap_blame_crashes_on(&run->heap, with_threads ? "threads/concurrent" : "abi/returns");
    for (size_t i = 0; i < copies && run_goes_on(run); i++)
        copy_exit(run, live, come_to_the_end, NULL);
}

static void exit_alone(struct run *run) { exits(run, false); }

static void exit_with_threads(struct run *run) { exits(run, run->flight->alone_calls == 0); }

static const struct scenario scenarios[] = {
    {.name = "states/exit",
     .about =
         "exit handlers, registered before and after the first call, and a destructor behind them allocate and free",
     .clauses = "abi/returns block/accessible block/disjoint block/undisturbed",
     .run = exit_alone},
    {.name = "states/exit-with-threads",
     .about = "the same while threads are at work",
     .clauses = "abi/returns block/accessible block/disjoint block/undisturbed threads/concurrent",
     .relies_on = "threads",
     .run = exit_with_threads},
};

SCENARIOS(exits, "states", 103, scenarios);
