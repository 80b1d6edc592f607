/* reference_alloc.h: the six-function allocator interface of Rust 1.19. This header is the contract.
 *
 * Units: every size and alignment is in bytes. usable(s, a) below is short for __rust_usable_size(s, a).
 * The caller promises: size >= 1; align is a power of two, and for a given block always the same one; ptr
 * is a live block of this allocator; old_size lies in requested ..= usable(requested, align), where
 * `requested` is the size of the block's last successful allocation or resizing.
 * Everything else below is the allocator's promise. All calls may be made from any thread at any time (not
 * from a signal handler that interrupts one), also in the child of a fork (Linux 4.14). None unwinds, aborts,
 * or touches errno. A block may be freed or resized by any thread.
 * Source of each rule: the documentation of liballoc/heap.rs and of the allocator feature, Rust 1.19.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif
#ifdef REFERENCE_ALLOC_HIDDEN /* included into a library that speaks another language */
#pragma GCC visibility push(hidden)
#else
#pragma GCC visibility push(default)
#endif

/* A new block. Non-null iff
 *  - size and align are supported: align <= 1 GiB, size + min(align, 4 MiB) <= PTRDIFF_MAX - 64 KiB, about
 *    (so a size above PTRDIFF_MAX, or a size + align that would wrap, always gets null);
 *  - and the system has memory for it, or something that was freed before fits.
 * The block starts at a multiple of align, also where size < align; its usable(size, align) bytes are the
 * caller's alone until it is freed; their contents are undefined. Null changes nothing and holds no lock:
 * later calls work. */
void *__rust_allocate(size_t size, size_t align);

/* As __rust_allocate; the first `size` bytes read as zero. Pages that come fresh from the system are not
 * cleared again. */
void *__rust_allocate_zeroed(size_t size, size_t align);

/* Ends the block's life. Every old_size of the legal range is accepted; none is trusted. */
void __rust_deallocate(void *ptr, size_t old_size, size_t align);

/* The block, moved or not, with room for `size` bytes. Null iff
 *  - size > old_size, the block cannot grow where it is, and __rust_allocate(size, align) would have failed.
 * On success the first min(old_size, size) bytes are kept, alignment included, and if the address changed
 * the old block is gone. On null the old block is as it was. A shrink never fails. */
void *__rust_reallocate(void *ptr, size_t old_size, size_t size, size_t align);

/* Tries to resize without moving. The answer is
 *  - usable(size, align)      iff the block has the requested size `size` from now on;
 *  - usable(old_size, align)  iff nothing changed. (Where both are the same number, either may be believed.)
 * The first min(old_size, size) bytes are kept. */
size_t __rust_reallocate_inplace(void *ptr, size_t old_size, size_t size, size_t align);

/* How many bytes a block got with (size, align) really has: a function of its two arguments alone, >=
 * size, constant on size ..= usable(size, align), hence idempotent. For what can never be allocated the
 * answer is `size`. */
size_t __rust_usable_size(size_t size, size_t align);

/* ---- for tests ---- */

struct reference_alloc_stats {
    size_t chunks;         /* chunks mapped now */
    size_t free_pages;     /* pages (4 KiB) in free runs of those chunks */
    size_t mapped_blocks;  /* blocks with a mapping of their own, live now */
    size_t mapped_bytes;   /* bytes of those mappings */
    size_t kept_bytes;     /* bytes of mappings kept for the next large block; bounded */
    size_t thread_caches;  /* thread caches ever made: as many as threads were alive at once, at most */
};

/* A snapshot, taken under the allocator's lock. */
struct reference_alloc_stats reference_alloc_stats(void);

/* True iff the allocator's books agree with each other: every chunk is tiled by runs without gap or
 * overlap, no two free runs touch, every free run is in the bin of its length, every span's slots add up.
 * Walks everything: slow. */
bool reference_alloc_invariants_hold(void);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
