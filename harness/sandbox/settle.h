/* harness/sandbox/settle.h: what a child that is gone has told, from both places where it told it.
 *
 * Promises: the shared flight record is read once, into the supervisor's own. A finding that was said on the channel
 * stands, whatever the record says about it now. A finding that is in the record alone stands if its seal holds. A
 * record that contradicts what was said, or whose seals are broken, never counts as completed.
 */
#pragma once

#include "harness/sandbox/channel.h"
#include "harness/sandbox/sandbox.h"

enum record {
    RECORD_AGREES,       /* with itself and with what was said */
    RECORD_UNCONFIRMED,  /* it tells of a completed scenario, and the channel does not */
    RECORD_WRITTEN_OVER, /* by something other than the harness */
};

/* Fills sandbox->flight with what sandbox->shared tells, mended. `completed` is the nonce only if the record agrees. */
enum record settle(struct sandbox *sandbox, const struct heard *heard);

/* To be called after classify. A record that does not agree is the harness's failure, with a detail that says so,
 * unless the child's end or a finding says more. */
void settle_outcome(struct flight *flight, enum record record);
