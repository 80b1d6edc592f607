/* harness/trace/reduce.h: from a sequence of events that fails to a short and simple one that still does.
 *
 * Promises: pure but for what the question does: no processes, no clock. The result fails (it was asked), and, unless
 * the question said that enough was asked, no single event can be dropped from it, no size, alignment or step be made
 * smaller by one, no old_size moved towards the requested size, no thread folded into the main one, so that it still
 * fails. "Fails" need not be monotone; a question that is not answered the same way each time costs shortness, not
 * truth. The method is delta debugging (Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input",
 * 2002), first by the lives of blocks, which keeps most of what it tries meaningful, and only then by events.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "harness/sandbox/event.h"

struct reduction {
    bool (*still_fails)(void *context, const struct event *events, size_t count);
    void *context;
    bool spent; /* to be set by the question once enough was asked: what was found so far is the result */

    /* ours */
    struct event *events; /* shortest known to fail */
    size_t count;
    struct event *trial; /* what is asked about */
};

/* Most causes are near their effect: asks about the last events and the lives of the blocks they speak of, more and
 * more of them, and keeps, in place, the first that fails. Returns their number; `count` when none did short of all,
 * which is not asked about. Cheap for traces that are long. */
size_t reduce_to_end(struct reduction *reduction, struct event *events, size_t count);

/* Reduces `events`, known to fail, in place. Returns the new count. Blocks are renumbered from 1 in order of
 * appearance. */
size_t reduce(struct reduction *reduction, struct event *events, size_t count);

/* Gives blocks the numbers 1, 2, ... in order of appearance. Returns how many there are. */
size_t renumber_blocks(struct event *events, size_t count);

/* ---- between reduce.c and simplify.c ---- */

/* Asks about the first `count` events of `trial`; on yes they are the events now. */
bool reduction_try(struct reduction *reduction, size_t count);

/* Makes events simpler where they stand. True when something changed. */
bool simplify(struct reduction *reduction);
