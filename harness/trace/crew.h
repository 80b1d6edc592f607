/* harness/trace/crew.h: threads that work one at a time, each when it is told to.
 *
 * Promises: crew_do returns when the job is done, by the thread of that number. Jobs never overlap, and what one did is
 * seen by the next. A thread starts at its first job and ends at crew_end; after that its number may be used again, for
 * a new thread.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>

#include "harness/sandbox/flight.h"

struct crew {
    pthread_mutex_t lock;
    pthread_cond_t turn;
    pthread_t threads[FLIGHT_THREADS];
    bool running[FLIGHT_THREADS];
    int whose;                                /* number of the thread whose turn it is; 0: the caller's */
    bool is_last;                             /* the thread ends instead of doing a job */
    void (*enter)(void *context, int thread); /* run first in each thread */
    void (*leave)(void *context, int thread); /* run last in each thread */
    void (*gone)(void *context, int thread);  /* run by the caller of crew_end, once the thread has been joined */
    void (*job)(void *context);
    void *context;
};

/* Has `job(context)` done by thread `thread` (1 .. FLIGHT_THREADS-1). False: the thread could not be started. */
bool crew_do(struct crew *crew, int thread);

/* Ends the thread and waits until it is gone. Does nothing if it is not running. */
void crew_end(struct crew *crew, int thread);
void crew_end_all(struct crew *crew);
