/* harness/refusal/guard.h: an inaccessible page behind the mapping that the candidate makes next.
 *
 * Promises: what reads or writes past the end of such a mapping ends in a fault, where otherwise some other mapping
 * would be hit unseen. Where the kernel puts a mapping is its own affair, so this is a likely place, not a sure one:
 * the topmost room for `bytes` is found by mapping so much, and given back but for one page at its end. The eldest
 * guards go: at most GUARDS stay. The harness never touches them; a correct allocator cannot tell. It counts as a
 * mapping call (refuse.h).
 */
#pragma once

#include <stddef.h>

enum { GUARDS = 256 };

/* `bytes`: about how many the next mapping has. No guard where there is no room for one. From one thread at a time. */
void guard_next(size_t bytes);
