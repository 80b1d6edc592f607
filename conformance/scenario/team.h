/* conformance/scenario/team.h: threads that work for a scenario at the same time.
 *
 * Promises: each has its own slot in the flight record and its own random numbers, the same for the same seed; they
 * meet at barriers, which those that are done do not hold up; a jolt (jolt.h) that one of them starts ends with it.
 * Nothing here calls malloc (pthread_create of a libc may).
 */
#pragma once

#include <pthread.h>

#include "conformance/scenario/run.h"

enum { TEAM_MOST = FLIGHT_THREADS - 1 };

struct team;

struct member {
    struct run *run;
    struct team *team;
    int number; /* 1 .. count: its slot */
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

/* As many threads as the effort at hand wants: more than the machine has cores, mostly. */
int team_size(const struct run *run);

/* Starts members 1 .. count, each at work(member), and returns when all have ended. The heap goes parallel, and a crash
 * breaks threads/concurrent from here on, unless the scenario has said what else. False: not one thread more could be
 * started. */
bool team_work(struct run *run, int count, void (*work)(struct member *member), void *context);

/* The same in two steps: `team` must live until it is joined. Where one thread is to do all of it
 * (flight->alone_calls), no thread is started: the caller rehearses, and the answer is false. */
bool team_start(struct team *team, struct run *run, int count, void (*work)(struct member *member), void *context);
void team_join(struct team *team);

/* Waits until member `number` has ended, and starts another in its place. False: no thread could be started. */
bool team_replace(struct team *team, struct run *run, int number);

/* The caller itself does what one member would, with nobody beside it: what goes wrong then has nothing to do with
 * threads. Where one thread is to do all of it, it goes on for as many calls, and ends the scenario. */
void team_rehearse(struct run *run, void (*work)(struct member *member), void *context);

/* A clause about threads was put to the test by this member; nothing in a rehearsal, and nothing where it is alone. */
void team_exercised(const struct member *member, const char *clause_id);

/* A millisecond. */
void team_nap(void);

/* Waits until every member that still works is here. */
void team_meet(struct member *member);
/* The same, awake, so that all leave within a few hundred nanoseconds: for calls that are to collide. */
void team_collide(struct member *member);

/* As run_old_size, run_size and run_align, from the member's own random numbers. */
size_t member_old_size(struct member *member, const struct block *block);
size_t member_size(struct member *member, size_t most);
