/* harness/sandbox/keeper.h: a process between the harness and the child, which watches over the child and ends all
 * that it leaves.
 *
 * Promises: the child's parent is the keeper, so that a child which kills or stops its parent loses its own run and
 * no other. A stopped keeper is continued; one that is ended, or does not come back in time, leaves an ending that is
 * not told. The keeper and its caller are subreapers: one of them ends every process the child left, also where the
 * other was killed.
 */
#pragma once

#include <sys/types.h>

#include "harness/sandbox/sandbox.h"

/* Starts the child of this process, with its end of the channel; -1: it could not. */
typedef pid_t keeper_starter(const struct sandbox *sandbox, int channel_end);

/* Has a keeper start a child and watch over it, and waits for both. The answer is in sandbox->ending. */
void keeper_run(const struct sandbox *sandbox, keeper_starter *start);
