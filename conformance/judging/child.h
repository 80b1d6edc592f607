/* conformance/judging/child.h: the program as the child of a sandbox.
 *
 * Promises: loads the candidate the flight record names, runs the scenario (or replays the events) it names, and says
 * so in the flight record; never returns to its caller.
 */
#pragma once

/* `fd` is the flight record's, as given behind SANDBOX_VERB. */
void child_main(int fd) __attribute__((noreturn));

/* The same process before any constructor has run, but for the dynamic linker's own work: does what the scenario
 * does early, where it does something, and prepares child_main for going on with it. To be called from
 * DT_PREINIT_ARRAY. Calls no malloc. */
void child_early(int fd);

/* Name of a scenario that is in no group: it only tries whether the binding works at all. */
#define SCENARIO_PROBE "probe"

/* Name where no scenario is run, only the events of the input. */
#define SCENARIO_REPLAY "replay"
