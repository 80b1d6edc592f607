/* conformance/judging/suites.h: the scenarios as Check suites, run by as many workers as there are jobs.
 *
 * Promises: a suite a clause group, a test case a scenario, so Check's own selection works (CK_RUN_SUITE, CK_RUN_CASE,
 * CK_INCLUDE_TAGS, CK_EXCLUDE_TAGS). The candidate never runs in a process of Check's: a test starts a sandbox and
 * asserts on its flight record. Several workers each hold all suites; a scenario is run by the one that claims it
 * first.
 */
#pragma once

#include "conformance/judging/ask.h"

/* Where a selected scenario stands, in its result's `claim`. */
enum suite_claim {
    CLAIM_NONE,
    CLAIM_RUNS,
    CLAIM_KEPT,     /* it ran, and this is its result */
    CLAIM_LEFT_OUT, /* nothing was begun any more when its turn came, or the platform cannot run it */
};

/* From here on no scenario is begun any more, in any worker. May be called from a signal handler. */
void suites_stop(void);

/* Workers are ended with what they run, and suites_run comes back. May be called from a signal handler, in the first
 * process. */
void suites_abort(void);
bool suites_were_aborted(void);

/* Runs every selected scenario once. Returns false when a worker itself came to grief: some scenario may not have run.
 */
bool suites_run(const struct suite_job *job);

/* Has the platform what the scenario relies on? */
bool suites_can_run(const struct scenario *scenario);
