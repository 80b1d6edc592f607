/* harness/trace/live.h: which block a number of the trace stands for at the moment.
 *
 * Promises: a look-up takes constant time. The table has memory of its own for as many numbers as the trace has events,
 * and never calls malloc.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/arena.h"
#include "harness/oracle/block.h"

struct live_entry {
    uint32_t number; /* 0: unused */
    struct block *block;
};

struct live {
    struct arena arena;
    struct live_entry *entries;
    size_t mask;
};

/* Room for `count` different numbers. False when the system refuses the memory. */
bool live_create(struct live *live, size_t count);
void live_destroy(struct live *live);

/* Where the block of that number (not 0) is kept: NULL stands there while the block is not live. */
struct block **live_at(struct live *live, uint32_t number);
