/* harness/base/own_memory.h: the memory that the harness holds in this process.
 *
 * Promises: every mapping of the harness's own is noted here when it is made. In a sandbox's child, the program's own
 * segments are noted, too. No block of a candidate's may reach into any of it. Allocates nothing. Noting is not
 * thread-safe; asking is, while nothing is noted.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From here on nothing is noted: this process never holds a block of a candidate's, however many files it reads. */
void own_memory_forgo(void);
/* [start, start + size) is the harness's. Ends the process when there is no room to note it. */
void own_memory_add(const void *start, size_t size);
/* So is the memory that the program itself is loaded into: code, constants and variables. */
void own_memory_add_program(void);
/* It is the harness's no longer. `start` is the address that was noted. */
void own_memory_remove(const void *start);
/* Does [address, address + size) reach into any of it? */
bool own_memory_meets(uintptr_t address, size_t size);
