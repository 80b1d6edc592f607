/* Dropping: what is not needed goes, whole lives of blocks first. */
#include "harness/trace/reduce.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/prng.h"

bool reduction_try(struct reduction *reduction, size_t count)
{
    if (reduction->spent || !reduction->still_fails(reduction->context, reduction->trial, count))
        return false;
    memcpy(reduction->events, reduction->trial, count * sizeof(struct event));
    reduction->count = count;
    return true;
}

/* ---- numbers of blocks ---- */

struct naming {
    struct {
        uint32_t old, new;
    } * entries;
    size_t mask;
    uint32_t given;
};

static uint32_t new_number(struct naming *naming, uint32_t old)
{
    size_t slot = (size_t)prng_mix(old) & naming->mask;
    while (naming->entries[slot].old != 0 && naming->entries[slot].old != old)
        slot = (slot + 1) & naming->mask;
    if (naming->entries[slot].old == 0) {
        naming->entries[slot].old = old;
        naming->entries[slot].new = ++naming->given;
    }
    return naming->entries[slot].new;
}

size_t renumber_blocks(struct event *events, size_t count)
{
    size_t slots = 16;
    while (slots < 2 * count)
        slots *= 2;
    struct naming naming = {.entries = calloc(slots, sizeof *naming.entries), .mask = slots - 1};
    for (size_t i = 0; i < count; i++)
        if (events[i].block != 0)
            events[i].block = new_number(&naming, events[i].block);
    free(naming.entries);
    return naming.given;
}

/* ---- the neighbourhood of the end ---- */

/* The last `reach` events and all other events of the blocks they speak of. */
static size_t keep_near_end(struct reduction *reduction, size_t reach, bool *is_near)
{
    size_t kept = 0, from = reduction->count - reach;
    for (size_t i = from; i < reduction->count; i++)
        is_near[reduction->events[i].block] = true;
    for (size_t i = 0; i < reduction->count; i++) {
        const struct event *event = &reduction->events[i];
        if (event->block == 0 ? i >= from || event->kind == EVENT_THREAD_END : is_near[event->block])
            reduction->trial[kept++] = *event;
    }
    return kept;
}

static void begin(struct reduction *reduction, struct event *events, size_t count)
{
    reduction->events = events;
    reduction->count = count;
    reduction->trial = malloc((count + 1) * sizeof *events);
}

size_t reduce_to_end(struct reduction *reduction, struct event *events, size_t count)
{
    begin(reduction, events, count);
    bool *is_near = calloc(renumber_blocks(events, count) + 1, 1);
    for (size_t reach = 2; reach < count && !reduction->spent; reach *= 4)
        if (reduction_try(reduction, keep_near_end(reduction, reach, is_near)))
            break;
    free(is_near);
    free(reduction->trial);
    return reduction->count;
}

/* ---- units: what is dropped together ---- */

static size_t without(struct reduction *reduction, const uint32_t *unit_of, size_t from, size_t chunk)
{
    size_t kept = 0;
    for (size_t i = 0; i < reduction->count; i++)
        if (unit_of[i] < from || unit_of[i] - from >= chunk)
            reduction->trial[kept++] = reduction->events[i];
    return kept;
}

/* The units behind a dropped stretch move up. */
static void close_gap(uint32_t *unit_of, size_t count, size_t from, size_t chunk)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (unit_of[i] < from)
            unit_of[kept++] = unit_of[i];
        else if (unit_of[i] - from >= chunk)
            unit_of[kept++] = unit_of[i] - (uint32_t)chunk;
    }
}

/* From coarse to fine: stretches of half the units, then of a quarter, down to single ones, so that most is gone before
 * there are many questions. True when something went. */
static bool sweep(struct reduction *reduction, uint32_t *unit_of, size_t units)
{
    bool dropped = false;
    for (size_t chunk = units > 1 ? units / 2 : 1; chunk > 0; chunk /= 2)
        for (size_t at = 0; at < units && !reduction->spent;) {
            size_t count = reduction->count, length = chunk < units - at ? chunk : units - at;
            if (reduction_try(reduction, without(reduction, unit_of, at, length))) {
                close_gap(unit_of, count, at, length);
                units -= length;
                dropped = true;
            } else {
                at += length;
            }
        }
    return dropped;
}

/* The events of a block are one unit; every event without a block is a unit of its own. */
static size_t units_by_life(struct reduction *reduction, uint32_t *unit_of)
{
    size_t units = renumber_blocks(reduction->events, reduction->count);
    for (size_t i = 0; i < reduction->count; i++)
        unit_of[i] = reduction->events[i].block != 0 ? reduction->events[i].block - 1 : (uint32_t)units++;
    return units;
}

static size_t units_by_event(struct reduction *reduction, uint32_t *unit_of)
{
    for (size_t i = 0; i < reduction->count; i++)
        unit_of[i] = (uint32_t)i;
    return reduction->count;
}

static bool drop_lives(struct reduction *reduction, uint32_t *unit_of)
{
    return sweep(reduction, unit_of, units_by_life(reduction, unit_of));
}

static bool drop_events(struct reduction *reduction, uint32_t *unit_of)
{
    return sweep(reduction, unit_of, units_by_event(reduction, unit_of));
}

size_t reduce(struct reduction *reduction, struct event *events, size_t count)
{
    begin(reduction, events, count);
    uint32_t *unit_of = malloc((count + 1) * sizeof *unit_of);
    while (!reduction->spent && drop_lives(reduction, unit_of))
        continue;
    do {
        while (!reduction->spent && drop_events(reduction, unit_of))
            continue;
    } while (!reduction->spent && simplify(reduction));
    renumber_blocks(reduction->events, reduction->count);
    free(unit_of);
    free(reduction->trial);
    return reduction->count;
}
