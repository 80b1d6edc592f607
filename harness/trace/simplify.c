/* Simplifying: an event that is needed becomes the plainest one with which the trace still fails. */
#include <string.h>

#include "harness/candidate/c_function.h"
#include "harness/trace/reduce.h"

static struct event *copy_to_trial(struct reduction *reduction)
{
    return memcpy(reduction->trial, reduction->events, reduction->count * sizeof(struct event));
}

static bool try_event(struct reduction *reduction, size_t index, struct event event)
{
    copy_to_trial(reduction)[index] = event;
    return reduction_try(reduction, reduction->count);
}

/* ---- numbers, towards the smallest ---- */

/* A number in the events: `set` puts another value where it stands. */
struct number {
    void (*set)(struct event *events, size_t count, const struct number *number, uint64_t value);
    size_t index;
    uint64_t now;
};

static bool try_number(struct reduction *reduction, struct number *number, uint64_t value)
{
    number->set(copy_to_trial(reduction), reduction->count, number, value);
    if (!reduction_try(reduction, reduction->count))
        return false;
    number->now = value;
    return true;
}

/* Searches between a value with which the trace does not fail and one with which it does, halving the distance, until
 * the two are neighbours. */
static bool lessen(struct reduction *reduction, struct number number, uint64_t least)
{
    uint64_t before = number.now, too_small = least;
    if (before <= least)
        return false;
    if (try_number(reduction, &number, least))
        return true;
    while (number.now - too_small > 1 && !reduction->spent) {
        uint64_t middle = too_small + (number.now - too_small) / 2;
        if (!try_number(reduction, &number, middle))
            too_small = middle;
    }
    return number.now < before;
}

static bool c_has_size(const struct event *event)
{
    enum c_function function = event->align_log2 < C_FUNCTIONS ? (enum c_function)event->align_log2 : C_FREE;
    return c_shape(function)->role != C_FREES && c_takes(function, C_SIZE);
}

static bool has_size(const struct event *event)
{
    if (event->kind == EVENT_C)
        return c_has_size(event);
    return event->kind == EVENT_GUARD || (event->kind < OPERATIONS && event->kind != OP_DEALLOCATE);
}

static void set_size(struct event *events, size_t count, const struct number *number, uint64_t value)
{
    (void)count;
    events[number->index].size = value;
}

/* Equal sizes are often equal for a reason: they are made smaller together. */
static void set_same_sizes(struct event *events, size_t count, const struct number *number, uint64_t value)
{
    for (size_t i = 0; i < count; i++)
        if (has_size(&events[i]) && events[i].size == number->now)
            events[i].size = value;
}

static void set_step(struct event *events, size_t count, const struct number *number, uint64_t value)
{
    (void)count;
    events[number->index].old_size_step = value;
}

static void set_align(struct event *events, size_t count, const struct number *number, uint64_t value)
{
    (void)count;
    events[number->index].align_log2 = (uint8_t)value;
}

static bool is_first_of_its_size(const struct event *events, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (has_size(&events[i]) && events[i].size == events[index].size)
            return false;
    return true;
}

static bool simplify_sizes(struct reduction *reduction)
{
    bool changed = false;
    for (size_t i = 0; i < reduction->count && !reduction->spent; i++)
        if (has_size(&reduction->events[i]) && is_first_of_its_size(reduction->events, i))
            changed |= lessen(reduction, (struct number){set_same_sizes, i, reduction->events[i].size}, 1);
    for (size_t i = 0; i < reduction->count && !reduction->spent; i++)
        if (has_size(&reduction->events[i]) && reduction->events[i].kind != EVENT_GUARD)
            changed |= lessen(reduction, (struct number){set_size, i, reduction->events[i].size}, 1);
    return changed;
}

/* A guard gets the size of the next request, and shrinks with it. A smaller guard may do here by chance, and not on a
 * machine where mappings lie elsewhere. */
static bool simplify_guards(struct reduction *reduction)
{
    bool changed = false;
    for (size_t i = 0; i < reduction->count && !reduction->spent; i++) {
        struct event event = reduction->events[i];
        size_t next = i + 1;
        while (next < reduction->count &&
               (reduction->events[next].kind == EVENT_GUARD || !has_size(&reduction->events[next])))
            next++;
        if (event.kind != EVENT_GUARD || next == reduction->count || event.size == reduction->events[next].size)
            continue;
        event.size = reduction->events[next].size;
        changed |= try_event(reduction, i, event);
    }
    return changed;
}

static bool simplify_aligns(struct reduction *reduction)
{
    bool changed = false;
    for (size_t i = 0; i < reduction->count && !reduction->spent; i++)
        if (reduction->events[i].kind != EVENT_C) /* there align_log2 is the function */
            changed |= lessen(reduction, (struct number){set_align, i, reduction->events[i].align_log2}, 0);
    return changed;
}

/* ---- old_size, towards the requested one ---- */

static bool simplify_old_size(struct reduction *reduction, size_t index)
{
    if (reduction->events[index].kind == EVENT_C) /* there it is a count or an alignment */
        return lessen(reduction, (struct number){set_step, index, reduction->events[index].old_size_step}, 1);
    struct event event = reduction->events[index], plainer = event;
    if (event.old_size_place == OLD_SIZE_REQUESTED)
        return false;
    plainer.old_size_place = OLD_SIZE_REQUESTED;
    plainer.old_size_step = 0;
    if (try_event(reduction, index, plainer))
        return true;
    plainer.old_size_place = OLD_SIZE_USABLE;
    if (event.old_size_place == OLD_SIZE_WITHIN && try_event(reduction, index, plainer))
        return true;
    return event.old_size_place == OLD_SIZE_WITHIN &&
           lessen(reduction, (struct number){set_step, index, event.old_size_step}, 1);
}

static bool simplify_old_sizes(struct reduction *reduction)
{
    bool changed = false;
    for (size_t i = 0; i < reduction->count && !reduction->spent; i++)
        changed |= simplify_old_size(reduction, i);
    return changed;
}

/* ---- threads, towards the main one ---- */

/* The main thread makes the calls of the thread instead, and the end of the thread goes. */
static size_t fold_thread(struct reduction *reduction, uint8_t thread)
{
    size_t kept = 0;
    for (size_t i = 0; i < reduction->count; i++) {
        struct event event = reduction->events[i];
        if (event.thread == thread && event.kind == EVENT_THREAD_END)
            continue;
        event.thread = event.thread == thread ? 0 : event.thread;
        reduction->trial[kept++] = event;
    }
    return kept;
}

static bool simplify_threads(struct reduction *reduction)
{
    bool changed = false;
    for (int thread = 255; thread > 0 && !reduction->spent; thread--) {
        bool used = false;
        for (size_t i = 0; i < reduction->count; i++)
            used |= reduction->events[i].thread == thread;
        if (used)
            changed |= reduction_try(reduction, fold_thread(reduction, (uint8_t)thread));
    }
    for (size_t i = 0; i < reduction->count && !reduction->spent; i++) {
        struct event event = reduction->events[i];
        if (event.thread == 0 || event.kind == EVENT_THREAD_END)
            continue;
        event.thread = 0;
        changed |= try_event(reduction, i, event);
    }
    return changed;
}

/* ---- operations, towards allocate and deallocate ---- */

static bool simplify_operations(struct reduction *reduction)
{
    bool changed = false;
    for (size_t i = 0; i < reduction->count && !reduction->spent; i++) {
        struct event event = reduction->events[i];
        if (event.kind == OP_ALLOCATE_ZEROED) {
            event.kind = OP_ALLOCATE;
            changed |= try_event(reduction, i, event);
        } else if (event.kind == OP_REALLOCATE) {
            event.kind = OP_DEALLOCATE;
            event.size = 0;
            changed |= try_event(reduction, i, event);
        }
    }
    return changed;
}

/* A block that is made and then resized becomes one that is made in that size: the event at `index` goes, and its size
 * is given to the last sizing of the block before it. */
static size_t merge_sizing(struct reduction *reduction, size_t index)
{
    struct event *trial = copy_to_trial(reduction), gone = trial[index];
    for (size_t i = index; i-- > 0;)
        if (trial[i].block == gone.block && has_size(&trial[i])) {
            trial[i].size = gone.size;
            break;
        }
    memmove(trial + index, trial + index + 1, (reduction->count - index - 1) * sizeof *trial);
    return reduction->count - 1;
}

static bool merge_sizings(struct reduction *reduction)
{
    bool changed = false;
    for (size_t i = reduction->count; i-- > 0 && !reduction->spent;) {
        uint8_t kind = reduction->events[i].kind;
        if (kind == OP_REALLOCATE || kind == OP_REALLOCATE_INPLACE)
            changed |= reduction_try(reduction, merge_sizing(reduction, i));
    }
    return changed;
}

bool simplify(struct reduction *reduction)
{
    bool changed = merge_sizings(reduction);
    changed |= simplify_threads(reduction);
    changed |= simplify_operations(reduction);
    changed |= simplify_old_sizes(reduction);
    changed |= simplify_aligns(reduction);
    changed |= simplify_guards(reduction);
    changed |= simplify_sizes(reduction);
    return changed;
}
