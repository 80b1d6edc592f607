/* Last calls: a thread's destructors still free and allocate, and the allocator may already have released what it keeps
 * for that thread. Rust's std runs the destructors of thread-local variables through __cxa_thread_atexit_impl where
 * libc has it, and as destructors of thread-specific data elsewhere (thread/local.rs 1.19). An allocator's own
 * destructors may come before, between or after them. */
#include "conformance/clauses/threads/threads.h"
#include "conformance/scenario/tight.h"

/* POSIX promises four rounds of thread-specific destructors; the fourth is left to the allocator. */
enum { HELD = 24, TURNS = 3 };

#define CLAUSE "threads/concurrent"
#define DOING "a thread's destructors free and allocate, before and after the allocator's own"

struct last {
    pthread_key_t early, late; /* created before and after a thread first called the candidate */
    bool has_late, nothing_is_left;
    _Atomic bool stopped;
    struct tight_block held[TEAM_MOST + 1][HELD]; /* what one generation leaves belongs to the next */
    struct farewell {
        struct last *last;
        struct tight tight;
        struct tight_block *held;
        struct prng prng;
        int turns;
    } farewells[TEAM_MOST + 1];
};

int __cxa_thread_atexit_impl(void (*function)(void *), void *argument, void *object) __attribute__((weak));
extern void *__dso_handle;

static size_t any_size(struct prng *prng)
{
    size_t most = prng_chance(prng, 1, 12) ? 200000 : prng_chance(prng, 1, 3) ? 6000 : 200;
    return 1 + (size_t)prng_below(prng, most);
}

static void give_back(struct tight *tight, struct tight_block *blocks)
{
    for (size_t i = 0; i < HELD; i++)
        tight_deallocate(tight, &blocks[i]);
}

static void change(struct farewell *farewell)
{
    struct tight *tight = &farewell->tight;
    for (size_t i = 0; i < HELD * 2 && !farewell->last->stopped; i++) {
        struct tight_block *block = &farewell->held[prng_below(&farewell->prng, HELD)];
        if (block->address == NULL)
            *block = tight_allocate(tight, any_size(&farewell->prng), 8, prng_chance(&farewell->prng, 1, 4));
        else if (prng_chance(&farewell->prng, 1, 4) && candidate_has(tight->candidate, OP_REALLOCATE))
            tight_reallocate(tight, block, any_size(&farewell->prng));
        else
            tight_deallocate(tight, block);
    }
    if (!tight->is_alone)
        run_exercised(tight->run, CLAUSE);
}

/* ---- a thread's end ---- */

static void at_exit(void *farewell) { change(farewell); }

static void change_in_turn(void *context)
{
    struct farewell *farewell = context;
    struct last *last = farewell->last;
    change(farewell);
    if (++farewell->turns < TURNS)
        pthread_setspecific(last->late, farewell);
    else if (last->nothing_is_left)
        give_back(&farewell->tight, farewell->held);
}

static void bid_farewell(struct farewell *farewell)
{
    if (__cxa_thread_atexit_impl != NULL)
        __cxa_thread_atexit_impl(at_exit, farewell, &__dso_handle);
}

/* ---- its life ---- */

static void live(struct member *member)
{
    struct last *last = member->context;
    struct farewell *farewell = &last->farewells[member->number];
    bool ends = member->number > 0; /* the main thread rehearses */
    *farewell = (struct farewell){.last = last, .held = last->held[member->number], .prng = {prng_next(&member->prng)}};
    farewell->tight = tight_start(member, CLAUSE, DOING, &last->stopped);
    if (ends) {
        bid_farewell(farewell); /* runs after what the candidate registers in its first call */
        pthread_setspecific(last->early, farewell);
    }
    give_back(&farewell->tight, farewell->held);
    change(farewell);
    team_collide(member);
    if (ends) {
        bid_farewell(farewell); /* runs before it */
        if (last->has_late)
            pthread_setspecific(last->late, farewell);
    } else {
        give_back(&farewell->tight, farewell->held);
    }
}

static void last_calls(struct run *run)
{
    struct last *last = run_scratch(run, sizeof *last);
    size_t generations = run_rounds(run, 4, 24);
    uint32_t findings = run->flight->finding_count;
    if (candidate_is_told_of_threads(run->candidate) || pthread_key_create(&last->early, at_exit) != 0)
        return;
    team_rehearse(run, live, last);
    if (run->flight->finding_count != findings || !run_goes_on(run))
        return;
    heap_blame_crashes_on(&run->heap, CLAUSE);
    heap_blame_hangs_on(&run->heap, "threads/progress");
    team_work(run, 1, live, last);
    last->has_late = pthread_key_create(&last->late, change_in_turn) == 0;
    for (size_t generation = 0; generation < generations && run_goes_on(run) && !last->stopped; generation++) {
        last->nothing_is_left = generation + 1 == generations;
        team_work(run, team_size(run), live, last);
    }
}

static const struct scenario scenarios[] = {
    {.name = "threads/last-calls",
     .about = "a thread's destructors free and allocate, before and after the allocator's own",
     .clauses = "threads/concurrent threads/progress",
     .run = last_calls},
};

THREADS_SCENARIOS(threads_last, scenarios);
