/* conformance/scenario/copy.h: part of a scenario in a copy of the process, where the candidate's first calls are still
 * to come.
 *
 * Promises: the copy shares the flight record, so findings, counts and the call in flight are seen as ever, and its
 * events replace those of the copy before: the tape of a finding is one that a fresh process can replay. A copy that
 * crashes, exits or hangs in a call ends the scenario as if the original had. Copies run one at a time, at a few
 * hundred microseconds each.
 */
#pragma once

#include "conformance/scenario/run.h"

enum { COPY_ANSWERS = 256 };

/* Runs part(run, context) in a copy and returns its answer (0 .. COPY_ANSWERS-1). Once a copy has had a finding,
 * run_goes_on says no. What the copy changes in memory is lost with it. */
int copy_run(struct run *run, int (*part)(struct run *run, void *context), void *context);
