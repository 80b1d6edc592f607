/* harness/sandbox/keeper.h: a process between the harness and the child, which watches over the child and ends
 * everything that it leaves.
 *
 * Promises: the keeper is the child's parent, so that a child that kills or stops its parent loses its own run and no
 * other. A stopped keeper is continued. One that is killed, or does not come back in time, leaves an ending that is not
 * told. The keeper and its caller are both subreapers: one of them ends every process that the child left, even where
 * the other was killed.
 */
#pragma once

#include <sys/types.h>

#include "harness/sandbox/sandbox.h"

/* Starts the child of this process and gives it its end of the channel. -1: it could not be started. */
typedef pid_t keeper_starter(const struct sandbox *sandbox, int channel_end);

/* Has a keeper start a child and watch over it, and waits for both. The result is in sandbox->ending. */
void keeper_run(const struct sandbox *sandbox, keeper_starter *start);
