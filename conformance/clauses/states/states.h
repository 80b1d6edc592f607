/* conformance/clauses/states/states.h: states of a process that the other groups do not enter, and what the scenarios
 * that enter them share.
 *
 * Promises: what is in force (a stack, a processor, a pause) is on the tape, so that a finding's trace enters the state
 * again.
 */
#pragma once

#include "conformance/contract.h"
#include "conformance/scenario/run.h"

/* All six operations on small, middling and large blocks, from the calling thread: each block that is made is freed. */
void states_traffic(struct run *run, struct prng *prng, size_t steps);
