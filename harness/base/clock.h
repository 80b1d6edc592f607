/* harness/base/clock.h: how late it is, for measuring how long something takes.
 *
 * Promises: the clock that is meant when none is named is CLOCK_MONOTONIC, which never goes back and which nobody sets.
 * Its zero is some moment in the past, so only differences mean something. Allocates nothing, and may be called from a
 * signal handler.
 */
#pragma once

#include <stdint.h>
#include <time.h>

/* Nanoseconds on any clock of clock_gettime's, such as CLOCK_THREAD_CPUTIME_ID. */
static inline uint64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

/* The same in seconds. */
static inline double clock_s(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static inline uint64_t clock_now_ns(void) { return clock_ns(CLOCK_MONOTONIC); }
static inline double clock_now_s(void) { return clock_s(CLOCK_MONOTONIC); }
