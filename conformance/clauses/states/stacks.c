/* Small stacks: threads with 64 KiB, and with the least that the platform allows. The harness itself needs about two
 * KiB of them between the calls. */
#include "conformance/clauses/states/states.h"
#include "conformance/scenario/copy.h"
#include "conformance/scenario/team.h"
#include "harness/trace/record.h"

static const struct clause clauses[] = {
    {.id = "threads/small-stacks",
     .level = LEVEL_SHOULD,
     .strength = "quality",
     .statement = "Every call returns on a thread with 64 KiB of stack, its first call as well as later ones.",
     .source = "not promised anywhere: a program chooses the stacks of its threads, and the page says nothing of them",
     .why = "a program with many threads gives them small stacks, and dies in an allocation that would have done well "
            "elsewhere",
     .broken_by = "a table of a hundred KiB on the stack of a rare path; recursion over the blocks that are there",
     .edges = "The same calls are made on threads with as much stack as usual first: what fails there, too, breaks "
              "another clause. A thread that cannot be started is not counted."},
    {.id = "threads/least-stacks",
     .level = LEVEL_SHOULD,
     .strength = "quality",
     .statement = "Every call returns on a thread with the least stack that the platform allows.",
     .source =
         "not promised anywhere: the least stack (PTHREAD_STACK_MIN) leaves about ten KiB for all that is called; "
         "programs may ask for it",
     .why = "the smallest threads of a program cannot allocate",
     .broken_by = "buffers of some KiB on the stack, such as for a message or a path"},
};

enum { SMALL = 64 << 10, LEAST = 1, LIVES = 4 };

static void live(struct member *member)
{
    const char *clause = member->context;
    states_traffic(member->run, &member->prng, 400);
    run_exercised(member->run, clause);
}

/* One thread after another, each with its first call still to come. There are never two: a race is no matter of
 * stacks. */
static void live_in_turn(struct run *run, const char *clause)
{
    for (int life = 0; life < LIVES && run_goes_on(run); life++)
        team_work(run, 1, live, (void *)(uintptr_t)clause);
}

static void rehearse(struct member *member) { states_traffic(member->run, &member->prng, 100); }

struct stacks {
    size_t size;
    const char *clause;
};

/* The process's first calls are made on a small stack. */
static int first_calls(struct run *run, void *context)
{
    const struct stacks *stacks = context;
    record_set(&run->heap, SETTING_STACK, stacks->size);
    live_in_turn(run, stacks->clause);
    return 0;
}

static void try_stacks(struct run *run, struct stacks *stacks)
{
    size_t copies = run_rounds(run, 1, 3);
    heap_blame_crashes_on(&run->heap, stacks->clause);
    for (size_t i = 0; i < copies && run_goes_on(run); i++)
        copy_run(run, first_calls, stacks);
    heap_blame_crashes_on(&run->heap, NULL);
    if (!run_goes_on(run))
        return;
    team_rehearse(run, rehearse, NULL);
    heap_blame_crashes_on(&run->heap, stacks->clause);
    if (run_goes_on(run))
        first_calls(run, stacks);
}

static void small_stacks(struct run *run) { try_stacks(run, &(struct stacks){SMALL, "threads/small-stacks"}); }

static void least_stacks(struct run *run) { try_stacks(run, &(struct stacks){LEAST, "threads/least-stacks"}); }

static const struct scenario scenarios[] = {
    {.name = "states/small-stacks",
     .about = "all six operations, first calls and later ones, on threads with 64 KiB of stack",
     .clauses = "threads/small-stacks",
     .tags = "quick",
     .relies_on = "threads",
     .run = small_stacks},
    {.name = "states/least-stacks",
     .about = "the same on threads with the least stack of the platform",
     .clauses = "threads/least-stacks",
     .relies_on = "threads",
     .run = least_stacks},
};

CLAUSE_GROUP(stacks, "states", 101, clauses, scenarios);
