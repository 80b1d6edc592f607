/* Processors: a process that may use fewer of them than the machine has, and threads that move between them. An
 * allocator with a cache for each processor counts those that it may use, and is then called on one with a higher
 * number. */
#include "conformance/clauses/states/states.h"
#include "conformance/scenario/copy.h"
#include "conformance/scenario/team.h"
#include "harness/trace/record.h"
#include "harness/trace/setting.h"

enum { MEMBERS = 3, MOVES = 24, MOST_PINNED = 8 };

static void work(struct member *member) { states_traffic(member->run, &member->prng, 150); }

/* Also the first calls are made there. */
static int pinned(struct run *run, void *context)
{
    const size_t *number = context;
    if (!record_set(&run->heap, SETTING_PROCESSOR, *number))
        return 0;
    states_traffic(run, &run->prng, 300);
    heap_blame_crashes_on(&run->heap, "threads/concurrent");
    if (team_work(run, MEMBERS, work, NULL))
        run_exercised(run, "threads/concurrent");
    return 0;
}

/* What is allocated on one is resized and freed on another. */
static int moved(struct run *run, void *unused)
{
    size_t count = setting_processors();
    struct pool pool = pool_create(run, 64);
    (void)unused;
    for (size_t move = 0; move < MOVES && run_goes_on(run); move++) {
        if (!record_set(&run->heap, SETTING_PROCESSOR, 1 + move % count))
            break;
        while (pool.count < pool.capacity && run_goes_on(run))
            if (!pool_add(&pool, run_allocate(run, run_size(run, 20000), run_align(run, 256), move % 3 == 0)))
                break;
        for (size_t i = 0; i < pool.capacity / 2 && pool.count > 0 && run_goes_on(run); i++) {
            struct block *block = pool_take_any(run, &pool);
            heap_reallocate(&run->heap, block, run_old_size(run, block), run_size(run, 20000));
            heap_deallocate(&run->heap, block, run_old_size(run, block));
        }
    }
    pool_deallocate_all(run, &pool);
    return 0;
}

static void processors(struct run *run)
{
    size_t count = setting_processors(), few = count < MOST_PINNED ? count : MOST_PINNED;
    for (size_t i = 0; i < few && run_goes_on(run); i++) {
        size_t number = count - i; /* the last one first */
        copy_run(run, pinned, &number);
    }
    if (run_goes_on(run))
        copy_run(run, moved, NULL);
}

/* ---- loaded there ---- */

static void go_to_the_last(void) { setting_apply(SETTING_PROCESSOR, setting_processors()); }

/* Loaded on the last one alone, used there, and then everywhere. */
static void last_processor(struct run *run)
{
    size_t number = setting_processors();
    pinned(run, &number);
    heap_blame_crashes_on(&run->heap, NULL);
    moved(run, NULL);
    record_set(&run->heap, SETTING_PROCESSOR, 0);
    states_traffic(run, &run->prng, 200);
}

#define BLOCKS "abi/returns block/accessible block/disjoint block/undisturbed "

static const struct scenario scenarios[] = {
    {.name = "states/processors",
     .about =
         "the first calls of all are made on one processor alone, the last one and others; threads move between them",
     .clauses = BLOCKS "threads/concurrent",
     .relies_on = "threads",
     .run = processors},
    {.name = "states/last-processor",
     .about = "loaded by a process that may use the last processor alone, and may use all of them later",
     .clauses = BLOCKS "threads/concurrent",
     .relies_on = "threads",
     .before_loading = go_to_the_last,
     .run = last_processor},
};

SCENARIOS(processors, "states", 102, scenarios);
