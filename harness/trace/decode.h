/* harness/trace/decode.h: any bytes as a trace, for fuzzing engines.
 *
 * Promises: a total, deterministic function, the same on every platform but for sizes, which are cut to the width of
 * its size_t: every string of bytes is a trace, and a small change of the bytes a small change of the trace. Six bytes
 * make one event; blocks are chosen among those that live at that point if the candidate never answers null, so nearly
 * every event becomes a call (trace_replay sees to it that only legal ones do). Nothing is refused (EVENT_REFUSE):
 * engines run in the same process. At most 255 blocks live at once.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "harness/sandbox/event.h"

enum { DECODE_BYTES = 6 };

/* Writes at most `capacity` events; returns their number. A tail of fewer than six bytes counts as if zeros followed.
 */
size_t trace_decode(const uint8_t *bytes, size_t size, struct event *events, size_t capacity);
