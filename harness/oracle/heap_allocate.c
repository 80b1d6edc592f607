/* allocate, allocate_zeroed, deallocate, and what every block that comes into being must keep. */
#include "harness/base/mapped.h"
#include "harness/base/own_memory.h"
#include "harness/oracle/call.h"
#include "harness/oracle/pattern.h"
#include "harness/oracle/slot.h"

/* A zeroed block of up to so many bytes is checked whole; of a larger one, so many bytes at its beginning and 1 MiB at
 * its end. */
static const size_t ZERO_WHOLE = (size_t)16 << 20;

static size_t largest_power_of_two_in(uintptr_t address)
{
    return address == 0 ? 0 : (size_t)(address & (~address + 1));
}

static void check_alignment(const struct call *call, uintptr_t address, enum law law)
{
    struct heap *heap = call->heap;
    enum law used = call->align > heap->page ? LAW_ALIGN_ABOVE_PAGE : law;
    if (call->align > 1)
        exercised(heap, used);
    if (address % call->align != 0)
        breach(call, used, call->align > heap->page ? "null, or a multiple of align" : "a multiple of align",
               "%#zx, a multiple of %zu only", (size_t)address, largest_power_of_two_in(address));
}

/* A huge request must be met in full or get null: a block with less memory mapped behind it comes from a size that was
 * wrapped. */
static bool is_really_there(const struct call *call, uintptr_t address, size_t size)
{
    struct heap *heap = call->heap;
    if (heap->refusing && heap_was_refused(heap) && !is_mapped(address, size, heap->page)) {
        exercised(heap, LAW_EXHAUSTION_NULL);
        breach(call, LAW_EXHAUSTION_NULL, "null, or a block", "%#zx, where nothing is mapped", (size_t)address);
        return false;
    }
    if (size < HUGE_REQUEST)
        return true;
    exercised(heap, LAW_NO_WRAP);
    if (is_mapped(address, size, heap->page))
        return true;
    breach(call, LAW_NO_WRAP, "null, or a block of that size", "%#zx, where no %zu bytes are mapped", (size_t)address,
           size);
    return false;
}

/* The usable size of this block, asked for as part of the call that made or resized it: a crash here is charged to that
 * call. */
static size_t block_usable_size(struct heap *heap, uintptr_t address)
{
    slot_reenter(slot_own(heap));
    size_t answer = candidate_block_usable_size(heap->candidate, (void *)address);
    slot_leave(slot_own(heap));
    return answer;
}

/* Where usable_size(size, align) has promised `extent` bytes, what is said of the block itself must grant them, and lie
 * in memory: more than was promised is legal, and the owner may use it, too. */
static void check_block_answer(const struct call *call, uintptr_t address, size_t extent)
{
    struct heap *heap = call->heap;
    size_t answer = block_usable_size(heap, address);
    uintptr_t last = address + answer - 1, promised = address + extent - 1;
    exercised(heap, LAW_AT_LEAST_SIZE);
    if (answer < extent)
        breach(call, LAW_AT_LEAST_SIZE, "a usable size of the block that is at least usable_size(size, align)",
               "usable size %zu of the block, and %zu of its size", answer, extent);
    else if (last < address ||
             (last / heap->page != promised / heap->page && !is_mapped(promised, answer - extent + 1, heap->page)))
        breach(call, LAW_SLACK_OWNED, "a usable size of the block that lies in memory",
               "usable size %zu of the block at %#zx, and %zu of its size", answer, (size_t)address, extent);
}

static size_t extent_of(const struct call *call, uintptr_t address, size_t size)
{
    struct heap *heap = call->heap;
    size_t extent = size;
    if (heap->has_pure_usable)
        extent = heap_usable_size(heap, size, call->align);
    else if (heap->has_block_usable)
        extent = block_usable_size(heap, address);
    else
        return size;
    exercised(heap, LAW_AT_LEAST_SIZE);
    if (extent < size)
        breach(call, LAW_AT_LEAST_SIZE, "a usable size of at least the size asked for", "usable size %zu for size %zu",
               extent, size);
    else if (address + extent < address ||
             (extent > size && extent >= HUGE_REQUEST && !is_mapped(address, extent, heap->page)))
        breach(call, LAW_SLACK_OWNED, "a usable size that lies in memory", "usable size %zu at %#zx", extent,
               (size_t)address);
    else {
        if (heap->has_pure_usable && heap->has_block_usable)
            check_block_answer(call, address, extent);
        return extent;
    }
    return size;
}

static void report_overlap(const struct call *call, const struct block *block, const struct block *other)
{
    uintptr_t low = block->address > other->address ? block->address : other->address;
    bool real = low < block->address + block->requested && low < other->address + other->requested;
    enum law law = block->requested == 0 ? LAW_C_ZERO_SIZE /* it has no bytes, but its address must still be unique */
                   : block->requested >= HUGE_REQUEST ? LAW_NO_WRAP
                   : real                             ? LAW_DISJOINT
                                                      : LAW_SLACK_OWNED;
    breach(call, law, "memory that no live block has",
           "%#zx (size %zu, usable %zu) overlaps live block %u at %#zx (size %zu, usable %zu)", (size_t)block->address,
           block->requested, block->extent, (unsigned)other->number, (size_t)other->address, other->requested,
           other->extent);
    taint(call->heap);
}

/* The owner's part is not played on such a block: the pattern would go over the harness's own tables. */
static void report_harness(const struct call *call, const struct block *block)
{
    bool real = own_memory_meets(block->address, block->requested);
    enum law law = block->requested >= HUGE_REQUEST ? LAW_NO_WRAP : real ? LAW_DISJOINT : LAW_SLACK_OWNED;
    breach(call, law, "memory of its own", "%#zx (size %zu, usable %zu) reaches memory of the harness",
           (size_t)block->address, block->requested, block->extent);
    taint(call->heap);
}

bool place_block(const struct call *call, struct block *block, void *answer, size_t size, enum law alignment_law)
{
    struct heap *heap = call->heap;
    uintptr_t address = (uintptr_t)answer;
    if (!is_really_there(call, address, size))
        return false;
    check_alignment(call, address, alignment_law);
    block->address = address;
    block->requested = size;
    block->extent = extent_of(call, address, size);
    block->is_empty = block->extent == 0; /* it has no bytes, but its address is still its own */
    block->extent += block->is_empty;
    block->origin = (uint8_t)call->operation;
    block->shrunk = 0;
    if (heap->blocks.count != 0)
        exercised(heap, LAW_DISJOINT);
    struct block *other = block_insert(&heap->blocks, block);
    if (other != NULL) {
        report_overlap(call, block, other);
        return false;
    }
    if (own_memory_meets(block->address, block->extent))
        report_harness(call, block);
    return !heap->tainted;
}

void check_zeroed(const struct call *call, struct block *block)
{
    struct heap *heap = call->heap;
    if (!heap->touches)
        return;
    size_t whole = block->requested <= ZERO_WHOLE ? block->requested : ZERO_WHOLE;
    touch_begin(heap, block, LAW_ACCESSIBLE, LAW_SLACK_OWNED);
    const void *memory = (const void *)block->address;
    pattern_bring(memory, block->extent);
    size_t bad = pattern_check_zero(memory, 0, whole);
    if (bad == SIZE_MAX && whole < block->requested)
        bad = pattern_check_zero(memory, block->requested - (1 << 20), block->requested);
    size_t slack = bad == SIZE_MAX && block->extent - block->requested < ZERO_WHOLE
                       ? pattern_check_zero(memory, block->requested, block->extent)
                       : SIZE_MAX;
    unsigned seen = bad == SIZE_MAX ? 0 : ((const unsigned char *)memory)[bad];
    touch_end(heap);
    exercised(heap, LAW_ZEROED);
    if (bad != SIZE_MAX)
        breach(call, LAW_ZEROED, "every byte of [0, size) reads 0", "byte %zu of the block at %#zx is 0x%02x", bad,
               (size_t)block->address, seen);
    if (slack != SIZE_MAX)
        flight_observe(heap->flight, heap->clause_of[LAW_ZEROED_SLACK],
                       "bytes past size may be non-zero (byte %zu of a block of %zu)", slack, block->requested);
    else if (block->extent > block->requested)
        exercised(heap, LAW_ZEROED_SLACK);
}

static void *ask(struct heap *heap, enum operation operation, size_t size, size_t align)
{
    return operation == OP_ALLOCATE ? candidate_allocate(heap->candidate, size, align)
                                    : candidate_allocate_zeroed(heap->candidate, size, align);
}

struct block *admit(const struct call *call, void *answer, size_t size, enum law alignment_law)
{
    struct heap *heap = call->heap;
    heap_lock(heap);
    struct block *block = block_new(&heap->blocks);
    if (block != NULL) {
        block->number = call->number;
        block->align_log2 = (uint8_t)__builtin_ctzll(call->align);
        block->thread = (uint8_t)flight_thread;
        if (!place_block(call, block, answer, size, alignment_law)) {
            block_free(&heap->blocks, block);
            block = NULL;
        }
    } else {
        taint(heap); /* more live blocks than the shadow has room for: the scenario ends here */
    }
    heap_unlock(heap);
    return block;
}

static struct block *allocate(struct heap *heap, enum operation operation, size_t size, size_t align)
{
    if (heap->tainted || !heap_has(heap, operation))
        return NULL;
    align = heap_align(heap, align);
    uint32_t number = __atomic_add_fetch(&heap->next_number, 1, __ATOMIC_RELAXED);
    struct call call = call_begin(heap, operation, NULL, number, 0, size, align);
    void *answer = ask(heap, operation, size, align);
    call_end(&call, (uintptr_t)answer);
    if (answer == NULL)
        return NULL;
    struct block *block = admit(&call, answer, size, operation == OP_ALLOCATE ? LAW_ALIGN_ALLOCATE : LAW_ALIGN_ZEROED);
    if (block == NULL)
        return NULL;
    if (operation == OP_ALLOCATE_ZEROED)
        check_zeroed(&call, block);
    owner_fill(heap, block, size >= HUGE_REQUEST ? LAW_NO_WRAP : LAW_ACCESSIBLE, LAW_SLACK_OWNED);
    return block;
}

struct block *heap_allocate(struct heap *heap, size_t size, size_t align)
{
    return allocate(heap, OP_ALLOCATE, size, align);
}

struct block *heap_allocate_zeroed(struct heap *heap, size_t size, size_t align)
{
    return allocate(heap, OP_ALLOCATE_ZEROED, size, align);
}

void heap_deallocate(struct heap *heap, struct block *block, size_t old_size)
{
    if (heap->tainted)
        return;
    heap_verify(heap, block);
    if (heap->tainted)
        return;
    heap_lock(heap);
    block_remove(&heap->blocks, block); /* before the call: another thread may be given the memory during it */
    heap_unlock(heap);
    struct call call = call_begin(heap, OP_DEALLOCATE, block, block->number, old_size, 0, block_align(block));
    candidate_deallocate(heap->candidate, (void *)block->address, old_size, block_align(block));
    call_end(&call, 0);
    if (old_size != block->requested)
        exercised(heap, LAW_DEALLOCATE_OLD_SIZE);
    if (block->shrunk)
        exercised(heap, LAW_INPLACE_SHRUNK);
    heap_lock(heap);
    block_free(&heap->blocks, block);
    heap_unlock(heap);
}
