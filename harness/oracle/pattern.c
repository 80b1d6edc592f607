#include "harness/oracle/pattern.h"

#include <string.h>

static const uint64_t STEP = UINT64_C(0x9e3779b97f4a7c15);

/* The word at index i is seed + i * STEP, stored in the machine's own byte order: a pattern never leaves its process. */
static uint64_t word_at(uint64_t seed, size_t index) { return seed + (uint64_t)index * STEP; }

unsigned char pattern_byte(uint64_t seed, size_t offset)
{
    uint64_t word = word_at(seed, offset / 8);
    unsigned char bytes[8];
    memcpy(bytes, &word, 8);
    return bytes[offset % 8];
}

/* [from, to) with `from` a multiple of 8. */
static void fill_range(unsigned char *block, size_t from, size_t to, uint64_t seed)
{
    size_t offset = from;
    for (; offset + 8 <= to; offset += 8) {
        uint64_t word = word_at(seed, offset / 8);
        memcpy(block + offset, &word, 8);
    }
    for (; offset < to; offset++)
        block[offset] = pattern_byte(seed, offset);
}

static size_t first_difference(const unsigned char *block, size_t from, size_t to, uint64_t seed)
{
    for (size_t offset = from; offset < to; offset++)
        if (block[offset] != pattern_byte(seed, offset))
            return offset;
    return SIZE_MAX;
}

static size_t check_range(const unsigned char *block, size_t from, size_t to, uint64_t seed)
{
    size_t offset = from;
    for (; offset + 64 <= to; offset += 64) { /* eight words at a time: the compiler turns this into vectors */
        uint64_t words[8], difference = 0;
        memcpy(words, block + offset, 64);
        for (size_t i = 0; i < 8; i++)
            difference |= words[i] ^ word_at(seed, offset / 8 + i);
        if (difference != 0)
            return first_difference(block, offset, to, seed);
    }
    for (; offset + 8 <= to; offset += 8) {
        uint64_t word;
        memcpy(&word, block + offset, 8);
        if (word != word_at(seed, offset / 8))
            return first_difference(block, offset, to, seed);
    }
    return first_difference(block, offset, to, seed);
}

/* The ranges covered of a large block, one after another. */
struct cover {
    size_t extent, offset, stride;
};

static struct cover cover_begin(size_t extent)
{
    size_t pages = extent / 4096;
    size_t stride = pages > PATTERN_LINES ? extent / PATTERN_LINES & ~(size_t)63 : 4096;
    return (struct cover){.extent = extent, .stride = stride};
}

/* The next range [*from, *to), *from a multiple of 8; false after the last. */
static bool cover_next(struct cover *cover, size_t *from, size_t *to)
{
    size_t tail = cover->extent <= PATTERN_WHOLE ? cover->extent : (cover->extent - PATTERN_EDGE) & ~(size_t)7;
    if (cover->offset >= cover->extent)
        return false;
    *from = cover->offset;
    if (cover->offset >= tail || cover->extent <= PATTERN_WHOLE)
        *to = cover->extent;
    else
        *to = cover->offset == 0 ? PATTERN_EDGE : cover->offset + 64;
    cover->offset = cover->offset == 0 ? PATTERN_EDGE : cover->offset + cover->stride;
    if (*to == cover->extent)
        cover->offset = cover->extent;
    else if (cover->offset > tail)
        cover->offset = tail;
    if (*to > tail && *to != cover->extent)
        *to = tail;
    return true;
}

void pattern_fill(void *block, size_t extent, uint64_t seed)
{
    struct cover cover = cover_begin(extent);
    for (size_t from, to; cover_next(&cover, &from, &to);)
        fill_range(block, from, to, seed);
}

size_t pattern_check(const void *block, size_t extent, size_t limit, uint64_t seed)
{
    struct cover cover = cover_begin(extent);
    for (size_t from, to; cover_next(&cover, &from, &to) && from < limit;) {
        size_t bad = check_range(block, from, to < limit ? to : limit, seed);
        if (bad != SIZE_MAX)
            return bad;
    }
    return SIZE_MAX;
}

size_t pattern_check_zero(const void *block, size_t from, size_t to)
{
    const unsigned char *bytes = block;
    size_t offset = from;
    for (; offset + 64 <= to; offset += 64) {
        uint64_t words[8], set = 0;
        memcpy(words, bytes + offset, 64);
        for (size_t i = 0; i < 8; i++)
            set |= words[i];
        if (set != 0)
            break;
    }
    for (; offset < to; offset++)
        if (bytes[offset] != 0)
            return offset;
    return SIZE_MAX;
}
