/* conformance/judging/early.h: was it the early hour?
 *
 * Promises: a finding of a scenario that calls before the candidate's constructor keeps its clause only if the same calls break nothing
 * when they are made in main. Otherwise the finding is charged to the clause that they break there.
 */
#pragma once

#include "conformance/judging/suites.h"

/* To be called when the scenario has been run, before its findings are shortened. Runs it once more where there is something to ask. */
void early_confirm(const struct suite_job *job, struct sandbox *sandbox, const struct scenario *scenario);
