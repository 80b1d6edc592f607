/* conformance/judging/judge.h: from a file to a verdict.
 *
 * Promises: judge_candidate always fills in the report. A candidate that could not be asked (unreadable, unloadable, no
 * binding fits) is `unjudged`, with the reason in one line. Otherwise every selected scenario was run in a process of
 * its own, as a test of a Check suite that has the name of its group (so CK_RUN_SUITE, CK_RUN_CASE and CK_INCLUDE_TAGS
 * select). Each clause's verdict is the sum of what the oracle saw in all scenarios (summary.h).
 */
#pragma once

#include "conformance/judging/options.h"
#include "harness/report/report.h"

void judge_candidate(const char *path, const struct judge_options *options, struct report *report);

/* A report on a candidate that was not asked, with the reason. */
void judge_unasked(const char *path, const char *reason, struct report *report);
