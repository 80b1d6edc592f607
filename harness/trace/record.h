/* harness/trace/record.h: what a scenario does besides calls, done and put on the tape.
 *
 * Promises: with these in place of refuse.h's own functions, and said at the end of every thread, the tape of a
 * scenario is a trace that replays: the shrinker and the reader see memory refused and threads ended where they were.
 */
#pragma once

#include "harness/oracle/heap.h"

/* As refuse_from and refuse_only; 0 refuses nothing any more. */
void record_refuse_from(struct heap *heap, uint64_t n);
void record_refuse_only(struct heap *heap, uint64_t n);

/* As guard_next (guard.h). */
void record_guard(struct heap *heap, uint64_t bytes);

/* The calling thread is `number` from here on: its slot in the flight record is its own. */
void record_thread_begin(struct heap *heap, int number);
/* The calling thread (flight_thread) makes no more calls: what it still runs is the candidate's, or libc's for it, and
 * breaks what a call that does not return would break. */
void record_thread_end(struct heap *heap);
/* Thread `number` has been waited for: nothing of it runs any more. The number may be used again, for a new thread. */
void record_thread_gone(struct heap *heap, int number);
