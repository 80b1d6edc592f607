/* conformance/judging/shorten.h: the shortest call sequence that shows a finding.
 *
 * Promises: replaces the trace of a finding by a shortened one if that breaks the same clause when it is run again.
 * Otherwise the trace stays as it is.
 */
#pragma once

#include "conformance/judging/job.h"

/* The sandbox holds the scenario's flight record and tape. Afterwards it holds the same record with shortened traces.
 */
void shorten_findings(const struct suite_job *job, struct sandbox *sandbox, const struct scenario *scenario);
