#include "harness/trace/decode.h"

#include <stdbool.h>
#include <string.h>

/* The blocks that are live if every allocation succeeds. */
struct population {
    uint32_t blocks[255];
    unsigned count;
    uint32_t made;
};

/* How often each kind comes, out of 32. The last one is what the harness does between calls. */
static uint8_t kind_of(uint8_t byte)
{
    unsigned choice = byte % 32;
    return choice < 10   ? OP_ALLOCATE
           : choice < 14 ? OP_ALLOCATE_ZEROED
           : choice < 20 ? OP_DEALLOCATE
           : choice < 26 ? OP_REALLOCATE
           : choice < 30 ? OP_REALLOCATE_INPLACE
           : choice < 31 ? OP_USABLE_SIZE
                         : EVENT_VERIFY;
}

/* Where size_t has fewer than 64 bits, the low bits of the size are taken: a size close below an edge becomes one close
 * below the end of that size_t. */
static uint64_t that_fits(uint64_t size) { return (size & SIZE_MAX) != 0 ? size & SIZE_MAX : SIZE_MAX; }

/* A number of magnitude `scale`, and `fraction` 256ths of that more. The last few scales stand for the sizes at which
 * arithmetic wraps or is cut short. */
static uint64_t size_of(uint8_t scale, uint8_t fraction, unsigned less)
{
    static const uint64_t edges[] = {UINT64_MAX,        UINT64_C(1) << 63, (UINT64_C(1) << 63) - 4096,
                                     UINT64_C(1) << 32, UINT64_C(1) << 31, UINT32_MAX - 4096,
                                     UINT64_MAX - 4096, UINT64_C(3) << 31};
    if (scale >= 248)
        return that_fits(edges[scale - 248] - fraction);
    unsigned magnitude = scale < 192 ? scale % 16 : scale % 22; /* large blocks cost an engine time */
    uint64_t size = (UINT64_C(1) << magnitude) + (((uint64_t)fraction << magnitude) >> 8);
    return size > less ? size - less : 1;
}

static uint32_t choose(struct population *population, struct event *event, uint8_t choice)
{
    bool makes = event->kind == OP_ALLOCATE || event->kind == OP_ALLOCATE_ZEROED;
    if (makes) {
        population->blocks[population->count++] = ++population->made;
        return population->made;
    }
    unsigned index = choice % population->count;
    uint32_t block = population->blocks[index];
    if (event->kind == OP_DEALLOCATE)
        population->blocks[index] = population->blocks[--population->count];
    return block;
}

static struct event decode_one(const uint8_t *bytes, struct population *population)
{
    static const uint8_t threads[] = {0, 0, 0, 0, 0, 1, 2, 3};
    struct event event = {.kind = kind_of(bytes[0]), .thread = threads[bytes[2] >> 4 & 7]};
    bool names_block = event.kind < OP_USABLE_SIZE;
    if (event.kind == EVENT_VERIFY && event.thread != 0)
        event.kind = EVENT_THREAD_END;
    bool makes = event.kind <= OP_ALLOCATE_ZEROED;
    if (names_block && !makes && population->count == 0)
        event.kind = OP_ALLOCATE;
    if (makes && population->count == 255)
        event.kind = OP_DEALLOCATE;
    if (names_block)
        event.block = choose(population, &event, bytes[1]);
    if (event.kind <= OP_ALLOCATE_ZEROED || event.kind == OP_USABLE_SIZE)
        event.align_log2 = bytes[2] & 15;
    else if (names_block)
        event.old_size_place = bytes[5] % 3;
    if (event.old_size_place == OLD_SIZE_WITHIN)
        event.old_size_step = bytes[5];
    if (event.kind < OPERATIONS && event.kind != OP_DEALLOCATE)
        event.size = size_of(bytes[3], bytes[4], bytes[2] >> 7);
    return event;
}

size_t trace_decode(const uint8_t *bytes, size_t size, struct event *events, size_t capacity)
{
    struct population population = {.count = 0};
    size_t count = 0;
    for (size_t at = 0; at < size && count < capacity; at += DECODE_BYTES) {
        uint8_t six[DECODE_BYTES] = {0};
        memcpy(six, bytes + at, size - at < DECODE_BYTES ? size - at : DECODE_BYTES);
        events[count++] = decode_one(six, &population);
    }
    return count;
}
