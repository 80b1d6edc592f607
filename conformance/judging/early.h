/* conformance/judging/early.h: does a library fail because it is called early, or would it fail at any time?
 *
 * Promises: a crash, exit or hang of a scenario that calls before the candidate's constructor keeps its clause only
 * if the same calls break nothing when they are made in main. Otherwise it is charged to what they break there. /
 */
#pragma once

#include "conformance/judging/ask.h"

/* To be called when the scenario has been run, before its findings are shortened. Runs the calls once more where
 * that is needed. */
void early_confirm(const struct suite_job *job, struct sandbox *sandbox, const struct scenario *scenario);
