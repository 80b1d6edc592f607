/* harness/trace/record.h: what a scenario does besides calls, done and put on the tape.
 *
 * Promises: with these in place of refuse.h's own functions, and said at the end of every thread, the tape of a scenario is a
 * trace that replays: the shrinker and the reader see memory refused and threads ended where they were.
 */
#pragma once

#include "harness/oracle/heap.h"

/* As refuse_from and refuse_only; 0 refuses nothing any more. */
void record_refuse_from(struct heap *heap, uint64_t n);
void record_refuse_only(struct heap *heap, uint64_t n);

/* As guard_next (guard.h). */
void record_guard(struct heap *heap, uint64_t bytes);

/* The calling thread (flight_thread) makes no more calls. Its number may be used again, for a new thread. */
void record_thread_end(struct heap *heap);
