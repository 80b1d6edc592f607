#include "harness/oracle/call.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/candidate/call_text.h"
#include "harness/candidate/gate.h"
#include "harness/oracle/slot.h"
#include "harness/refusal/refuse.h"

/* The clause that is broken if this call does not come back: the one that tells what is special about the call, or else
 * abi/returns. */
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

/* What the contract leaves undefined is never asked of a candidate: a scenario that asks for it here is wrong, and not
 * the candidate. The process ends outside any call, so the supervisor reads it as the harness's failure. */
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
    const struct slot_call told = {.operation = (unsigned)call->operation,
                                   .address = call->address,
                                   .old_size = call->operation < OPERATIONS ? call->old_size : call->first,
                                   .size = call->size,
                                   .align = call->align};
    slot_enter(slot_own(heap), heap, &told, crash_clause);
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

/* Checks what the call did to the machine, one register at a time. */
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
    slot_leave(slot_own(heap));
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

void touch_begin(struct heap *heap, const struct block *block, enum law within, enum law beyond)
{
    const struct slot_touch told = {.address = block->address,
                                    .requested = block->requested,
                                    .extent = block->extent,
                                    .align = block_align(block),
                                    .clause = heap->clause_of[within],
                                    .slack_clause = heap->clause_of[beyond]};
    slot_touch(slot_own(heap), &told);
}

void touch_end(struct heap *heap) { slot_leave(slot_own(heap)); }
