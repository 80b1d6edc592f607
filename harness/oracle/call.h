/* harness/oracle/call.h: one call to the candidate, from before to after (internal to the oracle).
 *
 * Promises: call_begin puts the call on the tape and into the flight record before the candidate runs, so that a crash
 * can be laid to it; call_end takes it out and judges what every call must keep. breach() records a finding whose
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
    size_t first, c_size; /* of a C function: its count or alignment, and its size, as they are passed; `size` is the
                             number of bytes in all */
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

/* Between these two a fault is laid to the candidate: it breaks `within` below the requested size, `beyond` above it.
 */
void touch_begin(struct heap *heap, const struct block *block, enum law within, enum law beyond);
void touch_end(struct heap *heap);

/* Writes the owner's pattern over the whole extent. A fault breaks `within` or `beyond`, as in touch_begin. */
void owner_fill(struct heap *heap, struct block *block, enum law within, enum law beyond);

/* Offset of the first byte below `limit` that is not what the owner wrote under `pattern` and `extent`; SIZE_MAX: none.
 * A fault breaks `within`, or, in the slack, usable-size/slack-owned. */
size_t owner_check(struct heap *heap, const struct block *block, uint32_t pattern, size_t extent, size_t limit,
                   enum law within);

/* Checks where the block lies (alignment, wrapped sizes, overlaps) and puts it among the live ones. False: it cannot be
 * used. The caller holds the lock. */
bool place_block(const struct call *call, struct block *block, void *answer, size_t size, enum law alignment_law);

/* An allocator may have wrapped a request of this size or more, or cut it to 31 or 32 bits: it is checked whether the
 * block is really there before it is touched. */
static const size_t HUGE_REQUEST = (size_t)1 << 30;

/* Makes the block at `answer` live. NULL: it cannot be used. */
struct block *admit(const struct call *call, void *answer, size_t size, enum law alignment_law);

/* Checks that a block from allocate_zeroed reads zero. */
void check_zeroed(const struct call *call, struct block *block);

/* The candidate answered null to a request to resize: checks that nothing has changed. The block, which was taken out
 * before the call, is live again. */
void resize_check_failed(const struct call *call, struct block *block);
/* The candidate granted a request to resize: checks that the first min(old_size, size) bytes are what the old block
 * held. */
void resize_check_kept(const struct call *call, const struct block *block, const struct block *old);
