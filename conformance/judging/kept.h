/* conformance/judging/kept.h: a copy of what a sandbox holds after a run, while the sandbox is used for further runs.
 *
 * Promises: kept_restore puts the flight record and the tape back as they were, but for what the caller changed in the
 * copy.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "harness/sandbox/sandbox.h"

struct kept {
    struct flight *flight; /* without its tape */
    struct event *tape;
    size_t length; /* events of the tape */
};

/* Copies the record and the tape. False: there is no memory for it, and nothing is to be restored. */
bool kept_take(struct kept *kept, const struct sandbox *sandbox);

/* Copies both back and frees the copy. */
void kept_restore(struct kept *kept, struct sandbox *sandbox);
