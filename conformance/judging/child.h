/* conformance/judging/child.h: the program as the child of a sandbox.
 *
 * Promises: loads the candidate that the flight record names, runs the scenario that it names (or replays its events),
 * and notes in the flight record that it has done so. It never returns to its caller.
 */
#pragma once

/* `fd` is the descriptor of the flight record, as given behind SANDBOX_VERB. */
void child_main(int fd) __attribute__((noreturn));

/* To be called from DT_PREINIT_ARRAY, before any constructor of the process has run. If the scenario has an early part,
 * this loads the candidate and runs that part; child_main goes on with the rest. Calls no malloc. */
void child_early(int fd);

/* The name of a scenario that is in no group: it only tries whether the binding works at all. */
#define SCENARIO_PROBE "probe"

/* The name that stands for no scenario: only the events of the input are replayed. */
#define SCENARIO_REPLAY "replay"
