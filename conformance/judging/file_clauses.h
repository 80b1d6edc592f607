/* conformance/judging/file_clauses.h: the clauses that the candidate's file decides, before and beside any call: is
 * the interface complete, is its linkage in order.
 *
 * Promises: the file is read, never run, by the supervisor. What the file leaves open is not exercised, and
 * says why.
 */
#pragma once

#include "harness/candidate/binding.h"
#include "harness/report/report.h"

/* How many of the binding's symbols the file itself defines, and how many of them as one function each;
 * `first_bad` says what is wrong with the first that is not right. */
int file_count_defined(const char *path, const struct binding *binding, int *right, char *first_bad, size_t size);

/* Judges abi/complete and the linkage clauses, those that the report lists. `binding` is the one whose
 * symbols are the contract's own. */
void file_clauses_judge(struct report *report, const char *path, const struct binding *binding);
