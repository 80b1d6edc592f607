/* harness/oracle/slot.h: what the calling thread is doing right now, told in its slot of the flight record.
 *
 * Promises: everything about a call, or about a block that is touched, stands in the slot before its state changes, so
 * the supervisor finds the author of a crash. Only the thread itself writes its slot. Takes no lock, allocates nothing.
 * For every way to call a candidate under watch: the checked heap (call.h), and threads that call past it at full
 * speed.
 */
#pragma once

#include "harness/oracle/heap.h"

/* A call as the flight record tells it. */
struct slot_call {
    unsigned operation; /* enum operation, or OPERATIONS + enum c_function */
    uintptr_t address;  /* of the block passed; 0: none */
    size_t old_size;    /* of a C function: its count or alignment */
    size_t size, align;
};

/* A block that the harness is about to read or write, as its owner may. */
struct slot_touch {
    uintptr_t address;
    size_t requested, extent, align;
    int clause;       /* broken by a fault in [0, requested); -1: none */
    int slack_clause; /* broken by a fault in [requested, extent); -1: none */
};

static inline struct flight_slot *slot_own(const struct heap *heap) { return &heap->flight->slots[flight_thread]; }

/* From here on a crash or an exit of this thread breaks `crash_clause`, and so does a hang, unless the heap says that a
 * hang breaks another clause, or that memory was refused. */
static inline void slot_blame(struct flight_slot *slot, const struct heap *heap, int crash_clause)
{
    slot->crash_clause = crash_clause;
    slot->hang_clause = heap->hang_clause;
    slot->refused_clause = heap_refused_clause(heap);
}

/* The thread is in the candidate again until slot_leave, for the call that its slot still tells of. */
static inline void slot_reenter(struct flight_slot *slot)
{
    atomic_store_explicit(&slot->state, FLIGHT_IN_CANDIDATE, memory_order_release);
}

/* The thread is in the candidate until slot_leave, for this call. */
static inline void slot_enter(struct flight_slot *slot, const struct heap *heap, const struct slot_call *call,
                              int crash_clause)
{
    slot->operation = call->operation;
    slot->block = call->address;
    slot->old_size = call->old_size;
    slot->size = call->size;
    slot->align = call->align;
    slot_blame(slot, heap, crash_clause);
    uint64_t calls = atomic_load_explicit(&slot->calls, memory_order_relaxed);
    atomic_store_explicit(&slot->calls, calls + 1, memory_order_relaxed);
    slot_reenter(slot);
}

/* The thread touches the block until slot_leave. */
static inline void slot_touch(struct flight_slot *slot, const struct slot_touch *touch)
{
    slot->block = touch->address;
    slot->size = touch->extent;
    slot->requested = touch->requested;
    slot->align = touch->align;
    slot->touch_clause = touch->clause;
    slot->touch_slack_clause = touch->slack_clause;
    atomic_store_explicit(&slot->state, FLIGHT_TOUCHING, memory_order_release);
}

/* The thread is back in the harness. */
static inline void slot_leave(struct flight_slot *slot)
{
    atomic_store_explicit(&slot->state, FLIGHT_IDLE, memory_order_release);
}
