/* harness/oracle/c_contents.h: what the owner of a block leaves in it (internal to the oracle).
 *
 * Promises: just before a block is freed by a C function, its owner writes words that an allocator could take for its
 * own: addresses of freed and of live blocks, and what fresh blocks held when they came (links of a free list, keys,
 * cookies). All of this is the owner's right: the contents of a block mean nothing to free. Only the bytes asked for
 * are written. Replayed traces do the same.
 */
#pragma once

#include "harness/oracle/call.h"

/* Remembers what the block holds as it comes, before its owner writes to it. */
void c_contents_learn(struct heap *heap, const struct block *block);

/* Writes the last contents of a block that is about to be freed and has been verified. */
void c_contents_leave(struct heap *heap, const struct block *block);

/* Remembers the address of a block that is freed now. */
void c_contents_freed(struct heap *heap, uintptr_t address);
