#include "harness/oracle/heap.h"

#include <stdio.h>
#include <unistd.h>

#include "harness/base/prng.h"
#include "harness/oracle/call.h"
#include "harness/oracle/pattern.h"

bool heap_create(struct heap *heap, const struct candidate *candidate, struct flight *flight,
                 int (*clause_index)(const char *id), size_t capacity, struct error *error)
{
    *heap = (struct heap){.candidate = candidate,
                          .flight = flight,
                          .crash_clause = -1,
                          .hang_clause = -1,
                          .touches = true,
                          .clause_index = clause_index,
                          .page = (size_t)sysconf(_SC_PAGESIZE),
                          .lock = PTHREAD_MUTEX_INITIALIZER,
                          .max_align = candidate_max_align(candidate),
                          .has_pure_usable = candidate_has_pure_usable_size(candidate),
                          .has_block_usable = candidate_has_block_usable_size(candidate)};
    for (int operation = 0; operation < OPERATIONS; operation++) {
        heap->has[operation] = candidate_has(candidate, (enum operation)operation);
        heap->calls[operation] = candidate_calls(candidate, (enum operation)operation);
    }
    for (int law = 0; law < LAW_COUNT; law++)
        heap->clause_of[law] = clause_index(law_id((enum law)law));
    if (!block_set_create(&heap->blocks, capacity))
        return error_set(error, "no memory for the shadow of %zu blocks", capacity);
    return true;
}

static uint64_t seal_of(const struct heap *heap)
{
    uint64_t seal = prng_mix(heap->flight->nonce + (uintptr_t)heap->candidate);
    seal = prng_mix(seal + (uintptr_t)heap->blocks.arena.base);
    for (int law = 0; law < LAW_COUNT; law++)
        seal = prng_mix(seal + (uint64_t)(int64_t)heap->clause_of[law]);
    seal = prng_mix(seal + heap->page) + heap->max_align;
    const uint8_t flags[] = {heap->old_size_is_exact, heap->has_pure_usable, heap->has_block_usable, heap->touches};
    for (size_t i = 0; i < sizeof flags; i++)
        seal = prng_mix(seal + flags[i]);
    for (int operation = 0; operation < OPERATIONS; operation++)
        seal = prng_mix(seal + heap->has[operation]);
    return seal;
}

void heap_seal(struct heap *heap) { heap->seal = seal_of(heap); }

bool heap_is_whole(const struct heap *heap)
{
    bool by_a_check = heap->taint_seal == prng_mix(heap->seal) || heap->flight->finding_count > 0;
    return heap->seal == seal_of(heap) && (!heap->tainted || by_a_check);
}

void taint(struct heap *heap)
{
    heap->taint_seal = prng_mix(heap->seal);
    heap->tainted = true;
}

void heap_go_parallel(struct heap *heap) { heap->parallel = true; }

bool heap_may_resize_inplace(struct heap *heap, size_t old_size, size_t size, size_t align)
{
    if (!heap_has(heap, OP_REALLOCATE_INPLACE))
        return false;
    return !heap->old_size_is_exact || size == old_size ||
           heap_usable_size(heap, size, align) != heap_usable_size(heap, old_size, align);
}

size_t heap_ask_usable_size(struct heap *heap, size_t size, size_t align)
{
    align = heap_align(heap, align);
    if (!heap_has(heap, OP_USABLE_SIZE))
        return size;
    struct call call = call_begin(heap, OP_USABLE_SIZE, NULL, 0, 0, size, align);
    size_t answer = candidate_usable_size(heap->candidate, size, align);
    call_end(&call, answer);
    return answer;
}

/* The same question must get the same answer: one hit in sixteen is asked again. */
static size_t remembered(struct heap *heap, struct usable_memo *memo, size_t size, size_t align)
{
    if (++memo->uses % 16 != 0)
        return memo->answer;
    struct call call = {.heap = heap, .operation = OP_USABLE_SIZE, .size = size, .align = align};
    size_t answer = heap_ask_usable_size(heap, size, align);
    exercised(heap, LAW_PURE);
    if (answer != memo->answer)
        breach(&call, LAW_PURE, "the same answer as before to the same question", "%zu, and %zu before", answer,
               memo->answer);
    return memo->answer;
}

size_t heap_usable_size(struct heap *heap, size_t size, size_t align)
{
    align = heap_align(heap, align);
    if (!heap->has_pure_usable || heap->tainted)
        return size;
    if (heap->parallel) /* the memo is for one thread only */
        return heap_ask_usable_size(heap, size, align);
    uint8_t align_log2 = (uint8_t)__builtin_ctzll(align);
    uint64_t hash = prng_mix((uint64_t)size * 64 + align_log2);
    struct usable_memo *memo = &heap->usable_cache[hash % HEAP_USABLE_CACHE];
    if (memo->uses != 0 && memo->size == size && memo->align_log2 == align_log2)
        return remembered(heap, memo, size, align);
    *memo = (struct usable_memo){size, heap_ask_usable_size(heap, size, align), 1, align_log2};
    return memo->answer;
}

size_t heap_old_size_low(const struct block *block) { return block->requested; }

size_t heap_old_size_high(struct heap *heap, const struct block *block)
{
    return heap->has_pure_usable && !heap->old_size_is_exact ? block->extent : block->requested;
}

size_t heap_old_size_at(struct heap *heap, const struct block *block, enum old_size_place place, uint64_t step)
{
    size_t low = heap_old_size_low(block), high = heap_old_size_high(heap, block);
    if (place == OLD_SIZE_REQUESTED || high <= low)
        return low;
    if (place == OLD_SIZE_USABLE)
        return high;
    return low + (size_t)(step % (high - low + 1));
}

size_t owner_check(struct heap *heap, const struct block *block, uint32_t pattern, size_t extent, size_t limit,
                   enum law within)
{
    if (!heap->touches || pattern == 0)
        return SIZE_MAX;
    touch_begin(heap, block, within, LAW_SLACK_OWNED);
    size_t bad = pattern_check((void *)block->address, extent, limit, pattern);
    touch_end(heap);
    return bad;
}

void owner_fill(struct heap *heap, struct block *block, enum law within, enum law beyond)
{
    if (!heap->touches || block->is_empty)
        return;
    if (heap->refusing && heap_was_refused(heap) &&
        within == LAW_ACCESSIBLE) /* the block may lie where memory was refused */
        within = LAW_EXHAUSTION_NULL;
    block->pattern = __atomic_add_fetch(&heap->next_pattern, 1, __ATOMIC_RELAXED) | 1u << 31;
    touch_begin(heap, block, within, beyond);
    pattern_fill((void *)block->address, block->extent, block->pattern);
    touch_end(heap);
    exercised(heap, within);
    if (block->extent > block->requested)
        exercised(heap, beyond);
}

static void report_disturbed(struct heap *heap, struct block *block, size_t bad)
{
    char message[256], actual[256];
    enum law law = bad < block->requested ? LAW_UNDISTURBED : LAW_SLACK_OWNED;
    snprintf(message, sizeof message, "block %u at %#zx (size %zu, usable %zu, align %zu) changed while it was live",
             (unsigned)block->number, (size_t)block->address, block->requested, block->extent, block_align(block));
    snprintf(actual, sizeof actual, "byte %zu is 0x%02x, its owner wrote 0x%02x", bad,
             ((unsigned char *)block->address)[bad], pattern_byte(block->pattern, bad));
    flight_violated(heap->flight, heap->clause_of[law], message, "the bytes its owner wrote", actual);
    taint(heap);
}

void heap_verify(struct heap *heap, struct block *block)
{
    if (heap->tainted)
        return;
    size_t bad = owner_check(heap, block, block->pattern, block->extent, block->extent, LAW_UNDISTURBED);
    exercised(heap, LAW_UNDISTURBED);
    if (bad != SIZE_MAX)
        report_disturbed(heap, block, bad);
}

void heap_verify_neighbours(struct heap *heap, struct block *block)
{
    struct block *below = block->address == 0 ? NULL : block_at_or_below(&heap->blocks, block->address - 1);
    struct block *above = block_above(&heap->blocks, block->address);
    if (below != NULL)
        heap_verify(heap, below);
    if (above != NULL)
        heap_verify(heap, above);
}

void heap_verify_all(struct heap *heap)
{
    struct event event = {.kind = EVENT_VERIFY, .thread = (uint8_t)flight_thread};
    flight_tape(heap->flight, &event);
    for (struct block *block = block_first(&heap->blocks); block != NULL && !heap->tainted;
         block = block_next(&heap->blocks, block))
        heap_verify(heap, block);
}

void heap_blame_crashes_on(struct heap *heap, const char *clause_id)
{
    bool is_alone = heap->flight->alone_calls > 0; /* what one thread does alone is laid to nothing but the call */
    heap->crash_clause = clause_id == NULL || is_alone ? -1 : heap->clause_index(clause_id);
}

int heap_crash_clause(const struct heap *heap) { return heap->crash_clause; }

int heap_refused_clause(const struct heap *heap)
{
    if (heap->refusing)
        return heap->clause_of[LAW_EXHAUSTION_NULL];
    return heap->has_refused ? heap->clause_of[LAW_EXHAUSTION_RECOVERS] : -1;
}

bool heap_was_refused(const struct heap *heap) { return atomic_load(&heap->flight->refusals) > 0; }

void heap_blame_hangs_on(struct heap *heap, const char *clause_id)
{
    bool is_alone = heap->flight->alone_calls > 0;
    heap->hang_clause = clause_id == NULL || is_alone ? -1 : heap->clause_index(clause_id);
}
