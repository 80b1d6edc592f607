/* Threads find that the system refuses memory. */
#include "conformance/clauses/exhaustion/exhaustion.h"
#include "conformance/scenario/copy.h"
#include "conformance/scenario/team.h"
#include "harness/refusal/refuse.h"
#include "harness/trace/record.h"

/* Each thread calls while the system refuses: for half of the threads these are their first calls, and the others have
 * been served before. */
static void first_in_thread(struct member *member)
{
    struct run *run = member->run;
    size_t size = (size_t)16 << (member->number * 2);
    struct block *blocks[8] = {NULL};
    if (member->number % 2 == 0)
        blocks[0] = heap_allocate(&run->heap, size, 8);
    team_meet(member);
    if (member->number == 1)
        record_refuse_from(&run->heap, 1);
    team_meet(member);
    for (size_t i = 1; i < 8; i++)
        blocks[i] = run_allocate(run, i % 2 == 0 ? size * i : i < 6 ? size : 3000000, 8, i % 2 == 0);
    for (size_t i = 0; i < 8; i += 2)
        if (blocks[i] != NULL)
            heap_deallocate(&run->heap, blocks[i], member_old_size(member, blocks[i]));
    team_meet(member);
    if (member->number == 1)
        *(uint64_t *)member->context = exhaustion_lift(run);
    team_meet(member);
    exhaustion_must_serve(run, 24, 8, *(uint64_t *)member->context);
    for (size_t i = 1; i < 8; i += 2)
        if (blocks[i] != NULL)
            heap_deallocate(&run->heap, blocks[i], member_old_size(member, blocks[i]));
}

static int threads_part(struct run *run, void *context)
{
    uint64_t refused = 0;
    if (*(bool *)context && !exhaustion_is_served(run, 24, 8))
        return 0;
    team_work(run, 4, first_in_thread, &refused);
    return 0;
}

static void in_threads(struct run *run)
{
    if (refuse_prepare() == REFUSE_BY_NOTHING || !exhaustion_serves_unrefused(run))
        return;
    size_t rounds = run_rounds(run, 4, 16);
    for (size_t round = 0; round < rounds && run_goes_on(run); round++) {
        bool warm = round % 2;
        copy_run(run, threads_part, &warm);
    }
}

static const struct scenario scenarios[] = {
    {.name = "exhaustion/in-threads",
     .about = "the first call of each of several threads is refused",
     .clauses = "exhaustion/null exhaustion/recovers",
     .relies_on = "threads",
     .run = in_threads},
};

SCENARIOS(exhaustion_in_threads, "exhaustion", EXHAUSTION_ORDER, scenarios);
