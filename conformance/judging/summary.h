/* conformance/judging/summary.h: sums up what all scenarios saw, clause by clause.
 *
 * Promises: plain arithmetic on flight records. It runs nothing and writes no file. A clause that was not put to the
 * test never reads as kept. What a correct candidate may do on a platform that lacks something breaks no clause.
 */
#pragma once

#include "conformance/judging/job.h"

/* Fills in the report's clauses, as far as they were asked for. `records` has one record for each scenario of the
 * contract in force; `capabilities` are what the binding gives (enum need). */
void summary_clauses(struct report *report, const struct judge_options *options, const struct flight *records,
                     unsigned capabilities);

/* Does a finding of this record decide the verdict, whatever other scenarios find? Only with fail_fast. */
bool summary_decides(const struct suite_job *job, const struct flight *record);
