/* conformance/clauses/exhaustion/exhaustion.h: what the files of the group "exhaustion" share.
 *
 * Promises: none of these functions refuses memory by itself; a scenario does that (record_refuse_from and its like).
 * The oracle checks each call. The blocks of a pool are the scenario's to free.
 */
#pragma once

#include "conformance/contract.h"
#include "conformance/scenario/run.h"

/* Position of the group in lists. */
enum { EXHAUSTION_ORDER = 90 };

/* Requests that exhaustion_is_served makes before it gives up. */
enum { EXHAUSTION_TRIES = 128 };

/* ---- calls while memory may be refused ---- */

/* Adds the block to the pool if there is room; NULL is passed over. */
void exhaustion_keep(struct pool *pool, struct block *block);

/* Resizes the block to `size` bytes, in place first if the binding can do that. If it fails, blocks like the old one
 * are allocated into the pool: one of these would be the old block, if that had been put on a free list. */
void exhaustion_grow(struct run *run, struct pool *pool, struct block *block, size_t size);

/* Blocks up to `top` bytes into the pool: small, medium, over-aligned, zeroed, resized. Any of the calls may be
 * refused; what is granted must be good. */
void exhaustion_little_of_everything(struct run *run, struct pool *pool, size_t top);

/* The `top` at which the effort's whole workload is run. */
size_t exhaustion_everything(const struct run *run);

/* Frees half of the pool's blocks. */
void exhaustion_give_back_half(struct run *run, struct pool *pool);

/* ---- afterwards ---- */

/* Is a request of this size served by one of EXHAUSTION_TRIES calls? True also if the heap is tainted. */
bool exhaustion_is_served(struct run *run, size_t size, size_t align);

/* In a fresh process where nothing is refused: are small requests served before and after the workload? */
bool exhaustion_serves_unrefused(struct run *run);

/* Grants memory again; returns how many mapping calls the refusal has hit. */
uint64_t exhaustion_lift(struct run *run);

/* Judges exhaustion/recovers: `refused` mapping calls were refused and are granted again, and a request of this size
 * was served before. Where none was refused nothing is judged: the allocator never asked the system and may be empty
 * for good. Nor is anything judged where the system itself refuses. */
void exhaustion_must_serve(struct run *run, size_t size, size_t align, uint64_t refused);
