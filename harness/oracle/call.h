/* harness/oracle/call.h: one call to the candidate, from before to after (internal to the oracle).
 *
 * Promises: call_begin puts the call on the tape and into the flight record before the candidate runs, so that a crash
 * finds its author; call_end takes it out and judges what every call must keep. breach() records a finding whose
 * message is the call itself.
 */
#pragma once

#include "harness/oracle/heap.h"

struct call {
    struct heap *heap;
    enum operation operation;
    uint32_t number; /* of the block */
    uintptr_t address;
    size_t old_size, size, align;
    size_t first, c_size; /* of a C function: its count or alignment, and its size, as it was called; `size` is the
                             bytes in all */
    struct event *event;  /* on the tape, or NULL */
    uint64_t refused;     /* mapping calls refused before it */
};

/* `block` is NULL for operations that take none; `number` names the block that is made or taken. */
struct call call_begin(struct heap *heap, enum operation operation, const struct block *block, uint32_t number,
                       size_t old_size, size_t size, size_t align);
void call_end(const struct call *call, uintptr_t answer);

/* What call_begin does once the call is known to be legal: `event` (NULL: none) goes on the tape, the call into the
 * flight record. `crash_clause` is broken by a crash, exit or hang in it. */
void call_enter(struct call *call, const struct event *event, int crash_clause);

/* The law was put to the test once more. */
static inline void exercised(struct heap *heap, enum law law) { flight_exercised(heap->flight, heap->clause_of[law]); }

/* The law was broken by this call. */
void breach(const struct call *call, enum law law, const char *expected, const char *actual_format, ...)
    __attribute__((format(printf, 4, 5)));
/* The same, and the shadow is not to be relied upon any more. */
void taint(struct heap *heap);

static inline void heap_lock(struct heap *heap)
{
    if (heap->parallel)
        pthread_mutex_lock(&heap->lock);
}

static inline void heap_unlock(struct heap *heap)
{
    if (heap->parallel)
        pthread_mutex_unlock(&heap->lock);
}

/* While a block is touched, a fault is the candidate's: `within` is broken below requested, `beyond` above. */
void touch_begin(struct heap *heap, const struct block *block, enum law within, enum law beyond);
void touch_end(struct heap *heap);

/* Writes the owner's pattern over the whole extent. */
void owner_fill(struct heap *heap, struct block *block, enum law within, enum law beyond);

/* Offset of the first byte below `limit` that is not what the owner wrote under `pattern` and `extent`; SIZE_MAX: none.
 * A fault breaks `within`, or, in the slack, usable-size/slack-owned. */
size_t owner_check(struct heap *heap, const struct block *block, uint32_t pattern, size_t extent, size_t limit,
                   enum law within);

/* Gives a block its place: alignment, wrapped sizes, overlaps. True when it is live now. The caller holds the lock. */
bool place_block(const struct call *call, struct block *block, void *answer, size_t size, enum law alignment_law);

/* From here up a request may be wrapped or cut to 31 or 32 bits: whether the block is real is looked at first. */
static const size_t HUGE_REQUEST = (size_t)1 << 30;

/* Makes the block that `answer` names live. NULL: it cannot be used. */
struct block *admit(const struct call *call, void *answer, size_t size, enum law alignment_law);

/* The owner of a zeroed block looks for its zeroes. */
void check_zeroed(const struct call *call, struct block *block);

/* A resizing answered null: nothing may have changed. The block, taken out before the call, is live again. */
void resize_check_failed(const struct call *call, struct block *block);
/* A resizing was granted: the first min(old_size, size) bytes must be what the old block held. */
void resize_check_kept(const struct call *call, const struct block *block, const struct block *old);
