#include "harness/trace/live.h"

#include <stdio.h>
#include <stdlib.h>

#include "harness/base/prng.h"

bool live_create(struct live *live, size_t count)
{
    size_t slots = 16;
    while (slots < 2 * count)
        slots *= 2;
    if (!arena_create(&live->arena, slots * sizeof(struct live_entry) + 64))
        return false;
    live->entries = arena_take(&live->arena, slots * sizeof(struct live_entry));
    live->mask = slots - 1;
    return live->entries != NULL;
}

void live_destroy(struct live *live) { arena_destroy(&live->arena); }

/* At most half of the slots are ever taken: a search that meets no empty one means that the table was written over. */
static void give_up(void)
{
    fputs("assay: the replay's table of live blocks was written over\n", stderr);
    _Exit(3); /* outside any call: the supervisor reads it as the harness's failure */
}

struct block **live_at(struct live *live, uint32_t number)
{
    size_t slot = (size_t)prng_mix(number) & live->mask, probes = 0;
    while (live->entries[slot].number != 0 && live->entries[slot].number != number) {
        slot = (slot + 1) & live->mask;
        if (++probes > live->mask)
            give_up();
    }
    live->entries[slot].number = number;
    return &live->entries[slot].block;
}
