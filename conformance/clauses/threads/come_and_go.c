/* Threads come and go while others are at work. */
#include "conformance/clauses/threads/threads.h"
#include "conformance/scenario/jolt.h"
#include "conformance/scenario/tight.h"

/* ---- generations: threads begin at the same moment, where earlier ones have ended and left blocks or caches ---- */

enum { FIRST_STEPS = 48, HELD_FEW = 12 };

struct garrison {
    _Atomic bool stopped, is_over;
};

static void first_steps(struct member *member)
{
    struct garrison *garrison = member->context;
    struct tight tight = tight_start(member, "threads/concurrent",
                                     "threads begin at the same moment where others have ended", &garrison->stopped);
    struct tight_block held[HELD_FEW] = {{NULL}};
    team_collide(member);
    for (size_t i = 0; i < FIRST_STEPS && !garrison->stopped; i++)
        tight_step(member, &tight, held, HELD_FEW);
    for (size_t i = 0; i < HELD_FEW; i++)
        tight_deallocate(&tight, &held[i]);
    team_exercised(member, "threads/concurrent");
}

static void generations(struct run *run)
{
    struct garrison *garrison = run_scratch(run, sizeof *garrison);
    size_t generations = run_rounds(run, 40, 400);
    struct tight_pace started = tight_pace();
    bool goes_on = threads_work(run, "threads/concurrent", first_steps, garrison);
    for (size_t generation = 1; generation < generations && goes_on && tight_in_time(run, generation, &started);
         generation++) {
        uint32_t findings = run->flight->finding_count;
        team_work(run, team_size(run), first_steps, garrison);
        goes_on = threads_blame(run, "threads/concurrent", findings);
    }
}

/* ---- one thread stays while others come and go ---- */

/* An allocator that numbers its threads may give out a number that is still in use. A number of eight bits comes round
 * several times within LEAST_GENERATIONS. */
enum { NEWCOMERS = 2, NEWCOMER_STEPS = 1500, LEAST_GENERATIONS = 400 };

/* The first member stays until it is told to end; the others end soon. */
static void stay_or_go(struct member *member)
{
    struct garrison *garrison = member->context;
    bool alone = member->count == 1, stays = member->number == 1 && !alone;
    struct tight tight =
        tight_start(member, "threads/concurrent", "one thread allocates and frees while many others come and go",
                    &garrison->stopped);
    struct tight_block held[HELD_FEW] = {{NULL}};
    if (!stays)
        jolt_stop(); /* only the thread that stays is interrupted: the others come in its place */
    for (size_t i = 0; (stays ? !garrison->is_over : i < NEWCOMER_STEPS) && !garrison->stopped; i++)
        tight_step(member, &tight, held, HELD_FEW);
    for (size_t i = 0; i < HELD_FEW; i++)
        tight_deallocate(&tight, &held[i]);
    team_exercised(member, "threads/concurrent");
}

static void come_and_go(struct run *run)
{
    struct garrison *garrison = run_scratch(run, sizeof *garrison);
    struct team *team = run_scratch(run, sizeof *team);
    size_t generations = run_rounds(run, 100, 2000);
    uint32_t findings = run->flight->finding_count;
    struct tight_pace started = tight_pace();
    team_rehearse(run, stay_or_go, garrison);
    if (run->flight->finding_count != findings || !run_goes_on(run))
        return;
    heap_blame_crashes_on(&run->heap, "threads/concurrent");
    heap_blame_hangs_on(&run->heap, "threads/progress");
    if (!team_start(team, run, 1 + NEWCOMERS, stay_or_go, garrison))
        return;
    size_t least = run_rounds(run, 100, LEAST_GENERATIONS);
    for (size_t generation = 0;
         generation < generations && !garrison->stopped &&
         (generation < least ? tight_is_bearable(run, &started) : tight_in_time(run, generation, &started));
         generation++)
        for (int number = 2; number <= 1 + NEWCOMERS; number++)
            team_replace(team, run, number);
    garrison->is_over = true;
    team_join(team);
}

static const struct scenario scenarios[] = {
    {.name = "threads/generations",
     .about = "threads begin at the same moment where others have ended, again and again",
     .clauses = "threads/concurrent threads/progress",
     .run = generations},
    {.name = "threads/come-and-go",
     .about = "one thread stays at work while hundreds of others come and go beside it",
     .clauses = "threads/concurrent threads/progress",
     .run = come_and_go},
};

THREADS_SCENARIOS(threads_come_and_go, scenarios);
