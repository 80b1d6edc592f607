/* harness/trace/record.h: what a scenario does besides calls, done and put on the tape.
 *
 * Promises: the tape of a scenario is a trace that replays if the scenario uses these in place of refuse.h's own
 * functions and calls record_thread_end at the end of every thread. Then the shrinker and the reader see where memory
 * was refused and where threads ended.
 */
#pragma once

#include "harness/oracle/heap.h"

/* As refuse_from and refuse_only; 0 refuses nothing any more. */
void record_refuse_from(struct heap *heap, uint64_t n);
void record_refuse_only(struct heap *heap, uint64_t n);

/* As guard_next (guard.h). */
void record_guard(struct heap *heap, uint64_t bytes);

/* As setting_apply (setting.h). False: the platform cannot, or the value makes no sense here. */
bool record_set(struct heap *heap, enum setting setting, uint64_t value);

/* From here on the calling thread is `number`: that slot of the flight record is its own. */
void record_thread_begin(struct heap *heap, int number);
/* The calling thread (flight_thread) makes no more calls. What still runs in it is the candidate's code, or libc's for
 * the candidate: if that crashes or hangs, it breaks what a call that does not return would break. */
void record_thread_end(struct heap *heap);
/* Thread `number` has been joined: nothing of it runs any more. The number may be used again, for a new thread. */
void record_thread_gone(struct heap *heap, int number);
