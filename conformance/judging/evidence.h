/* conformance/judging/evidence.h: what a run leaves behind for whoever wants to see a finding for himself.
 *
 * Promises: DIR/CANDIDATE/CLAUSE.trace (for `assay replay`) and DIR/CANDIDATE/CLAUSE.c (for a compiler) of a finding
 * whose trace was shortened, i.e. was run again and broke the clause again. Slashes in names become dashes; a second
 * candidate of the same file name, or a second finding about the same clause, gets "-2" behind its name. Files are
 * whole or not there.
 */
#pragma once

#include "conformance/judging/options.h"
#include "harness/sandbox/flight.h"

/* Could the directory be written, or made where there is none? False with `error`, one line that names it. Asked before
 * a run. */
bool results_may_write(const char *directory, struct error *error);

/* How to reproduce the finding, number `number` of `scenario`'s, as a command; "" where nothing was written. malloc'd,
 * the caller's to free. A file that cannot be written is one line on standard error, not a different verdict. From one
 * thread. */
char *results_write(const struct judge_options *options, const char *candidate, const char *binding,
                    const char *clause_id, const char *scenario, unsigned number, const struct flight_finding *finding);
