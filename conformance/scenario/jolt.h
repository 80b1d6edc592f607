/* conformance/scenario/jolt.h: threads that stop in the middle of a call, where another thread can overtake them.
 *
 * Promises: between jolt_start and jolt_stop a timer interrupts the calling thread some ten thousand times a second, at
 * any instruction. It does so less often where interrupts are expensive or many threads have timers, because the
 * threads should spend their time in the candidate. A thread that is interrupted inside a call to the candidate sleeps
 * for a few microseconds. So a race whose window is two instructions wide is hit in a fraction of a second, even on one
 * processor.
 *
 * Nothing else changes: errno is kept, system calls are resumed, and a call that waits for long is no longer
 * interrupted. Where the system has no such timers, nothing happens.
 */
#pragma once

#include "harness/sandbox/flight.h"

/* To be called before the first jolt_start. The flight record says which thread is inside a call. The first time, this
 * measures for a few milliseconds what an interrupt costs. */
void jolt_prepare(const struct flight *flight);

void jolt_start(void);
void jolt_stop(void);
