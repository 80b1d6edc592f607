/* conformance/scenario/copy.h: runs a part of a scenario in a copy of the process. If the original has not called the
 * candidate, the copy makes its first calls.
 *
 * Promises: the copy shares the flight record, so findings, counts and the call in flight are recorded as usual. Its
 * events replace those of the previous copy, so that a fresh process can replay the tape of a finding. A copy that
 * crashes, exits or hangs in a call ends the scenario as if the original had. Copies run one at a time; each takes a
 * few hundred microseconds.
 */
#pragma once

#include "conformance/scenario/run.h"

enum { COPY_ANSWERS = 256 };

/* Runs part(run, context) in a copy, which then ends by exit(): the exit handlers that part and the candidate
 * registered run, and of this program's destructors, which come behind all of them, the one that calls last(run,
 * context). What the process still runs then is the candidate's. A copy whose handlers do not come to their end ends
 * the scenario. */
void copy_exit(struct run *run, void (*part)(struct run *run, void *context),
               void (*last)(struct run *run, void *context), void *context);

/* Runs part(run, context) in a copy and returns its answer (0 .. COPY_ANSWERS-1). After a copy has had a finding,
 * run_goes_on is false. What the copy changes in its memory is lost when it ends. */
int copy_run(struct run *run, int (*part)(struct run *run, void *context), void *context);
