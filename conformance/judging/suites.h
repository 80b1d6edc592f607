/* conformance/judging/suites.h: the scenarios as Check suites, run by as many workers as there are jobs.
 *
 * Promises: each clause group is a suite and each scenario a test case, so Check's own selection works (CK_RUN_SUITE,
 * CK_RUN_CASE, CK_INCLUDE_TAGS, CK_EXCLUDE_TAGS). The candidate never runs in one of Check's processes: a test starts a
 * sandbox and asserts on its flight record. Every worker holds all suites. The worker that claims a scenario first runs
 * it.
 */
#pragma once

#include "conformance/judging/job.h"

/* No worker begins another scenario. May be called from a signal handler. */
void suites_stop(void);

/* Ends the workers and what they run, so that suites_run returns. May be called from a signal handler, in the first
 * process. */
void suites_abort(void);
bool suites_were_aborted(void);

/* Runs every selected scenario once. False: a worker itself failed, and some scenario may not have run. */
bool suites_run(const struct suite_job *job);

/* Does the platform have what the scenario relies on? */
bool suites_can_run(const struct scenario *scenario);
