/* conformance/judging/root_cause.h: of several broken clauses, which one to look at first, and which come with
 * another.
 *
 * The rule, which goes by what was seen and by nothing else:
 * - A breach comes with another where the one was never seen without the other. Clause B comes with clause A if B's
 *   best finding (the first: with a whole trace, where there is one), and every one of its findings that has no whole
 *   trace, was made in a process that had broken A before. A whole trace is the shortest that breaks B: if it breaks A
 *   first, B was not seen without.
 * - A clause that was broken among threads only comes with threads/concurrent where that is broken too, and with any
 *   threads clause that names it as what threads broke.
 * - A clause that comes with another has nothing that comes with it: all of them come with the one at the root.
 * - To look at first: of the clauses that decide the verdict and come with none of those, the one whose best finding
 *   takes the least: neither threads nor refused memory; then refused memory; then threads. Of equals, one with a
 *   whole trace, then the one with fewer calls, then the first in the contract's order.
 *
 * Promises: orders and says; never drops a finding and never changes a verdict.
 */
#pragma once

#include "harness/report/report.h"

/* Fills in `follows` of each clause and `fix_first` of the report. May be asked again after the verdicts of clauses
 * have changed (waivers). */
void root_cause_find(struct report *report);
