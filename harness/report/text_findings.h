/* harness/report/text_findings.h: what is broken, in the report for people.
 *
 * Promises: every violated clause is told, also at a level that was not asked for. Its first finding is told whole, the
 * others by their scenario alone unless `verbose` asks for them.
 */
#pragma once

#include "harness/report/text_words.h"

/* One line: the clause to look at first, and what broke it. Nothing where none is broken. */
void text_fix_first(const struct page *page, const struct report *report);

/* The whole story of each broken clause: the clause to look at first, then the others in the contract's order. A
 * clause that comes with another stands below that one. */
void text_broken(const struct page *page, const struct report *report, bool verbose);
