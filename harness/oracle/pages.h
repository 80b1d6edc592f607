/* harness/oracle/pages.h: pages of a block, brought in many at a time before the oracle touches them one by one.
 *
 * Promises: contents and rights of the memory stay as they are; nothing is allocated. What cannot be brought in (not
 * there, not writable, or a system that does not know how) is left for the touch to find out: this is about time alone,
 * for on many virtual machines a fault of one page costs more than all that is done with the page.
 */
#pragma once

#include <stddef.h>

/* Of a block that is about to be touched page by page: every page with a byte of it. Few of them are left alone. */
void pages_bring(const void *block, size_t size);
