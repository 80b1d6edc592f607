/* reference_alloc.h: the allocator ABI of Rust 1.19, and the contract this allocator keeps.
 *
 * `size`, `old_size` in bytes, at least 1. `align` a power of two. A block's align never changes.
 *
 * - allocate returns null iff size is above PTRDIFF_MAX less two large grains, align is above PTRDIFF_MAX / 4, or the system refuses the pages.
 *   Otherwise a block of usable_size(size, align) bytes, a multiple of `align`, that no other live block overlaps.
 * - allocate_zeroed is allocate, and the first `size` bytes read zero. Pages fresh from the system are not cleared twice.
 * - usable_size is a function of its arguments alone, at least `size`, and constant on size ..= usable_size(size, align).
 *   For a request that allocate refuses outright it is `size`.
 * - old_size may be anywhere in requested ..= usable_size(requested, align), where `requested` is the size of the block's last
 *   successful sizing: all these values name the same class, and that is all that is looked at.
 * - reallocate keeps the first min(old_size, size) bytes and returns the block, moved iff its new class does not fit where it is; null, with
 *   the block untouched, iff allocate would have returned null.
 * - reallocate_inplace never moves. It answers usable_size(size, align) iff the block now has that size, otherwise
 *   usable_size(old_size, align) and nothing has changed.
 * - All six may be called from any thread at once, and a block may be given back by another thread than took it, also
 *   after that one has ended; and by the child of a fork, whatever the parent's other threads were doing.
 * - No call aborts, unwinds or allocates from anybody else. Memory comes from mmap alone.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

void *__rust_allocate(size_t size, size_t align);
void *__rust_allocate_zeroed(size_t size, size_t align);
void __rust_deallocate(void *block, size_t old_size, size_t align);
void *__rust_reallocate(void *block, size_t old_size, size_t size, size_t align);
size_t __rust_reallocate_inplace(void *block, size_t old_size, size_t size, size_t align);
size_t __rust_usable_size(size_t size, size_t align);

/* For tests: walks every arena, free list and cache. True iff every one of them is as the code relies on. The heap must be quiet. */
bool reference_alloc_invariants_hold(void);

struct reference_alloc_stats {
    size_t mapped;        /* bytes now mapped from the system */
    size_t peak_mapped;   /* most ever */
    size_t refused;       /* times the system refused pages */
};
struct reference_alloc_stats reference_alloc_stats(void);
