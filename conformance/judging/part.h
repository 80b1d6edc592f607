/* conformance/judging/part.h: which part of the contract a run is about: what --clause, --scenario and Check's own
 * variables (CK_RUN_SUITE, CK_RUN_CASE, CK_INCLUDE_TAGS, CK_EXCLUDE_TAGS) leave of it.
 *
 * Promises: nothing judged is not a pass. A glob, a suite, a case or a tag to include that matches nothing is an
 * error, and so are several that leave no scenario together: the message names them. A tag to exclude that no scenario
 * has leaves all of them. Check's variables mean here what they mean to Check, which applies them itself as well: the
 * names are compared whole, and a variable that is set and empty matches nothing.
 */
#pragma once

#include "conformance/contract.h"
#include "conformance/judging/options.h"

/* False with `error`, one line that names what matches nothing. Asked before anything is judged. */
bool part_is_something(const struct judge_options *options, struct error *error);

/* Was the clause asked for? By name or glob, or as one of all. */
bool part_has_clause(const struct judge_options *options, const char *clause_id);

/* Is the scenario in the part? Whether the binding gives what it needs is another question. */
bool part_has_scenario(const struct judge_options *options, const struct scenario *scenario);

/* Fills report->part with what was asked; leaves it empty where that is the whole contract after all. */
void part_tell(const struct judge_options *options, struct report *report);
