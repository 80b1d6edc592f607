/* conformance/cli/cli.h: the verbs of the program `assay`.
 *
 * Promises: each verb gets its own arguments (argv[0] is the verb) and returns the exit status: 0 conforms, 1 does not
 * conform (or a waiver is stale), 2 could not be asked, 3 undecided. An error is one line on standard error that names
 * what is wrong and what to do next.
 */
#pragma once

#include <stdbool.h>

#include "conformance/judging/options.h"

int cmd_run(int argc, char **argv);
int cmd_probe(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_linkage(int argc, char **argv);
int cmd_compare(int argc, char **argv);

enum { STATUS_CONFORMS = 0, STATUS_VIOLATES = 1, STATUS_UNASKED = 2, STATUS_UNDECIDED = 3 };

/* Writes "assay: ..." and a newline to standard error. Returns STATUS_UNASKED, so that `return cli_error(...)` ends a
 * verb. */
int cli_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Has cli_error said anything yet? */
bool cli_has_complained(void);

/* A whole number in low ..= high from an option's text; false after cli_error. */
bool cli_number(const char *option, const char *text, unsigned long long low, unsigned long long high,
                unsigned long long *number);

/* To be asked before a candidate is run. Raises the limit on the stack, also for the children, to the size that is
 * common. False after cli_error if the limit is too low for the harness and cannot be raised: a correct library might
 * crash then. */
bool cli_may_judge(void);

/* The options of a user who gives none: shipped bindings, effort standard, a job for each core, seed 1. */
struct judge_options cli_default_options(void);

/* Prints the help text of a verb on standard output; returns the exit status. */
int cli_usage(const char *text);

/* Does "-" stand for standard output here? NULL: no. */
bool cli_is_dash(const char *path);

/* Puts a contract in force by its name; false after cli_error. */
bool cli_contract(const char *name);
