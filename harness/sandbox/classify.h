/* harness/sandbox/classify.h: how the child ended, and whose fault it is.
 *
 * Promises: this is the one place that answers this, from the flight record and the wait status alone. It makes no
 * system call.
 */
#pragma once

#include "harness/sandbox/flight.h"

enum child_end {
    END_BY_ITSELF,
    END_HUNG,
    END_TOO_LONG,
    END_TOO_MUCH_MEMORY,
    END_TOO_MANY_PROCESSES,
    END_UNWATCHED, /* the process that watched over it did not live to tell the end */
};

/* Fills in flight->outcome and ->detail and, where the candidate is to blame, adds a finding. `wait_status` as from
 * waitpid; `why` describes a hang; `output` is what the child printed last. */
void classify(struct flight *flight, int wait_status, enum child_end end, int hung_slot, const char *why,
              const char *output);
