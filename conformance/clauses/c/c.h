/* conformance/clauses/c/c.h: what the scenarios about C's own functions share.
 *
 * Promises: each call is made by the function's own name; a function that the candidate lacks is passed over.
 */
#pragma once

#include "conformance/contract.h"
#include "conformance/scenario/run.h"
#include "harness/oracle/c_heap.h"

/* Position of the group in lists. */
enum { C_ORDER = 120 };

/* Whether the candidate has the function. */
static inline bool c_has(const struct run *run, enum c_function function)
{
    return candidate_has_c(run->candidate, function);
}

/* Frees the block, if there is one, by `free`. */
static inline void c_free(struct run *run, struct block *block)
{
    if (block != NULL && !run->heap.tainted)
        heap_c_free(&run->heap, C_FREE, block);
}

/* Makes a block of `size` bytes through any function that makes one: aligned to `align` where the function takes that,
 * one element where it takes a count. */
static inline struct c_outcome c_make(struct run *run, enum c_function function, size_t align, size_t size)
{
    if (c_shape(function)->role == C_RESIZES)
        return heap_c_resize(&run->heap, function, NULL, c_takes(function, C_COUNT) ? 1 : 0, size);
    size_t first = c_takes(function, C_ALIGN) ? align : c_takes(function, C_COUNT) ? 1 : 0;
    return heap_c_allocate(&run->heap, function, first, size);
}

/* Every function that makes a block, of nothing or of a null pointer. */
extern const enum c_function C_MAKERS[];
extern const size_t C_MAKER_COUNT;
