/* harness/report/waivers.h: findings that are known and accepted.
 *
 * Promises: a waiver covers what it says and nothing else. A clause is waived when every finding of it is covered. A
 * finding whose message differs from the one that the waiver names is news, and is not covered. A waiver that was asked
 * about and covered nothing is stale: it must go. The file's format is in results/README.md.
 */
#pragma once

#include "harness/report/report.h"

struct waivers;

/* NULL with `error`, one line that names file and line. waivers_free frees. */
struct waivers *waivers_load(const char *path, struct error *error);

/* False with `error` if some waiver's clause (a glob) is none of these ids. */
bool waivers_know_clauses(const struct waivers *waivers, const char *const *ids, size_t count, struct error *error);

/* Would a finding of this clause with this message be waived in this candidate (its path)? The question does not count
 * as a match of a waiver. */
bool waivers_cover(const struct waivers *waivers, const char *candidate, const char *clause, const char *message);

/* Waives what is covered and decides the report's verdict anew. A report that is unjudged stays as it is. */
void waivers_apply(struct waivers *waivers, struct report *report);

/* Fills in what the report says of the waivers: their file, the stale ones, those that were not needed. To be called
 * for each report of a run, since waivers are the run's, and only after all of them have been through waivers_apply.
 * `may_be_stale` false: the run did not ask for all that a waiver may cover, so nothing is said of waivers that covered
 * nothing. */
void waivers_tell(const struct waivers *waivers, bool may_be_stale, struct report *report);

/* True if no waiver is stale after all reports of a run have been through waivers_apply. Writes one line to `out` for
 * each stale waiver, and one, without consequence, for each waiver that the run did not ask about (other candidates,
 * other clauses). */
bool waivers_all_matched(const struct waivers *waivers, FILE *out);

void waivers_free(struct waivers *waivers);
