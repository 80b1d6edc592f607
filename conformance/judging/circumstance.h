/* conformance/judging/circumstance.h: a crash, an exit or a hang is charged to what it takes to see it.
 *
 * Promises: before the end of a process is laid to a circumstance (several threads, refused memory, an old_size other
 * than the requested one, a shrink in place), the same calls are made in a fresh process without that circumstance.
 * Where the process ends all the same, the finding is about what is left: the next circumstance, which is tried in the
 * same way, or the call itself (abi/returns). Where it does not, the accusation stands. A finding is never dropped.
 *
 * Calls that were not recorded (threads at full speed have no tape) are made again by one thread that does the
 * scenario's work for as many calls. What needs chance to show may not show again: then the circumstance is accused,
 * as nothing better is known.
 */
#pragma once

#include "conformance/judging/ask.h"

/* Corrects the finding in the sandbox's flight record that tells how the process ended, if there is one. Uses the
 * sandbox for further runs; afterwards the flight record is as it was, but for that finding. */
void circumstance_try_without(const struct suite_job *job, struct sandbox *sandbox, const struct scenario *scenario);
