#include "harness/oracle/call.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/candidate/call_text.h"
#include "harness/base/prng.h"
#include "harness/candidate/gate.h"
#include "harness/refusal/refuse.h"

static struct flight_slot *slot(struct heap *heap) { return &heap->flight->slots[flight_thread]; }

/* A call that does not come back accuses the clause that says why this call is special; abi/returns otherwise. */
static int crash_clause(const struct heap *heap, enum operation operation, const struct block *block, size_t old_size)
{
    int everywhere = heap_crash_clause(heap);
    if (everywhere >= 0)
        return everywhere;
    if (block != NULL && block->shrunk && heap->clause_of[LAW_INPLACE_SHRUNK] >= 0)
        return heap->clause_of[LAW_INPLACE_SHRUNK];
    bool odd_old_size = block != NULL && old_size != block->requested;
    if (odd_old_size && operation == OP_DEALLOCATE && heap->clause_of[LAW_DEALLOCATE_OLD_SIZE] >= 0)
        return heap->clause_of[LAW_DEALLOCATE_OLD_SIZE];
    if (odd_old_size && operation == OP_REALLOCATE && heap->clause_of[LAW_REALLOCATE_OLD_SIZE] >= 0)
        return heap->clause_of[LAW_REALLOCATE_OLD_SIZE];
    return heap->clause_of[LAW_RETURNS];
}

static struct event event_of(const struct call *call, const struct block *block)
{
    size_t low = block == NULL ? 0 : block->requested;
    struct event event = {.kind = (uint8_t)call->operation,
                          .align_log2 = (uint8_t)__builtin_ctzll(call->align),
                          .thread = (uint8_t)flight_thread,
                          .block = call->number,
                          .size = call->size};
    if (block != NULL && call->old_size != low) {
        event.old_size_place = call->old_size == block->extent ? OLD_SIZE_USABLE : OLD_SIZE_WITHIN;
        event.old_size_step = call->old_size - low;
    }
    return event;
}

static bool is_legal(struct heap *heap, enum operation operation, const struct block *block, size_t old_size,
                     size_t size, size_t align)
{
    if (align == 0 || (align & (align - 1)) != 0 || (size == 0 && operation != OP_DEALLOCATE))
        return false;
    return block == NULL || (old_size >= heap_old_size_low(block) && old_size <= heap_old_size_high(heap, block));
}

/* What the contract leaves undefined is never put to a candidate: who asks for it here is wrong, not the candidate.
 * Outside any call, so the supervisor reads it as the harness's failure. */
static void refuse_illegal(const struct call *call)
{
    fprintf(stderr, "assay: a scenario made an illegal request: %s(old_size %zu, size %zu, align %zu), block %u\n",
            operation_name(call->operation), call->old_size, call->size, call->align, (unsigned)call->number);
    _Exit(3);
}

void call_enter(struct call *call, const struct event *event, int crash_clause)
{
    struct heap *heap = call->heap;
    if (event != NULL)
        call->event = flight_tape(heap->flight, event);
    if (heap->refusing) {
        heap->has_refused = true;
        call->refused = refuse_refused();
    }
    struct flight_slot *own = slot(heap);
    own->operation = (uint32_t)call->operation;
    own->block = call->address;
    own->old_size = call->operation < OPERATIONS ? call->old_size : call->first;
    own->size = call->size;
    own->align = call->align;
    own->crash_clause = crash_clause;
    own->hang_clause_plus_1 = heap->hang_clause + 1;
    own->refused_clause_plus_1 = heap_refused_clause(heap) + 1;
    uint64_t calls = atomic_load_explicit(&own->calls, memory_order_relaxed);
    atomic_store_explicit(&own->calls, calls + 1, memory_order_relaxed);
    atomic_store_explicit(&own->state, FLIGHT_IN_CANDIDATE, memory_order_release);
}

struct call call_begin(struct heap *heap, enum operation operation, const struct block *block, uint32_t number,
                       size_t old_size, size_t size, size_t align)
{
    struct call call = {.heap = heap,
                        .operation = operation,
                        .number = number,
                        .address = block == NULL ? 0 : block->address,
                        .old_size = old_size,
                        .size = size,
                        .align = align};
    if (!is_legal(heap, operation, block, old_size, size, align))
        refuse_illegal(&call);
    struct event event = event_of(&call, block);
    call_enter(&call, operation == OP_USABLE_SIZE ? NULL : &event, crash_clause(heap, operation, block, old_size));
    return call;
}

/* What the call did to the machine, one register at a time. */
static void check_registers(const struct call *call)
{
    if (!gate_checks_registers())
        return;
    exercised(call->heap, LAW_REGISTERS);
    for (unsigned faults = gate_take_faults(); faults != 0; faults &= faults - 1) {
        unsigned bit = faults & -faults;
        unsigned long long expected = 0, seen = 0;
        const char *name = gate_fault_name(bit);
        if (gate_fault_values(bit, &expected, &seen))
            breach(call, LAW_REGISTERS, "registers and control words as the calling convention keeps them",
                   "%s was %#llx, is %#llx", name, expected, seen);
        else
            breach(call, LAW_REGISTERS, "registers and control words as the calling convention keeps them",
                   "%s was changed", name);
    }
}

void call_end(const struct call *call, uintptr_t answer)
{
    struct heap *heap = call->heap;
    atomic_store_explicit(&slot(heap)->state, FLIGHT_IDLE, memory_order_release);
    if (call->event != NULL) {
        call->event->answer = answer;
        call->event->returned = 1;
    }
    if (heap->calls[call->operation]) {
        exercised(heap, LAW_RETURNS);
        exercised(heap, LAW_NO_UNWIND);
    }
    if (heap->refusing && refuse_refused() != call->refused) {
        exercised(heap, LAW_EXHAUSTION_NULL);
        heap->refused_in_calls++;
    }
    if (heap->calls[call->operation])
        check_registers(call);
}

void breach(const struct call *call, enum law law, const char *expected, const char *actual_format, ...)
{
    char message[256], actual[512];
    va_list arguments;
    call_text(message, sizeof message,
              &(struct call_words){.operation = (unsigned)call->operation,
                                   .number = call->number,
                                   .address = call->address,
                                   .old_size = call->old_size,
                                   .size = call->operation < OPERATIONS ? call->size : call->c_size,
                                   .align = call->align,
                                   .first = call->first});
    va_start(arguments, actual_format);
    vsnprintf(actual, sizeof actual, actual_format, arguments);
    va_end(arguments);
    flight_violated(call->heap->flight, call->heap->clause_of[law], message, expected, actual);
}

void taint(struct heap *heap)
{
    heap->taint_seal = prng_mix(heap->seal);
    heap->tainted = true;
}

void touch_begin(struct heap *heap, const struct block *block, enum law within, enum law beyond)
{
    struct flight_slot *own = slot(heap);
    own->block = block->address;
    own->size = block->extent;
    own->requested = block->requested;
    own->align = block_align(block);
    own->touch_clause = heap->clause_of[within];
    own->touch_slack_clause = heap->clause_of[beyond];
    atomic_store_explicit(&own->state, FLIGHT_TOUCHING, memory_order_release);
}

void touch_end(struct heap *heap) { atomic_store_explicit(&slot(heap)->state, FLIGHT_IDLE, memory_order_release); }
