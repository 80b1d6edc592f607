/* harness/base/mapped.h: is there memory behind an address?
 *
 * Promises: asks the kernel, touches no byte, allocates nothing, moves errno only. msync tells of every page, but under
 * QEMU's emulation of 32-bit platforms of none, as their whole address space is reserved there, and takes lengths of 2
 * GiB and more for negative ones; mincore tells the truth there too, and is asked about some pages only, as it takes
 * time and room for each.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* False: some page of [address, address + size) is not mapped, or the range is empty or wraps. `page`: a page's size in
 * bytes. */
bool is_mapped(uintptr_t address, size_t size, size_t page);
