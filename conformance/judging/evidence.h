/* conformance/judging/evidence.h: the files that a run leaves behind, so that everybody can see a finding for
 * themselves.
 *
 * Promises: a finding whose trace was shortened (it was run again and broke the clause again) gets two files:
 * DIR/CANDIDATE/CLAUSE.trace for `assay replay`, and DIR/CANDIDATE/CLAUSE.c for a compiler. Slashes in names become
 * dashes. A second candidate of the same file name, or a second finding about the same clause, gets "-2" behind its
 * name. A file is there whole or not at all.
 */
#pragma once

#include "conformance/judging/options.h"
#include "harness/sandbox/flight.h"

/* Could the directory be written to, or be made if it is not there? False with `error`, one line that names it. To be
 * asked before a run. */
bool evidence_may_write(const char *directory, struct error *error);

/* Writes the files of all findings of the report and fills in their `reproducer`: a command that shows the finding
 * again, "" where nothing was written. `records` are the flight records that the report was summed up from. A file that
 * cannot be written is one line on standard error and does not change the verdict. To be called from one thread. */
void evidence_write(struct report *report, const struct judge_options *options, const struct flight *records);
