/* harness/base/mapped.h: is there memory behind an address?
 *
 * Promises: asks the kernel, touches no byte, allocates nothing, changes nothing but errno. msync reports every page
 * that is not mapped. Under QEMU's emulation of 32-bit platforms it reports none, because their whole address space is
 * reserved there, and it takes lengths of 2 GiB and more for negative ones. mincore tells the truth there too, but it
 * needs time and room for each page, so it is asked about some pages only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* False: some page of [address, address + size) is not mapped, or the range is empty or wraps. `page`: a page's size in
 * bytes. */
bool is_mapped(uintptr_t address, size_t size, size_t page);
