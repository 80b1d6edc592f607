/* conformance/judging/shorten.h: the shortest call sequence that shows a finding.
 *
 * Promises: replaces each finding's trace by a shortened one where re-running finds it; leaves it as it is otherwise.
 */
#pragma once

#include "conformance/judging/ask.h"

/* The sandbox holds the scenario's flight record and tape; afterwards it holds the same record, with shortened traces.
 */
void shorten_findings(const struct suite_job *job, struct sandbox *sandbox, const struct scenario *scenario);
