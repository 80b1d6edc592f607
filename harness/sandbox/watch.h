/* harness/sandbox/watch.h: is a thread of another process still getting anywhere?
 *
 * Promises: tells a call that will not return from one that is slow or starved by a busy machine. For this it looks at
 * what the thread itself does (asleep or awake, processor time used), not at the clock alone. Threads that spin for
 * each other share the processors, so that none of them uses much by itself: where no thread makes progress, their use
 * is added up. Threads that give way to each other also give way to everybody else on a busy machine, so that a long
 * time with little use is enough, too.
 */
#pragma once

#include <stdbool.h>

#include "harness/sandbox/flight.h"

struct watch {
    uint64_t calls[FLIGHT_THREADS];  /* calls begun when the call in flight was first seen */
    double since[FLIGHT_THREADS];    /* when that was, seconds */
    double cpu_then[FLIGHT_THREADS]; /* processor seconds of the thread then */
    double awake_at[FLIGHT_THREADS]; /* last time it was seen awake, in the kernel or using the processor */
    double used_at[FLIGHT_THREADS];  /* last time it was seen to use the processor, or to wait for one */
    double cpu_seen[FLIGHT_THREADS];
    uint64_t calls_of_all; /* begun by all threads, when last looked at */
    double cpu_together;   /* used in calls since any thread made progress */
    double still_since;    /* when that was */
    double idle_cpu;       /* processor seconds of the whole process, when it last used any */
    double idle_since;     /* when that was; 0: not looked at yet */
    uint64_t idle_calls;   /* begun by all threads then */
};

/* Looks at every thread with a call in flight. Returns the slot of one that will not return, -1 if there is none. `why`
 * says how that is known. `now` is in seconds of a monotonic clock. To be called a few times a second. */
int watch_look(struct watch *watch, const struct flight *flight, double now, double scale, char *why, int why_size);

/* Has the process used no processor time and begun no call for IDLE_LIMIT_S, whatever its threads say they do? A busy
 * machine does not make it idle: a process that waits for a processor is not. */
bool watch_is_idle(struct watch *watch, const struct flight *flight, int pid, double now, double scale);
