/* conformance/judging/part.h: which part of the contract a run is about. The options --clause, --scenario and --exclude
 * say so, and Check's own variables (CK_RUN_SUITE, CK_RUN_CASE, CK_INCLUDE_TAGS, CK_EXCLUDE_TAGS).
 *
 * Promises: a run that judges nothing is not a pass. A glob, a suite, a case or a tag to include that matches nothing
 * is an error whose message names it. It is also an error when each of several matches something and together they
 * leave no scenario. A tag to exclude that no scenario has leaves all of them. Check's variables mean here what they
 * mean to Check, which applies them itself as well: names are compared whole, and a variable that is set and empty
 * matches nothing.
 */
#pragma once

#include "conformance/contract.h"
#include "conformance/judging/options.h"

/* Does each of the options match something in the contract in force? False with `error`, one line that names the one
 * that does not. To be asked before anything is judged. */
bool part_is_something(const struct judge_options *options, struct error *error);

/* The same in the contract that is asked for. Where none is asked for, it is enough that the options match something in
 * any one contract, because the binding will choose one of them. The contract in force stays the same. */
bool part_is_something_somewhere(const struct judge_options *options, struct error *error);

/* Was the clause asked for? By name or glob, or as one of all. */
bool part_has_clause(const struct judge_options *options, const char *clause_id);

/* Is the scenario in the part? Whether the binding gives what it needs is another question. */
bool part_has_scenario(const struct judge_options *options, const struct scenario *scenario);

/* Does it need nothing that a candidate of these capabilities lacks? */
bool part_can_run(const struct scenario *scenario, unsigned capabilities);

/* Fills report->part with what was asked for. Leaves it empty when that is the whole contract after all. */
void part_tell(const struct judge_options *options, struct report *report);

/* The name of a scenario is SUITE/CASE: the length of the first, and the second. */
size_t part_suite_length(const struct scenario *scenario);
const char *part_case_of(const struct scenario *scenario);

/* Fills `error` with a line that says that `what`, given by `how`, matches no `kind`, and suggests the nearest of
 * `count` names. Returns false. */
bool part_no_match(struct error *error, const char *how, const char *what, const char *kind,
                   const char *(*name)(size_t index), size_t count);
