#include "harness/oracle/c_heap.h"

#include "harness/oracle/c_contents.h"
#include "harness/oracle/c_law.h"

/* ---- what is defined ---- */

static bool is_origin(const struct block *block, enum c_function function)
{
    return block->origin == c_origin(function);
}

/* C23 7.24.3.4: free_sized takes what malloc, calloc and realloc gave; 7.24.3.5: free_aligned_sized what aligned_alloc
 * gave. */
static bool may_free(enum c_function function, const struct block *block)
{
    if (block == NULL)
        return function == C_FREE || function == C_FREE_SIZED;
    if (function == C_FREE_SIZED)
        return is_origin(block, C_MALLOC) || is_origin(block, C_CALLOC) || is_origin(block, C_REALLOC);
    /* Of no bytes: what alignment it was asked for with is not known any more. */
    return function == C_FREE || (is_origin(block, C_ALIGNED_ALLOC) && block->requested != 0);
}

static bool may_align(const struct heap *heap, enum c_function function, size_t first)
{
    if (!c_takes(function, C_ALIGN))
        return true;
    bool is_power = first != 0 && (first & (first - 1)) == 0;
    return is_power ? first <= heap->max_align : function != C_MEMALIGN; /* memalign: "must be a power of two" */
}

bool heap_c_may(const struct heap *heap, enum c_function function, const struct block *block, size_t first, size_t size)
{
    if (heap->tainted || !candidate_has_c(heap->candidate, function))
        return false;
    switch (c_shape(function)->role) {
    case C_MAKES: return block == NULL && may_align(heap, function, first);
    case C_FREES: return may_free(function, block);
    case C_RESIZES: break;
    case C_ASKS: return true;
    }
    bool is_nothing = size == 0 || (c_takes(function, C_COUNT) && first == 0);
    return function == C_REALLOCARR ? !is_nothing : block == NULL || !is_nothing;
}

/* ---- one call ---- */

static void begin(struct c_try *try, struct heap *heap, struct block *block, uint32_t number, size_t size)
{
    bool of_null = block == NULL && c_shape(try->function)->role != C_MAKES;
    size_t count = c_takes(try->function, C_COUNT) ? try->first : 1;
    try->overflows = !c_product(count, size, &try->bytes);
    try->is_resize = block != NULL && c_shape(try->function)->role == C_RESIZES;
    try->before = block != NULL ? block->address : 0;
    if (try->function == C_POSIX_MEMALIGN) /* any value that is no block's */
        try->before = (uintptr_t)0x5a5a5a50;
    try->errno_before = heap->next_number % 2 == 0 ? 4711 : 7214; /* no error's number */
    struct event event = {.kind = EVENT_C,
                          .align_log2 = (uint8_t)try->function,
                          .thread = (uint8_t)flight_thread,
                          .old_size_place = of_null,
                          .block = number,
                          .size = size,
                          .old_size_step = try->first};
    try->call = (struct call){.heap = heap,
                              .operation = (enum operation)(OPERATIONS + (int)try->function),
                              .number = number,
                              .address = block == NULL ? 0 : block->address,
                              .old_size = block == NULL ? 0 : block->requested,
                              .size = size,
                              .align = 1,
                              .first = try->first,
                              .c_size = size};
    call_enter(&try->call, &event, c_crash_clause(try, heap, of_null));
}

static void make_call(struct c_try *try, size_t size)
{
    struct c_request request = {.function = try->function,
                                .pointer = (void *)try->before,
                                .first = try->first,
                                .size = size,
                                .errno_before = try->errno_before};
    const struct c_shape *shape = c_shape(try->function);
    try->answer = candidate_call_c(try->call.heap->candidate, &request);
    if (!shape->answers_code)
        try->address = shape->role == C_MAKES || shape->role == C_RESIZES ? try->answer.result : 0;
    else
        try->address = try->answer.result == 0 ? try->answer.out : 0;
    call_end(&try->call, shape->answers_code ? try->address : try->answer.result);
    size_t align = c_promised_align(try->call.heap, try->function, try->first, try->overflows ? 0 : try->bytes);
    try->call.align = align == 0 ? 1 : align;
    try->call.size = try->overflows ? SIZE_MAX : try->bytes;
}

static enum law alignment_law(enum c_function function)
{
    return c_takes(function, C_ALIGN) ? LAW_C_ALIGNED : LAW_C_ALIGNMENT;
}

static struct block *admit_new(struct c_try *try)
{
    struct heap *heap = try->call.heap;
    struct block *block = admit(&try->call, (void *)try->address, try->bytes, alignment_law(try->function));
    if (block == NULL)
        return NULL;
    if (try->function == C_CALLOC)
        check_zeroed(&try->call, block);
    else
        c_contents_learn(heap, block);
    owner_fill(heap, block, try->bytes >= HUGE_REQUEST ? LAW_NO_WRAP : LAW_ACCESSIBLE, LAW_SLACK_OWNED);
    return block;
}

/* ---- making, resizing, freeing, asking ---- */

/* A block that was made, by a function of either role. */
static struct c_outcome made(struct c_try *try)
{
    struct c_outcome outcome = {.asked = true, .answer = try->answer};
    if (try->address == 0)
        c_check_failure(try);
    else if (c_check_success(try))
        outcome.block = admit_new(try);
    return outcome;
}

struct c_outcome heap_c_allocate(struct heap *heap, enum c_function function, size_t first, size_t size)
{
    struct c_try try = {.function = function, .first = first};
    if (c_shape(function)->role != C_MAKES || !heap_c_may(heap, function, NULL, first, size))
        return (struct c_outcome){0};
    begin(&try, heap, NULL, __atomic_add_fetch(&heap->next_number, 1, __ATOMIC_RELAXED), size);
    make_call(&try, size);
    return made(&try);
}

static struct c_outcome resize_null(struct heap *heap, enum c_function function, size_t first, size_t size)
{
    struct c_try try = {.function = function, .first = first};
    begin(&try, heap, NULL, __atomic_add_fetch(&heap->next_number, 1, __ATOMIC_RELAXED), size);
    make_call(&try, size);
    exercised(heap, LAW_C_REALLOC_NULL);
    return made(&try);
}

static struct block *resized(struct c_try *try, struct block *block, const struct block *old)
{
    struct heap *heap = try->call.heap;
    if (!c_check_success(try)) {
        taint(heap); /* the old block is gone, and what there is instead is too small */
        return NULL;
    }
    block->align_log2 = (uint8_t)__builtin_ctzll(try->call.align); /* what realloc promises, whatever made the block */
    heap_lock(heap);
    bool live = place_block(&try->call, block, (void *)try->address, try->bytes, LAW_C_ALIGNMENT);
    heap_unlock(heap);
    if (!live) {
        taint(heap);
        return NULL;
    }
    resize_check_kept(&try->call, block, old);
    owner_fill(heap, block, LAW_ACCESSIBLE, LAW_SLACK_OWNED);
    return block;
}

struct c_outcome heap_c_resize(struct heap *heap, enum c_function function, struct block *block, size_t first,
                               size_t size)
{
    struct c_try try = {.function = function, .first = first};
    if (c_shape(function)->role != C_RESIZES || !heap_c_may(heap, function, block, first, size))
        return (struct c_outcome){0};
    if (block == NULL)
        return resize_null(heap, function, first, size);
    heap_verify(heap, block);
    if (heap->tainted)
        return (struct c_outcome){0};
    struct block old = *block;
    heap_lock(heap);
    block_remove(&heap->blocks, block); /* during the call it belongs to nobody */
    heap_unlock(heap);
    begin(&try, heap, block, block->number, size);
    make_call(&try, size);
    struct c_outcome outcome = {.asked = true, .answer = try.answer};
    bool failed = c_shape(function)->answers_code ? try.answer.result != 0 : try.address == 0;
    if (!failed) {
        outcome.block = resized(&try, block, &old);
        return outcome;
    }
    c_check_failure(&try);
    resize_check_failed(&try.call, block);
    return outcome;
}

struct c_outcome heap_c_free(struct heap *heap, enum c_function function, struct block *block)
{
    struct c_try try = {.function = function,
                        .first = block == NULL || function != C_FREE_ALIGNED_SIZED ? 0 : block_align(block)};
    if (c_shape(function)->role != C_FREES || !heap_c_may(heap, function, block, try.first, 0))
        return (struct c_outcome){0};
    if (block != NULL) {
        heap_verify(heap, block);
        if (heap->tainted)
            return (struct c_outcome){0};
        c_contents_leave(heap, block);
        c_contents_freed(heap, block->address);
        heap_lock(heap);
        block_remove(&heap->blocks, block); /* before the call: another thread may be given the memory during it */
        heap_unlock(heap);
    }
    size_t size = block == NULL || function == C_FREE ? 0 : block->requested;
    begin(&try, heap, block, block == NULL ? 0 : block->number, size);
    make_call(&try, size);
    c_check_free(&try, block == NULL);
    if (block != NULL) {
        heap_lock(heap);
        block_free(&heap->blocks, block);
        heap_unlock(heap);
    }
    return (struct c_outcome){.asked = true, .answer = try.answer};
}

struct c_outcome heap_c_ask(struct heap *heap, struct block *block)
{
    struct c_try try = {.function = C_MALLOC_USABLE_SIZE};
    if (!heap_c_may(heap, C_MALLOC_USABLE_SIZE, block, 0, 0))
        return (struct c_outcome){0};
    begin(&try, heap, block, block == NULL ? 0 : block->number, 0);
    make_call(&try, 0);
    enum law law = block == NULL ? LAW_C_USABLE_NULL : LAW_AT_LEAST_SIZE;
    size_t least = block == NULL ? 0 : block->requested, usable = (size_t)try.answer.result;
    exercised(heap, law);
    if (block == NULL ? usable != 0 : usable < least)
        breach(&try.call, law, block == NULL ? "0 for a null pointer" : "a usable size of at least the size asked for",
               "%zu", usable);
    return (struct c_outcome){.asked = true, .block = block, .answer = try.answer};
}

/* ---- blocks that libc makes through the candidate ---- */

void heap_c_libc_begin(struct heap *heap, size_t size)
{
    struct call call = {
        .heap = heap, .operation = (enum operation)(OPERATIONS + C_MALLOC), .size = size, .c_size = size, .align = 1};
    int everywhere = heap_crash_clause(heap);
    call_enter(&call, NULL, everywhere >= 0 ? everywhere : heap->clause_of[LAW_RETURNS]);
}

void heap_c_libc_end(struct heap *heap)
{
    call_end(&(struct call){.heap = heap, .operation = (enum operation)(OPERATIONS + C_MALLOC), .align = 1}, 0);
}

/* On the tape stands the malloc that libc made in all likelihood: a replay has no libc between. */
struct block *heap_c_adopt(struct heap *heap, void *address, size_t size)
{
    struct c_try try = {.function = C_MALLOC, .bytes = size, .address = (uintptr_t)address};
    if (heap->tainted || address == NULL)
        return NULL;
    uint32_t number = __atomic_add_fetch(&heap->next_number, 1, __ATOMIC_RELAXED);
    struct event event = {.kind = EVENT_C,
                          .align_log2 = C_MALLOC,
                          .thread = (uint8_t)flight_thread,
                          .block = number,
                          .size = size,
                          .answer = (uintptr_t)address,
                          .returned = 1};
    flight_tape(heap->flight, &event);
    try.call = (struct call){.heap = heap,
                             .operation = (enum operation)(OPERATIONS + C_MALLOC),
                             .number = number,
                             .size = size,
                             .c_size = size,
                             .align = c_promised_align(heap, C_MALLOC, 0, size)};
    struct block *block = admit_new(&try);
    if (block != NULL)
        block->origin = (uint8_t)(OPERATIONS + C_FUNCTIONS); /* what exactly was asked for only libc knows */
    return block;
}
