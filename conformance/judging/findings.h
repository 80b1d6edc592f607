/* conformance/judging/findings.h: from what a process saw to a finding of the report.
 *
 * Promises: a finding whose trace was shortened comes before the others, as it tells the story best; beyond a
 * few dozen, only such ones are kept.
 */
#pragma once

#include "harness/report/report.h"
#include "harness/sandbox/flight.h"

/* Takes over `reproducer` (malloc'd); copies everything else. NULL: it was one too many. */
struct finding *finding_add(struct report *report, struct clause_result *row, const struct flight_finding *seen,
                            const char *scenario, char *reproducer);

/* What the process took to see it: for the root cause (root_cause.h). */
void finding_note_what_it_took(struct finding *finding, const struct flight_finding *seen,
                               const struct flight *process);
