/* conformance/judging/judge.h: from a file to a verdict.
 *
 * Promises: judge_candidate always fills the report. A candidate that could not be asked (unreadable, unloadable, no
 * binding fits) is `unjudged` with the reason in one line. Otherwise every selected scenario was run in a process of
 * its own, as a test of a Check suite named after its group (so CK_RUN_SUITE, CK_RUN_CASE and CK_INCLUDE_TAGS select),
 * and each clause's verdict is the sum of what the oracle saw in all of them.
 */
#pragma once

#include "conformance/judging/options.h"
#include "conformance/judging/probe.h"
#include "harness/report/report.h"

void judge_candidate(const char *path, const struct judge_options *options, struct report *report);

/* A report on a candidate that was not asked, with the reason. */
void judge_unasked(const char *path, const char *reason, struct report *report);

/* Why none of these rows fits, in one line: what is wrong with the file itself, where that is the reason for all. */
void judge_why_none_fits(const char *path, const struct judge_options *options, const struct fit *fits, int count,
                         char *text, size_t size);
