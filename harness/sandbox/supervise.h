/* harness/sandbox/supervise.h: waits for the child, and ends it when there is a reason to.
 *
 * Promises: comes back whatever the child does, within the limits that sandbox.h names. They count wall time as well: a
 * child that is stopped, traced, or asleep in the kernel gets no more of it than any other.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "harness/sandbox/ending.h"
#include "harness/sandbox/sandbox.h"

/* Waits for `pid`, a child of this process, and hears what it says at `channel`. False: `starter`, the parent of this
 * process, is gone, and nobody wants the result any more. */
bool supervise(const struct sandbox *sandbox, pid_t pid, pid_t starter, struct ending *ending, int channel);

/* A child that has more bytes of memory than this is ended: half of the machine's memory, or what ASSAY_MEMORY_LIMIT_MB
 * says. */
uint64_t supervise_memory_limit(void);
