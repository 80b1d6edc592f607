/* conformance/judging/soak.h: judging until told to stop.
 *
 * Promises: rounds over all candidates, each round with the next seed, until SIGINT or SIGTERM, or, with fail_fast, to
 * the end of the first round that has a finding which decides; a line of progress on standard error after each
 * (operations so far, operations a second, findings). The reports sum up all rounds: what was ever broken is broken.
 */
#pragma once

#include <stddef.h>

#include "conformance/judging/judge.h"

/* Fills `count` reports. `rounds` 0: until a signal; otherwise that many. */
void soak(char *const *paths, size_t count, const struct judge_options *options, unsigned rounds,
          struct report *reports);
