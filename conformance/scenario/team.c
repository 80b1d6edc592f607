#include "conformance/scenario/team.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "conformance/scenario/jolt.h"
#include "harness/base/platform.h"
#include "harness/trace/record.h"
#include "harness/trace/setting.h"

int team_size(const struct run *run)
{
    return run->effort == EFFORT_QUICK ? 4 : run->effort == EFFORT_STANDARD ? 8 : 16;
}

void team_nap(void) { nanosleep(&(struct timespec){0, 1000000}, NULL); }

/* Lets the waiting members go on when nobody is missing. The lock is held. */
static void go_on_if_all_here(struct team *team)
{
    if (team->waiting < team->working || team->waiting == 0)
        return;
    team->waiting = 0;
    team->meeting++;
    pthread_cond_broadcast(&team->all_here);
}

/* Counts one more arrival; returns the number of the meeting that it waits for. The lock is held. */
static unsigned arrive(struct team *team)
{
    unsigned meeting = team->meeting;
    team->waiting++;
    go_on_if_all_here(team);
    return meeting;
}

void team_meet(struct member *member)
{
    struct team *team = member->team;
    pthread_mutex_lock(&team->lock);
    unsigned meeting = arrive(team);
    while (meeting == team->meeting)
        pthread_cond_wait(&team->all_here, &team->lock);
    pthread_mutex_unlock(&team->lock);
}

void team_collide(struct member *member)
{
    enum { PATIENCE = 2000 };
    struct team *team = member->team;
    pthread_mutex_lock(&team->lock);
    unsigned meeting = arrive(team);
    pthread_mutex_unlock(&team->lock);
    for (int turn = 0; meeting == atomic_load(&team->meeting); turn++)
        if (turn > PATIENCE) /* there are more threads than processors: let another one arrive */
            sched_yield();
}

/* There is one member fewer to wait for. */
static void leave(struct team *team)
{
    pthread_mutex_lock(&team->lock);
    team->working--;
    go_on_if_all_here(team);
    pthread_mutex_unlock(&team->lock);
}

static void *begin(void *argument)
{
    struct member *member = argument;
    struct run *run = member->run;
    record_thread_begin(&run->heap, member->number);
    candidate_enter_thread(run->candidate);
    member->work(member);
    jolt_stop();
    record_thread_end(&run->heap);
    candidate_leave_thread(run->candidate);
    leave(member->team);
    return NULL;
}

static void raise_threads(struct flight *flight, uint32_t threads)
{
    if (atomic_load(&flight->threads) < threads)
        atomic_store(&flight->threads, threads);
}

/* Gives it the default stack size of a thread in Rust 1.19 (std::thread, sys_common/thread.rs). */
static bool create(pthread_t *thread, struct member *member)
{
    const size_t stack = 2 << 20;
    return setting_thread(thread, stack, begin, member);
}

static bool start_member(struct team *team, struct run *run, int number)
{
    struct member *member = &team->members[number];
    *member = (struct member){.run = run,
                              .team = team,
                              .number = number,
                              .count = team->count,
                              .context = team->context,
                              .work = team->work,
                              .prng = {prng_next(&run->prng)}};
    member->started = create(&member->thread, member);
    if (!member->started)
        leave(team);
    return member->started;
}

/* On a platform without threads none is started. A scenario that starts some without saying that it relies on them is a
 * failure of the harness, and nobody is accused. */
static void insist_on_threads(void)
{
    if (!platform_lacks("threads"))
        return;
    fputs("assay: a scenario starts threads, and the platform lacks them\n", stderr);
    _Exit(3); /* outside any call: the supervisor reads it as the harness's failure */
}

bool team_start(struct team *team, struct run *run, int count, void (*work)(struct member *member), void *context)
{
    bool any = false;
    *team = (struct team){.working = 0};
    if (run->flight->alone_calls > 0) {
        team_rehearse(run, work, context);
        return false;
    }
    insist_on_threads();
    count = count > TEAM_MOST ? TEAM_MOST : count;
    *team = (struct team){.lock = PTHREAD_MUTEX_INITIALIZER,
                          .all_here = PTHREAD_COND_INITIALIZER,
                          .working = count,
                          .count = count,
                          .work = work,
                          .context = context};
    heap_go_parallel(&run->heap);
    if (run->heap.crash_clause < 0)
        heap_blame_crashes_on(&run->heap, "threads/concurrent");
    jolt_prepare(run->flight);
    raise_threads(run->flight, (uint32_t)count + 1);
    for (int number = 1; number <= count; number++)
        any = start_member(team, run, number) || any;
    return any;
}

static void join(struct member *member)
{
    if (!member->started)
        return;
    pthread_join(member->thread, NULL);
    record_thread_gone(&member->run->heap, member->number);
}

bool team_replace(struct team *team, struct run *run, int number)
{
    join(&team->members[number]);
    pthread_mutex_lock(&team->lock);
    team->working++;
    pthread_mutex_unlock(&team->lock);
    return start_member(team, run, number);
}

void team_join(struct team *team)
{
    for (int number = 1; number <= TEAM_MOST; number++)
        join(&team->members[number]);
}

bool team_work(struct run *run, int count, void (*work)(struct member *member), void *context)
{
    struct team team;
    bool any = team_start(&team, run, count, work, context);
    team_join(&team);
    return any;
}

static void work_alone(struct run *run, void (*work)(struct member *member), void *context)
{
    struct team team = {.lock = PTHREAD_MUTEX_INITIALIZER, .all_here = PTHREAD_COND_INITIALIZER, .working = 1};
    struct member member = {.run = run,
                            .team = &team,
                            .number = flight_thread,
                            .count = 1,
                            .context = context,
                            .work = work,
                            .prng = {prng_next(&run->prng)}};
    work(&member);
}

static uint64_t calls_of(const struct run *run) { return atomic_load(&run->flight->slots[flight_thread].calls); }

void team_rehearse(struct run *run, void (*work)(struct member *member), void *context)
{
    uint64_t enough = run->flight->alone_calls, before;
    do {
        before = calls_of(run);
        work_alone(run, work, context);
    } while (calls_of(run) < enough && calls_of(run) > before && run_goes_on(run));
    if (enough > 0)
        taint(&run->heap); /* threads would follow, and they are not wanted */
}

void team_exercised(const struct member *member, const char *clause_id)
{
    if (member->count > 1)
        run_exercised(member->run, clause_id);
}

size_t member_old_size(struct member *member, const struct block *block)
{
    uint64_t random = prng_next(&member->prng);
    return heap_old_size_at(&member->run->heap, block, (enum old_size_place)(random % 3), random / 3);
}

size_t member_size(struct member *member, size_t most)
{
    int bits = 64 - __builtin_clzll((unsigned long long)most);
    uint64_t power = UINT64_C(1) << prng_below(&member->prng, (uint64_t)bits);
    uint64_t size = power + prng_below(&member->prng, power);
    return size > most ? most : (size_t)size;
}
