/* harness/refusal/guard.h: an inaccessible page behind the mapping that the candidate makes next.
 *
 * Promises: a read or a write past the end of such a mapping ends in a fault; without the guard it might hit another
 * mapping unseen. The kernel decides where a mapping goes, so the place is likely, not sure: the topmost room for
 * `bytes` is found by mapping that much, and all of it but one page at its end is given back. At most GUARDS guards
 * stay, and the oldest go first. The harness never touches them, and a correct allocator cannot tell that they are
 * there. Making one counts as a mapping call (refuse.h).
 */
#pragma once

#include <stddef.h>

enum { GUARDS = 256 };

/* `bytes` is about how many bytes the next mapping has. No guard is made where there is no room for one. To be called
 * from one thread at a time. */
void guard_next(size_t bytes);
