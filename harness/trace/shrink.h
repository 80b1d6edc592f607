/* harness/trace/shrink.h: the short sequence of calls behind a finding.
 *
 * Promises: what it returns was run, in a fresh process, and broke the same clause there; the finding it returns is the
 * one seen in that run, so message, trace and recorded answers belong together. Within its limits it is reduced as
 * reduce.h says. A finding that does not come again when the same calls are made again is left as it was.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "harness/sandbox/sandbox.h"

struct shrink_request {
    int clause;         /* index of the clause that was broken */
    double seconds;     /* wall clock for all of it */
    unsigned runs;      /* most child processes; 0: as many as fit the time */
    double first_run_s; /* duration of the run that showed the finding, of which a replay is given a multiple; 0: not
                           known */
    /* Resets the sandbox and fills what the flight record asks of the child, except the input. */
    void (*ask)(void *context, struct sandbox *sandbox);
    void *context;
};

struct shrink_summary {
    unsigned runs;
    double seconds;
    size_t before, after; /* events */
};

/* `events` are the calls up to the finding (finding->at_event of the tape), in memory outside the sandbox; they are
 * reduced in place. On success fills `finding` anew, with the whole reduced trace. False: nothing was changed in
 * `finding`, because it did not come again, or the shortest trace has more than FLIGHT_TRACE events. `summary` may be
 * NULL. */
bool trace_shrink(struct sandbox *sandbox, const struct shrink_request *request, struct event *events, size_t count,
                  struct flight_finding *finding, struct shrink_summary *summary);
