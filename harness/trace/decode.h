/* harness/trace/decode.h: any bytes as a trace, for fuzzing engines.
 *
 * Promises: a total, deterministic function: every string of bytes is a trace, and a small change of the bytes makes a
 * small change of the trace. It is the same on every platform, except that sizes are cut to the width of size_t. Six
 * bytes make one event. Blocks are chosen among those that are live at that point if the candidate never answers null,
 * so nearly every event becomes a call (trace_replay sees to it that only legal ones do). No event refuses memory
 * (EVENT_REFUSE), because engines run in the same process. At most 255 blocks live at once.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "harness/sandbox/event.h"

enum { DECODE_BYTES = 6 };

/* Writes at most `capacity` events; returns their number. Missing bytes of the last event count as zeros. */
size_t trace_decode(const uint8_t *bytes, size_t size, struct event *events, size_t capacity);
