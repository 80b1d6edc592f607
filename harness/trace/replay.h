/* harness/trace/replay.h: a recorded sequence of calls, made again.
 *
 * Promises:
 * - Whatever the events say, only legal calls reach the candidate. An event that cannot be made here (a block that is
 *   not live, a size or alignment that this platform or binding does not have, an operation that the binding lacks) is
 *   passed over. A trace may come from another platform, from a shrinker that dropped events, from a fuzzer, or from a
 *   person's hand.
 * - Blocks go by the trace's own numbers. The heap gives them new ones, so the tape of a replay is a trace by itself,
 *   of exactly what was done.
 * - Events of a thread are made by a real thread of that number, one event at a time in the trace's order. It starts
 *   before its first event and ends at EVENT_THREAD_END or behind its last event, so what a thread leaves behind shows.
 * - Nothing calls malloc, except pthread_create itself.
 */
#pragma once

#include <stddef.h>

#include "harness/oracle/heap.h"
#include "harness/sandbox/event.h"

/* Makes the calls. Stops where the heap is tainted. Blocks still live stay live, their contents unverified; nothing is
 * refused any more when it returns. False: no memory for the replay's own table, nothing was done. */
bool trace_replay(struct heap *heap, const struct event *events, size_t count);
