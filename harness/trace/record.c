#include "harness/trace/record.h"

#include <sys/syscall.h>
#include <unistd.h>

#include "harness/oracle/slot.h"
#include "harness/refusal/guard.h"
#include "harness/refusal/refuse.h"
#include "harness/trace/setting.h"

static void tape(struct heap *heap, enum event_kind kind, uint64_t size)
{
    struct event event = {.kind = (uint8_t)kind, .thread = (uint8_t)flight_thread, .size = size};
    flight_tape(heap->flight, &event);
}

void record_refuse_from(struct heap *heap, uint64_t n)
{
    tape(heap, EVENT_REFUSE, n);
    heap->refusing = n != 0;
    refuse_from(n);
}

void record_refuse_only(struct heap *heap, uint64_t n)
{
    tape(heap, EVENT_REFUSE_ONCE, n);
    heap->refusing = n != 0;
    refuse_only(n);
}

void record_guard(struct heap *heap, uint64_t bytes)
{
    tape(heap, EVENT_GUARD, bytes);
    if (bytes <= SIZE_MAX)
        guard_next((size_t)bytes);
}

bool record_set(struct heap *heap, enum setting setting, uint64_t value)
{
    struct event event = {
        .kind = EVENT_SETTING, .align_log2 = (uint8_t)setting, .thread = (uint8_t)flight_thread, .size = value};
    flight_tape(heap->flight, &event);
    return setting_apply(setting, value);
}

void record_thread_begin(struct heap *heap, int number)
{
    flight_thread = number;
    heap->flight->slots[number].tid = (int32_t)syscall(SYS_gettid);
}

void record_thread_end(struct heap *heap)
{
    struct flight_slot *slot = slot_own(heap);
    tape(heap, EVENT_THREAD_END, 0);
    slot_blame(slot, heap, heap_crash_clause(heap));
    atomic_store(&slot->is_ending, 1);
}

void record_thread_gone(struct heap *heap, int number) { atomic_store(&heap->flight->slots[number].is_ending, 0); }
