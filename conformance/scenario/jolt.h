/* conformance/scenario/jolt.h: threads that stop in the middle of a call, where another thread can overtake them.
 *
 * Promises: between jolt_start and jolt_stop a timer of the calling thread's own interrupts it some ten thousand times
 * a second (less often where an interrupt is dear or many threads are interrupted: they are to spend their time in the
 * candidate), at any instruction; when that is inside a call to the candidate it sleeps for a few microseconds, and so
 * a window of two instructions between threads is hit in a fraction of a second, also on one processor. Nothing else is
 * changed: errno is kept, calls to the system go on, and a call that waits for long is left in peace. Where there are
 * no such timers nothing happens.
 */
#pragma once

#include "harness/sandbox/flight.h"

/* Before the first jolt_start: the flight record says who is inside a call. What an interrupt costs here is measured
 * the first time, in a few milliseconds. */
void jolt_prepare(const struct flight *flight);

void jolt_start(void);
void jolt_stop(void);
