/* conformance/judging/circumstance.h: a crash, an exit or a hang is charged to what is needed to cause it.
 *
 * Promises: a circumstance is one of these: several threads, small stacks, refused memory, an old_size other than the
 * requested one, a shrink in place, a call before the candidate's constructor has run. Before a circumstance is blamed
 * for the end of a process, the same calls are made in a fresh process without it. If that process ends in the same
 * way, the finding is about the next circumstance, which is tried likewise, or about the call itself (abi/returns). If
 * it does not, the accusation stands. A finding is never dropped.
 *
 * Threads at full speed record no calls. Their scenario is run again by one thread, for as many calls. A crash that
 * depends on chance may not happen again: then the circumstance is blamed, because nothing better is known.
 */
#pragma once

#include "conformance/judging/job.h"

/* Corrects the finding in the sandbox's flight record that tells how the process ended, if there is one. Uses the
 * sandbox for further runs. Afterwards the flight record is as it was, apart from that finding. To be called before
 * the findings are shortened. */
void circumstance_try_without(const struct suite_job *job, struct sandbox *sandbox, const struct scenario *scenario);
