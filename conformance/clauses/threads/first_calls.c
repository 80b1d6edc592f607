/* The first calls of a process are made by several threads at once. */
#include "conformance/clauses/threads/threads.h"
#include "conformance/scenario/copy.h"

static void first_calls(struct member *member)
{
    struct block *blocks[12] = {NULL};
    size_t size = (size_t)16 << (member->number % 3 * 3);
    team_collide(member);
    for (size_t i = 0; i < 12; i++)
        blocks[i] = run_allocate(member->run, i % 5 == 4 ? 100000 : size, 8, i % 5 == 4);
    for (size_t i = 0; i < 12; i++)
        if (blocks[i] != NULL)
            heap_verify(&member->run->heap, blocks[i]);
    team_collide(member);
    threads_free_all(member, blocks, 12);
    threads_went_well(member, "threads/concurrent");
}

static int rehearse_first_calls(struct run *run, void *unused)
{
    team_rehearse(run, first_calls, unused);
    return 0;
}

static int make_first_calls(struct run *run, void *unused)
{
    uint32_t findings = run->flight->finding_count;
    team_work(run, 4, first_calls, unused);
    threads_blame(run, "threads/concurrent", findings);
    return 0;
}

static void first_calls_together(struct run *run)
{
    size_t copies = run_rounds(run, 12, 80);
    copy_run(run, rehearse_first_calls, NULL);
    heap_blame_crashes_on(&run->heap, "threads/concurrent");
    heap_blame_hangs_on(&run->heap, "threads/progress");
    for (size_t i = 0; i < copies && run_goes_on(run); i++)
        copy_run(run, make_first_calls, NULL);
}

static const struct scenario scenarios[] = {
    {.name = "threads/first-calls",
     .about = "in fresh processes, the first calls of all are made by several threads at once",
     .clauses = "threads/concurrent threads/progress",
     .run = first_calls_together},
};

THREADS_SCENARIOS(threads_first_calls, scenarios);
