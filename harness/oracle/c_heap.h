/* harness/oracle/c_heap.h: the functions of C's malloc family on the checked heap.
 *
 * Promises:
 * - As heap.h: each call checks every law that it can show, and its blocks live in the same shadow heap, whichever
 * function made them. A replayed trace shows what the scenario showed.
 * - A function that the candidate lacks is not called, not recorded and not counted; nor is what the standards leave
 * undefined: a second free, a size that is not the one asked for, realloc of a block to zero bytes (C23), free_sized of
 * a block that aligned_alloc made, an alignment above the binding's max_align. `asked` tells.
 * - errno holds a value before each call that no function sets by itself, so what a call did to it is seen.
 */
#pragma once

#include "harness/candidate/c_call.h"
#include "harness/oracle/heap.h"

struct c_outcome {
    bool asked;
    struct block *block; /* the block made, or the one resized; NULL when there is none */
    struct c_answer answer;
};

/* `first` is the count or the alignment of functions that take one, else 0. */
struct c_outcome heap_c_allocate(struct heap *heap, enum c_function function, size_t first, size_t size);

/* `block` NULL: of a null pointer, and so a block is made. On failure the block is as it was, and `block` is NULL. */
struct c_outcome heap_c_resize(struct heap *heap, enum c_function function, struct block *block, size_t first,
                               size_t size);

/* `block` NULL: of a null pointer. The sized functions get the size, and the alignment, that the block was asked for
 * with. */
struct c_outcome heap_c_free(struct heap *heap, enum c_function function, struct block *block);

/* malloc_usable_size of the block, or of a null pointer. */
struct c_outcome heap_c_ask(struct heap *heap, struct block *block);

/* For a function of libc that calls the candidate's: between these two a crash or hang is the candidate's. `size` is
 * what the message says was asked for. */
void heap_c_libc_begin(struct heap *heap, size_t size);
void heap_c_libc_end(struct heap *heap);

/* Takes a block that libc made through the candidate into the shadow heap; it has `size` bytes at least, and is the
 * caller's. NULL: the address is null, or the block breaks a law. No sized function frees it. */
struct block *heap_c_adopt(struct heap *heap, void *address, size_t size);

/* Has the request a meaning that the standards define, and the candidate the function? */
bool heap_c_may(const struct heap *heap, enum c_function function, const struct block *block, size_t first,
                size_t size);

/* The alignment that the standards promise of a block: what an aligning function is asked for, the page of valloc and
 * pvalloc, and else the largest of any object that fits (ISO C23 7.24.3p1). 0: the alignment asked for is no valid one;
 * 1: it is one, for no bytes.
 */
size_t c_promised_align(const struct heap *heap, enum c_function function, size_t first, size_t bytes);

/* block->origin of a block that a C function made or last sized. */
static inline uint8_t c_origin(enum c_function function) { return (uint8_t)(OPERATIONS + (int)function); }
