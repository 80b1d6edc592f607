/* conformance/judging/file_clauses.h: the clauses that the candidate's file decides without any call: is the interface
 * complete, and does its linkage keep the rule?
 *
 * Promises: this process reads the file and never runs it. A clause that the file leaves open is not exercised, and its
 * note says why.
 */
#pragma once

#include "harness/candidate/binding.h"
#include "harness/report/report.h"

/* How many of the binding's symbols the file itself defines, and how many of them as one function each;
 * `first_bad` says what is wrong with the first that is not right. */
int file_count_defined(const char *path, const struct binding *binding, int *right, char *first_bad, size_t size);

/* Judges abi/complete and the linkage clauses, as far as the report lists them. `binding` is the one whose symbols are
 * the contract's own. */
void file_clauses_judge(struct report *report, const char *path, const struct binding *binding);
