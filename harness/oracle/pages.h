/* harness/oracle/pages.h: the pages of a block, brought in many at a time before the oracle touches them one by one.
 *
 * Promises: contents and rights of the memory stay as they are, and nothing is allocated. Pages that cannot be brought
 * in (they are not there, not writable, or the system does not know how) are left for the touch to find out. This only
 * saves time: on many virtual machines a page fault costs more than all that is done with the page.
 */
#pragma once

#include <stddef.h>

/* Brings in every page that holds a byte of the block, for a caller that is about to touch each of them. Does nothing
 * for blocks below 64 KiB. */
void pages_bring(const void *block, size_t size);
