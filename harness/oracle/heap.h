/* harness/oracle/heap.h: the checked heap. Every call a scenario makes goes through here, and every law is checked on
 * it.
 *
 * Promises:
 * - A scenario cannot forget a check: each call below checks every local law of its operation (law.h), counts what it
 *   put to the test, and records a finding with evidence for what broke.
 * - The owner's part is played for the scenario: each block is written over its whole extent with a pattern of its own,
 *   which is verified before the block is handed back.
 * - The shadow of the candidate's heap lives in memory of the harness's own. Nothing here calls malloc, nor any
 *   operation of the candidate but the one asked for (and usable_size).
 * - Several threads may call once heap_go_parallel was called. Each thread sets flight_thread first, and a block is
 *   used by one thread at a time.
 * - What the binding rules out is never asked, whatever a scenario wants. An operation that the binding leaves out
 *   makes no call, leaves nothing on the tape and counts nothing (heap_has). An alignment above its `max_align` is
 *   lowered to that (heap_align).
 * - After a breach that leaves the shadow unreliable (overlap, lost memory) the heap is `tainted`: calls answer "null"
 *   and do nothing, so the scenario ends soon and no later accusation can follow from the first.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/candidate/candidate.h"
#include "harness/oracle/block.h"
#include "harness/oracle/law.h"
#include "harness/sandbox/flight.h"

enum { HEAP_USABLE_CACHE = 512, HEAP_LINKS = 16 };

struct heap {
    const struct candidate *candidate;
    struct flight *flight;
    int (*clause_index)(const char *id); /* into the contract in force, -1 none */
    int clause_of[LAW_COUNT];
    struct block_set blocks;
    size_t page;
    size_t max_align;       /* largest alignment that may be asked for */
    bool has[OPERATIONS];   /* the binding has the operation */
    bool calls[OPERATIONS]; /* the operation calls some function of the candidate; else the binding works out the answer
                               by itself */
    bool old_size_is_exact; /* the binding's deallocate and reallocate take the requested size only, or none at all */
    bool has_pure_usable, has_block_usable;
    bool touches;     /* write and verify contents; false only to measure the harness itself */
    bool refusing;    /* memory is being refused: null is expected */
    bool has_refused; /* memory was refused earlier in this scenario */
    _Atomic uint64_t
        refused_in_calls; /* calls during which the system refused memory: the candidate had asked for it */
    bool parallel;
    int crash_clause;     /* what a crash, exit or hang inside a call breaks; -1: decided by the call */
    int hang_clause;      /* what a hang breaks, where that is another; -1: the same */
    _Atomic bool tainted; /* set by taint() alone */
    pthread_mutex_t lock;
    uint32_t next_number, next_pattern;
    uint64_t seal;       /* checksum of what does not change once the heap is made */
    uint64_t taint_seal; /* follows from `seal` once taint() was called: a stray write to `tainted` does not set it */
    _Atomic uintptr_t links[HEAP_LINKS]; /* words that an allocator may take for its own (c_contents.h) */
    _Atomic uint32_t link_count;
    struct usable_memo {
        size_t size, answer;
        uint32_t uses;
        uint8_t align_log2;
    } usable_cache[HEAP_USABLE_CACHE];
};

/* `clause_index` gives the index of a clause id in the contract in force, or -1. `capacity`: most live blocks.
 * False with `error` when memory for the shadow is refused. */
bool heap_create(struct heap *heap, const struct candidate *candidate, struct flight *flight,
                 int (*clause_index)(const char *id), size_t capacity, struct error *error);

/* Seals the heap's settings. To be called once all of them are made. */
void heap_seal(struct heap *heap);
/* Are the settings as they were sealed and, if the heap is tainted, was that done by a check? If not, something wrote
 * over the heap, and that its checks found nothing proves nothing. */
bool heap_is_whole(const struct heap *heap);

/* The shadow cannot be relied on any more: from here on every call below answers "null" and does nothing. The one way
 * to set `tainted`, which anybody may read. */
void taint(struct heap *heap);

/* ---- what may be asked ---- */

/* Does the binding have the operation? If not, no call is made below, and NULL, false or `size` means "not asked". */
static inline bool heap_has(const struct heap *heap, enum operation operation) { return heap->has[operation]; }

/* `align`, or the largest alignment that the binding allows where that is less. The calls below do this themselves: it
 * is for scenarios that report the alignment, and for calls past this heap. */
static inline size_t heap_align(const struct heap *heap, size_t align)
{
    return align < heap->max_align ? align : heap->max_align;
}

/* May a block be resized in place from `old_size` to `size`? Not where the binding has no such operation. Nor where it
 * has no range of old_size and both answers would be the same number: nobody could tell afterwards which size it has.
 */
bool heap_may_resize_inplace(struct heap *heap, size_t old_size, size_t size, size_t align);

/* ---- the six operations ---- */

/* A block handle stays valid until heap_deallocate, also when the block moves.
 * NULL: the candidate answered null (or broke a law in a way that leaves no block), or was not asked. */
struct block *heap_allocate(struct heap *heap, size_t size, size_t align);
struct block *heap_allocate_zeroed(struct heap *heap, size_t size, size_t align);

/* `old_size` must lie in heap_old_size_low ..= heap_old_size_high of the block. */
void heap_deallocate(struct heap *heap, struct block *block, size_t old_size);

/* True: the block has the new size (and perhaps another address). False: null, the block is as it was. */
bool heap_reallocate(struct heap *heap, struct block *block, size_t old_size, size_t size);

/* True: the answer says that the block has the new size now. False: it does not, or the candidate was not asked. */
bool heap_reallocate_inplace(struct heap *heap, struct block *block, size_t old_size, size_t size);

/* usable_size(size, align), where the binding has it as a function of these; else `size`. Memoised, and asked again
 * now and then: another answer breaks usable-size/pure. */
size_t heap_usable_size(struct heap *heap, size_t size, size_t align);

/* The same question put to the candidate itself, now. */
size_t heap_ask_usable_size(struct heap *heap, size_t size, size_t align);

/* The legal old_size values of a block: requested, and usable_size(requested) (requested where there is no range). */
size_t heap_old_size_low(const struct block *block);
size_t heap_old_size_high(struct heap *heap, const struct block *block);
/* The value at a place in that range (event.h). */
size_t heap_old_size_at(struct heap *heap, const struct block *block, enum old_size_place place, uint64_t step);

static inline size_t block_align(const struct block *block) { return (size_t)1 << block->align_log2; }

/* Verifies the contents of one block, of its neighbours by address, or of every live block. */
void heap_verify(struct heap *heap, struct block *block);
void heap_verify_neighbours(struct heap *heap, struct block *block);
void heap_verify_all(struct heap *heap);

/* From here on several threads may call. There is no way back. */
void heap_go_parallel(struct heap *heap);

/* From here on a call that crashes, exits or does not return breaks this clause, an id of the contract; NULL: what the
 * call itself decides. */
void heap_blame_crashes_on(struct heap *heap, const char *clause_id);
/* The same for a call that does not return; NULL: as for a crash. */
void heap_blame_hangs_on(struct heap *heap, const char *clause_id);
/* The clause that a crash breaks at this point, wherever it happens; -1: the call itself decides, or else abi/returns.
 */
int heap_crash_clause(const struct heap *heap);
/* The clause that it breaks instead if memory was really refused before it (flight->refusals); -1: no other. */
int heap_refused_clause(const struct heap *heap);
/* Has memory been refused in this run, as far as that is counted? */
bool heap_was_refused(const struct heap *heap);
