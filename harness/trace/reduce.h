/* harness/trace/reduce.h: from a sequence of events that fails to a short and simple one that still does.
 *
 * Promises: nothing happens but what the question does: no processes, no clock. The result fails, for the question was
 * asked about it. Unless the question said that enough was asked, the result would not fail any more if any single
 * event were dropped, any size, alignment or step made smaller by one, any old_size moved towards the requested size,
 * or any thread folded into the main one. "Fails" need not be monotone. A question that is not answered the same way
 * each time costs shortness, not truth. The method is delta debugging (Zeller and Hildebrandt, "Simplifying and
 * isolating failure-inducing input", 2002). It drops the lives of whole blocks first, which keeps most of what it tries
 * meaningful, and only then single events.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "harness/sandbox/event.h"

struct reduction {
    bool (*still_fails)(void *context, const struct event *events, size_t count);
    void *context;
    bool spent; /* to be set by the question once it was asked often enough: what was found so far is the result */

    /* ours */
    struct event *events; /* shortest known to fail */
    size_t count;
    struct event *trial; /* what is asked about */
};

/* Most causes are near their effect. Asks about the last events and the lives of the blocks they name, then about more
 * and more of them, and keeps, in place, the first lot that fails. Returns their number, or `count` if only all of them
 * fail, which is not asked about. Cheap for long traces. */
size_t reduce_to_end(struct reduction *reduction, struct event *events, size_t count);

/* Reduces `events`, known to fail, in place. Returns the new count. Blocks are renumbered from 1 in order of
 * appearance. */
size_t reduce(struct reduction *reduction, struct event *events, size_t count);

/* Gives blocks the numbers 1, 2, ... in order of appearance. Returns how many there are. */
size_t renumber_blocks(struct event *events, size_t count);

/* ---- between reduce.c and simplify.c ---- */

/* Asks about the first `count` events of `trial`. If they fail they become the events. */
bool reduction_try(struct reduction *reduction, size_t count);

/* Makes events simpler where they stand. True when something changed. */
bool simplify(struct reduction *reduction);
