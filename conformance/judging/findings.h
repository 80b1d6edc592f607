/* conformance/judging/findings.h: turns what a process saw into a finding of the report.
 *
 * Promises: a finding whose trace was shortened comes before the others, because it tells the story best. Once there
 * are a few dozen findings, only such ones are added.
 */
#pragma once

#include "harness/report/report.h"
#include "harness/sandbox/flight.h"

/* Adds a copy, without a reproducer ("": see evidence.h). NULL: there are too many already. */
struct finding *finding_add(struct report *report, struct clause_result *row, const struct flight_finding *seen,
                            const char *scenario);

/* Notes which circumstances it took to see it (root_cause.h uses them). */
void finding_note_what_it_took(struct finding *finding, const struct flight_finding *seen,
                               const struct flight *process);
