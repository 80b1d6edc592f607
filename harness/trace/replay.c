#include "harness/trace/replay.h"

#include "harness/oracle/c_heap.h"
#include "harness/refusal/refuse.h"
#include "harness/trace/crew.h"
#include "harness/trace/live.h"
#include "harness/trace/record.h"
#include "harness/trace/setting.h"

struct replay {
    struct heap *heap;
    struct live live;
    struct crew crew;
    const struct event *event;      /* the one whose turn it is */
    size_t last_of[FLIGHT_THREADS]; /* index behind the last event of each thread; 0: it has none */
    bool is_parallel, refuses;
};

/* ---- what is legal here ---- */

static bool is_size(uint64_t size) { return size >= 1 && size <= SIZE_MAX; }

static bool is_align(const struct heap *heap, unsigned align_log2)
{
    return align_log2 < sizeof(size_t) * 8 && (size_t)1 << align_log2 <= heap->max_align;
}

static bool can_allocate(struct replay *replay, const struct event *event)
{
    return event->block != 0 && is_size(event->size) && is_align(replay->heap, event->align_log2) &&
           candidate_has(replay->heap->candidate, (enum operation)event->kind) &&
           *live_at(&replay->live, event->block) == NULL;
}

static bool can_resize(struct replay *replay, const struct event *event)
{
    return event->block != 0 && is_size(event->size) && *live_at(&replay->live, event->block) != NULL &&
           candidate_has(replay->heap->candidate, (enum operation)event->kind);
}

/* ---- one event ---- */

static size_t old_size_of(struct heap *heap, const struct block *block, const struct event *event)
{
    return heap_old_size_at(heap, block, (enum old_size_place)event->old_size_place, event->old_size_step);
}

static void allocate(struct replay *replay, const struct event *event)
{
    struct heap *heap = replay->heap;
    size_t size = (size_t)event->size, align = (size_t)1 << event->align_log2;
    *live_at(&replay->live, event->block) =
        event->kind == OP_ALLOCATE ? heap_allocate(heap, size, align) : heap_allocate_zeroed(heap, size, align);
}

static void resize(struct replay *replay, const struct event *event)
{
    struct heap *heap = replay->heap;
    struct block *block = *live_at(&replay->live, event->block);
    size_t old_size = old_size_of(heap, block, event);
    if (event->kind == OP_REALLOCATE)
        heap_reallocate(heap, block, old_size, (size_t)event->size);
    else
        heap_reallocate_inplace(heap, block, old_size, (size_t)event->size);
}

static void deallocate(struct replay *replay, const struct event *event)
{
    struct block **place = event->block == 0 ? NULL : live_at(&replay->live, event->block);
    if (place == NULL || *place == NULL)
        return;
    struct block *block = *place;
    *place = NULL;
    heap_deallocate(replay->heap, block, old_size_of(replay->heap, block, event));
}

/* ---- C's functions ---- */

/* The block that the event takes: false where it takes one that is not live here, or makes one under a number that is
 * taken. */
static bool c_block(struct replay *replay, const struct event *event, struct block **block)
{
    enum c_role role = c_shape((enum c_function)event->align_log2)->role;
    bool of_null = event->old_size_place != 0, makes = role == C_MAKES || (role == C_RESIZES && of_null);
    *block = event->block == 0 ? NULL : *live_at(&replay->live, event->block);
    if (makes)
        return event->block != 0 && *block == NULL;
    if (of_null)
        *block = NULL;
    return of_null || *block != NULL;
}

static void call_c(struct replay *replay, const struct event *event)
{
    struct heap *heap = replay->heap;
    struct block *block;
    if (event->align_log2 >= C_FUNCTIONS || event->size > SIZE_MAX || event->old_size_step > SIZE_MAX ||
        !c_block(replay, event, &block))
        return;
    enum c_function function = (enum c_function)event->align_log2;
    size_t first = (size_t)event->old_size_step, size = (size_t)event->size;
    struct c_outcome outcome = {0};
    switch (c_shape(function)->role) {
    case C_MAKES: outcome = heap_c_allocate(heap, function, first, size); break;
    case C_RESIZES: outcome = heap_c_resize(heap, function, block, first, size); break;
    case C_FREES: outcome = heap_c_free(heap, function, block); break;
    case C_ASKS: heap_c_ask(heap, block); return;
    }
    if (event->block == 0 || !outcome.asked)
        return;
    bool kept = c_shape(function)->role == C_RESIZES && block != NULL && outcome.block == NULL;
    *live_at(&replay->live, event->block) = kept ? block : outcome.block;
}

/* Run by the thread the event names. */
static void act(void *context)
{
    struct replay *replay = context;
    const struct event *event = replay->event;
    switch (event->kind) {
    case OP_ALLOCATE:
    case OP_ALLOCATE_ZEROED:
        if (can_allocate(replay, event))
            allocate(replay, event);
        break;
    case OP_REALLOCATE:
    case OP_REALLOCATE_INPLACE:
        if (can_resize(replay, event))
            resize(replay, event);
        break;
    case OP_DEALLOCATE: deallocate(replay, event); break;
    case OP_USABLE_SIZE:
        if (is_size(event->size) && is_align(replay->heap, event->align_log2))
            heap_usable_size(replay->heap, (size_t)event->size, (size_t)1 << event->align_log2);
        break;
    case EVENT_VERIFY: heap_verify_all(replay->heap); break;
    case EVENT_REFUSE: record_refuse_from(replay->heap, event->size); break;
    case EVENT_REFUSE_ONCE: record_refuse_only(replay->heap, event->size); break;
    case EVENT_C: call_c(replay, event); break;
    case EVENT_GUARD: record_guard(replay->heap, event->size); break;
    case EVENT_SETTING: record_set(replay->heap, (enum setting)event->align_log2, event->size); break;
    default: break;
    }
}

/* ---- threads ---- */

static void enter_thread(void *context, int thread)
{
    struct heap *heap = ((struct replay *)context)->heap;
    record_thread_begin(heap, thread);
    candidate_enter_thread(heap->candidate);
}

static void leave_thread(void *context, int thread)
{
    struct heap *heap = ((struct replay *)context)->heap;
    (void)thread;
    record_thread_end(heap);
    candidate_leave_thread(heap->candidate);
}

static void thread_gone(void *context, int thread) { record_thread_gone(((struct replay *)context)->heap, thread); }

static void survey(struct replay *replay, const struct event *events, size_t count)
{
    unsigned most = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned thread = events[i].thread;
        replay->refuses |= events[i].kind == EVENT_REFUSE || events[i].kind == EVENT_REFUSE_ONCE;
        if (thread == 0 || thread >= FLIGHT_THREADS)
            continue;
        replay->last_of[thread] = i + 1;
        most = thread > most ? thread : most;
    }
    replay->is_parallel = most > 0;
    if (most + 1 > atomic_load(&replay->heap->flight->threads))
        atomic_store(&replay->heap->flight->threads, most + 1);
}

static void step(struct replay *replay, size_t index, const struct event *event)
{
    int thread = event->thread;
    replay->event = event;
    if (thread >= FLIGHT_THREADS)
        return;
    if (thread == 0) {
        act(replay);
        return;
    }
    if (event->kind != EVENT_THREAD_END)
        crew_do(&replay->crew, thread);
    if (event->kind == EVENT_THREAD_END || index + 1 == replay->last_of[thread])
        crew_end(&replay->crew, thread);
}

bool trace_replay(struct heap *heap, const struct event *events, size_t count)
{
    struct replay replay = {.heap = heap,
                            .crew = {.lock = PTHREAD_MUTEX_INITIALIZER,
                                     .turn = PTHREAD_COND_INITIALIZER,
                                     .enter = enter_thread,
                                     .leave = leave_thread,
                                     .gone = thread_gone,
                                     .job = act}};
    replay.crew.context = &replay;
    if (!live_create(&replay.live, count))
        return false;
    survey(&replay, events, count);
    if (replay.is_parallel)
        heap_go_parallel(heap);
    if (replay.refuses)
        refuse_prepare();
    for (size_t i = 0; i < count && !heap->tainted; i++)
        step(&replay, i, &events[i]);
    if (replay.refuses)
        refuse_from(0);
    heap->refusing = false;
    setting_apply(SETTING_STACK, 0);
    setting_apply(SETTING_KEEP, 0);
    crew_end_all(&replay.crew);
    live_destroy(&replay.live);
    return true;
}
