/* conformance/judging/findings.h: from what a process saw to a finding of the report.
 *
 * Promises: a finding whose trace was shortened comes before the others, as it tells the story best; beyond a
 * few dozen, only such ones are kept.
 */
#pragma once

#include "harness/report/report.h"
#include "harness/sandbox/flight.h"

/* Takes over `reproducer` (malloc'd); copies everything else. */
void finding_add(struct report *report, struct clause_result *row, const struct flight_finding *seen,
                 const char *scenario, char *reproducer);
