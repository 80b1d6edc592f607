/* A crowd: very many threads are alive at once, and a few of them work. An allocator that has room for 32 or 64 threads
 * lets further ones share a place: with the thread whose number is so much lower, or with all later ones. */
#include "conformance/scenario/jolt.h"
#include "conformance/clauses/threads/threads.h"
#include "conformance/scenario/tight.h"

enum { CROWD = 100, HELD = 12, STEPS = 256 };

struct crowd {
    _Atomic bool stopped;
    _Atomic int at_work;
    pthread_mutex_t lock;
    pthread_cond_t is_over;
};

static bool is_at_work(const struct member *member) { return member->number % 32 >= 1 && member->number % 32 <= 3; }

/* The others stay and keep what they hold until nobody works any more. */
static void wait_for_the_end(struct crowd *crowd)
{
    pthread_mutex_lock(&crowd->lock);
    while (crowd->at_work > 0)
        pthread_cond_wait(&crowd->is_over, &crowd->lock);
    pthread_mutex_unlock(&crowd->lock);
}

static void finish(struct crowd *crowd)
{
    pthread_mutex_lock(&crowd->lock);
    crowd->at_work--;
    pthread_cond_broadcast(&crowd->is_over);
    pthread_mutex_unlock(&crowd->lock);
}

static void be_one_of_many(struct member *member)
{
    struct crowd *crowd = member->context;
    struct tight tight =
        tight_start(member, "threads/concurrent",
                    "a hundred threads are there, and some allocate and free at full speed", &crowd->stopped);
    struct tight_block held[HELD] = {{NULL}};
    bool works = member->count == 1 || is_at_work(member);
    if (!works)
        jolt_stop();
    for (size_t i = 0; i < 2 * HELD; i++)
        tight_step(member, &tight, held, HELD);
    if (member->count > 1 && works)
        crowd->at_work++;
    team_meet(member);
    struct tight_pace started = tight_pace();
    size_t rounds = run_rounds(member->run, 10, 100);
    for (size_t round = 0; works && round < rounds && !crowd->stopped && tight_in_time(member->run, round, &started);
         round++) {
        for (size_t i = 0; i < STEPS; i++)
            tight_step(member, &tight, held, HELD);
        team_exercised(member, "threads/concurrent");
    }
    if (member->count > 1 && works)
        finish(crowd);
    team_exercised(member, "threads/progress");
    if (!works)
        wait_for_the_end(crowd);
    for (size_t i = 0; i < HELD; i++)
        tight_deallocate(&tight, &held[i]);
}

static void work_in_a_crowd(struct run *run)
{
    struct crowd *crowd = run_scratch(run, sizeof *crowd);
    pthread_mutex_init(&crowd->lock, NULL);
    pthread_cond_init(&crowd->is_over, NULL);
    threads_work_by(run, run->effort == EFFORT_QUICK ? 40 : CROWD, "threads/concurrent", be_one_of_many, crowd);
}

static const struct scenario scenarios[] = {
    {.name = "threads/crowd",
     .about = "a hundred threads alive at once, of which a dozen allocate and free at full speed",
     .clauses = "threads/concurrent threads/progress",
     .run = work_in_a_crowd},
};

THREADS_SCENARIOS(threads_crowd, scenarios);
