/* reallocate and reallocate_inplace: what must survive a resizing, whether it is granted or refused. */
#include "harness/base/own_memory.h"
#include "harness/oracle/call.h"
#include "harness/oracle/pattern.h"

static size_t lesser(size_t a, size_t b) { return a < b ? a : b; }

static void put_back(const struct call *call, struct block *block)
{
    struct heap *heap = call->heap;
    heap_lock(heap);
    struct block *other = block_insert(&heap->blocks, block);
    heap_unlock(heap);
    if (other == NULL)
        return;
    breach(call, LAW_FAILURE_INTACT, "null leaves the old block to its owner",
           "null, and its memory was given to block %u at %#zx", (unsigned)other->number, (size_t)other->address);
    taint(heap);
}

void resize_check_failed(const struct call *call, struct block *block)
{
    struct heap *heap = call->heap;
    put_back(call, block);
    if (heap->tainted)
        return;
    if (call->size <= call->old_size)
        flight_observe(heap->flight, heap->clause_of[LAW_SHRINK_SUCCEEDS], "a shrink may answer null (%zu to %zu)",
                       call->old_size, call->size);
    size_t bad = owner_check(heap, block, block->pattern, block->extent, block->extent, LAW_FAILURE_INTACT);
    exercised(heap, LAW_FAILURE_INTACT);
    if (bad == SIZE_MAX)
        return;
    breach(call, LAW_FAILURE_INTACT, "null leaves the old block as it was",
           "null, and byte %zu of the old block changed", bad);
    taint(heap);
}

void resize_check_kept(const struct call *call, const struct block *block, const struct block *old)
{
    struct heap *heap = call->heap;
    size_t kept = lesser(call->old_size, call->size);
    size_t bad = owner_check(heap, block, old->pattern, old->extent, kept, LAW_ACCESSIBLE);
    exercised(heap, LAW_CONTENTS);
    if (kept > old->requested)
        exercised(heap, LAW_SLACK_CONTENTS);
    if (call->old_size != old->requested)
        exercised(heap, LAW_REALLOCATE_OLD_SIZE);
    if (call->size <= call->old_size)
        exercised(heap, LAW_SHRINK_SUCCEEDS);
    if (bad == SIZE_MAX)
        return;
    breach(call, bad < old->requested ? LAW_CONTENTS : LAW_SLACK_CONTENTS,
           "the first min(old_size, size) bytes are kept", "%#zx, where byte %zu of %zu is 0x%02x and was 0x%02x",
           (size_t)block->address, bad, kept, ((const unsigned char *)block->address)[bad],
           pattern_byte(old->pattern, bad));
}

bool heap_reallocate(struct heap *heap, struct block *block, size_t old_size, size_t size)
{
    if (heap->tainted || !heap_has(heap, OP_REALLOCATE))
        return false;
    heap_verify(heap, block);
    if (heap->tainted)
        return false;
    struct block old = *block;
    heap_lock(heap);
    block_remove(&heap->blocks, block); /* during the call it belongs to nobody */
    heap_unlock(heap);
    struct call call = call_begin(heap, OP_REALLOCATE, block, block->number, old_size, size, block_align(block));
    void *answer = candidate_reallocate(heap->candidate, (void *)block->address, old_size, size, block_align(block));
    call_end(&call, (uintptr_t)answer);
    if (answer == NULL) {
        resize_check_failed(&call, block);
        return false;
    }
    if (old.shrunk)
        exercised(heap, LAW_INPLACE_SHRUNK);
    heap_lock(heap);
    bool live = place_block(&call, block, answer, size, LAW_ALIGN_REALLOCATE);
    heap_unlock(heap);
    if (!live) {
        taint(heap); /* the old block is gone and the new one is not usable */
        return false;
    }
    resize_check_kept(&call, block, &old);
    owner_fill(heap, block, LAW_ACCESSIBLE, LAW_SLACK_OWNED);
    return true;
}

/* ---- in place ---- */

struct inplace {
    struct call call;
    struct block *block;
    size_t before, after; /* usable_size(old_size), usable_size(size) */
    size_t answer;
};

static bool granted(const struct inplace *ask)
{
    return ask->call.size > ask->call.old_size ? ask->answer >= ask->call.size : ask->answer == ask->after;
}

static void check_answer(const struct inplace *ask)
{
    struct heap *heap = ask->call.heap;
    exercised(heap, LAW_INPLACE_ANSWER);
    if (ask->call.size == ask->call.old_size) {
        exercised(heap, LAW_INPLACE_NO_OP);
        if (ask->answer != ask->after)
            breach(&ask->call, LAW_INPLACE_NO_OP, "usable_size(size) for equal sizes",
                   "%zu, and usable_size(size) is %zu", ask->answer, ask->after);
    } else if (ask->answer != ask->after && ask->answer != ask->before) {
        breach(&ask->call, LAW_INPLACE_ANSWER, "usable_size(size) or usable_size(old_size)",
               "%zu, and these are %zu and %zu", ask->answer, ask->after, ask->before);
        taint(heap); /* nobody can know what the block's size is now */
    }
}

/* Sets how many bytes are the owner's. While a shrink is under way its tail may be given to somebody else; after a
 * refusal it must still be the owner's, and `overlapped` is the block that lies inside, or NULL. */
static void set_extent(struct heap *heap, struct block *block, size_t extent, struct block **overlapped)
{
    heap_lock(heap);
    block->extent = extent;
    struct block *above = block_above(&heap->blocks, block->address);
    *overlapped = above != NULL && above->address - block->address < extent ? above : NULL;
    heap_unlock(heap);
}

static void check_overlap(const struct inplace *ask, const struct block *other, enum law law)
{
    if (other == NULL)
        return;
    exercised(ask->call.heap, law);
    breach(&ask->call, law, "memory that no other block has", "%zu, and block %u at %#zx lies inside", ask->answer,
           (unsigned)other->number, (size_t)other->address);
    taint(ask->call.heap);
}

static void check_harness(const struct inplace *ask, enum law law)
{
    if (ask->call.heap->tainted || !own_memory_meets(ask->block->address, ask->block->extent))
        return;
    breach(&ask->call, law, "memory of its own", "%zu, and the block of %zu bytes reaches memory of the harness",
           ask->answer, ask->block->extent);
    taint(ask->call.heap);
}

static void check_refused(const struct inplace *ask, size_t old_extent)
{
    struct heap *heap = ask->call.heap;
    struct block *other;
    set_extent(heap, ask->block, old_extent, &other);
    check_overlap(ask, other, LAW_INPLACE_REFUSAL);
    if (heap->tainted)
        return;
    size_t bad = owner_check(heap, ask->block, ask->block->pattern, old_extent, old_extent, LAW_INPLACE_REFUSAL);
    exercised(heap, LAW_INPLACE_REFUSAL);
    if (bad == SIZE_MAX)
        return;
    breach(&ask->call, LAW_INPLACE_REFUSAL, "a refusal changes nothing", "%zu, and byte %zu of the block changed",
           ask->answer, bad);
    taint(heap);
}

static size_t granted_extent(const struct inplace *ask)
{
    struct heap *heap = ask->call.heap;
    if (heap->has_pure_usable || !heap->has_block_usable)
        return ask->after;
    size_t extent = candidate_block_usable_size(heap->candidate, (void *)ask->block->address);
    return extent < ask->call.size ? ask->call.size : extent;
}

static void check_granted(const struct inplace *ask, size_t old_extent)
{
    struct heap *heap = ask->call.heap;
    struct block *block = ask->block, *other;
    bool grown = ask->call.size > ask->call.old_size;
    uint32_t pattern = block->pattern;
    size_t kept = lesser(ask->call.old_size, ask->call.size);
    set_extent(heap, block, granted_extent(ask), &other);
    check_overlap(ask, other, grown ? LAW_INPLACE_GROWN : LAW_INPLACE_SHRUNK);
    check_harness(ask, grown ? LAW_INPLACE_GROWN : LAW_INPLACE_SHRUNK);
    if (heap->tainted)
        return;
    /* Where both answers are the same number nobody can tell a grant from a refusal: only what is legal after both is
     * used. */
    bool ambiguous = ask->before == ask->after;
    block->requested = ambiguous && !grown && block->requested > ask->call.size ? block->requested : ask->call.size;
    block->shrunk = !grown && !ambiguous;
    block->origin = OP_REALLOCATE_INPLACE;
    size_t bad = owner_check(heap, block, pattern, old_extent, kept, LAW_INPLACE_CONTENTS);
    exercised(heap, LAW_INPLACE_CONTENTS);
    if (bad != SIZE_MAX)
        breach(&ask->call, LAW_INPLACE_CONTENTS, "the first min(old_size, size) bytes are kept",
               "%zu, and byte %zu changed", ask->answer, bad);
    owner_fill(heap, block, grown ? LAW_INPLACE_GROWN : LAW_ACCESSIBLE, grown ? LAW_INPLACE_GROWN : LAW_SLACK_OWNED);
}

bool heap_reallocate_inplace(struct heap *heap, struct block *block, size_t old_size, size_t size)
{
    size_t align = block_align(block), old_extent = block->extent;
    if (heap->tainted || !heap_may_resize_inplace(heap, old_size, size, align))
        return false;
    heap_verify(heap, block);
    struct inplace ask = {.block = block,
                          .before = heap_usable_size(heap, old_size, align),
                          .after = heap_usable_size(heap, size, align)};
    if (heap->tainted)
        return false;
    ask.call = call_begin(heap, OP_REALLOCATE_INPLACE, block, block->number, old_size, size, align);
    if (heap->parallel && size < old_size)
        set_extent(heap, block, lesser(old_extent, ask.after), &(struct block *){NULL});
    ask.answer = candidate_reallocate_inplace(heap->candidate, (void *)block->address, old_size, size, align);
    call_end(&ask.call, ask.answer);
    check_answer(&ask);
    if (heap->tainted)
        return false;
    if (granted(&ask))
        check_granted(&ask, old_extent);
    else
        check_refused(&ask, old_extent);
    return granted(&ask) && !heap->tainted;
}
