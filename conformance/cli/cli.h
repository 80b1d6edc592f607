/* conformance/cli/cli.h: the verbs of the program `assay`.
 *
 * Promises: each verb gets its own arguments (argv[0] is the verb) and returns the exit status: 0 conforms, 1 does not
 * (or a waiver is stale), 2 could not be asked, 3 undecided. Errors are one line on standard error that names the thing
 * and the next step.
 */
#pragma once

#include <stdbool.h>

#include "conformance/judging/judge.h"

int cmd_run(int argc, char **argv);
int cmd_probe(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_linkage(int argc, char **argv);
int cmd_compare(int argc, char **argv);

enum { STATUS_CONFORMS = 0, STATUS_VIOLATES = 1, STATUS_UNASKED = 2, STATUS_UNDECIDED = 3 };

/* Writes "assay: ..." and a newline to standard error; returns STATUS_UNASKED, so that a usage error is one statement.
 */
int cli_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Has cli_error said anything yet? */
bool cli_has_complained(void);

/* A whole number in low ..= high from an option's text; false after cli_error. */
bool cli_number(const char *option, const char *text, unsigned long long low, unsigned long long high,
                unsigned long long *number);

/* To be asked before a candidate is run. Raises the limit on the stack, for the children too, to what programs
 * commonly have. False after cli_error where it is too low for the harness and cannot be raised: a correct library
 * would seem to crash. */
bool cli_may_judge(void);

/* Options that say nothing: every default filled in (bindings directory, effort standard, jobs as cores, seed 1). */
struct judge_options cli_default_options(void);

/* Puts a contract in force by its name; false after cli_error. */
bool cli_contract(const char *name);
