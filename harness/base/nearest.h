/* harness/base/nearest.h: the name that a mistyped one was meant for.
 *
 * Promises: names are offered one by one, so they need not stand in an array. The best is the one with the fewest edits
 * (letters put in, left out, changed, or two neighbours exchanged), less two for each letter that both begin with:
 * "block" is nearer to "block/disjoint" than to "probe". Of equals the first offered is kept. Allocates nothing; of a
 * longer name the first 63 bytes count.
 */
#pragma once

#include <stdbool.h>

struct nearest {
    const char *typed; /* what the user wrote; to be set, all else 0 */
    const char *best;  /* NULL: none was offered. Points to the name as it was offered */
    int cost, edits;
};

void nearest_offer(struct nearest *nearest, const char *name);

/* True when the best one is so near that the user has probably meant it: at most half of what was typed differs. */
bool nearest_is_likely(const struct nearest *nearest);
