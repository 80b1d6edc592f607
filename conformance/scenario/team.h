/* conformance/scenario/team.h: threads that work for a scenario at the same time.
 *
 * Promises: each thread has its own slot in the flight record and its own random numbers, which are the same for the
 * same seed. Threads meet at barriers, and a thread that has finished holds nobody up. A jolt (jolt.h) that a thread
 * starts ends with the thread. Nothing here calls malloc; pthread_create of a libc may.
 */
#pragma once

#include <pthread.h>

#include "conformance/scenario/run.h"

enum { TEAM_MOST = FLIGHT_THREADS - 1 };

struct team;

struct member {
    struct run *run;
    struct team *team;
    int number; /* 1 .. count: its slot in the flight record */
    int count;  /* members */
    struct prng prng;
    void *context;
    void (*work)(struct member *member);
    pthread_t thread;
    bool started;
};

struct team {
    pthread_mutex_t lock;
    pthread_cond_t all_here;
    int working, waiting;
    int count;
    void (*work)(struct member *member);
    void *context;
    _Atomic unsigned meeting;
    struct member members[TEAM_MOST + 1];
};

/* The number of threads for the effort; usually more than the machine has cores. */
int team_size(const struct run *run);

/* Starts members 1 .. count, each at work(member), and returns when all have ended. From here on the heap is in
 * parallel mode, and a crash breaks threads/concurrent unless the scenario has named another clause. False: no thread
 * could be started. */
bool team_work(struct run *run, int count, void (*work)(struct member *member), void *context);

/* The same in two steps; `team` must live until it is joined. If one thread is to do all the work
 * (flight->alone_calls), no thread is started: the caller rehearses, and the answer is false. */
bool team_start(struct team *team, struct run *run, int count, void (*work)(struct member *member), void *context);
void team_join(struct team *team);

/* Waits until member `number` has ended, and starts another in its place. False: no thread could be started. */
bool team_replace(struct team *team, struct run *run, int number);

/* The caller does the work of one member itself, with no other thread beside it: what goes wrong then has nothing to do
 * with threads. If one thread is to do all the work, it repeats the work until it has made flight->alone_calls calls,
 * and the scenario ends. */
void team_rehearse(struct run *run, void (*work)(struct member *member), void *context);

/* Counts one exercise of a clause about threads. In a rehearsal, or for a member without others, it counts nothing. */
void team_exercised(const struct member *member, const char *clause_id);

/* Sleeps for a millisecond. */
void team_nap(void);

/* Waits until every member that is still at work is here. */
void team_meet(struct member *member);
/* The same without sleeping, so that all leave within a few hundred nanoseconds: for calls that are to collide. */
void team_collide(struct member *member);

/* As run_old_size, run_size and run_align, from the member's own random numbers. */
size_t member_old_size(struct member *member, const struct block *block);
size_t member_size(struct member *member, size_t most);
