#include "harness/oracle/pattern.h"

#include <string.h>

#include "harness/base/prng.h"
#include "harness/oracle/pages.h"

static const uint64_t STEP = UINT64_C(0x9e3779b97f4a7c15);

/* The word at index i is start + i * STEP, stored in the machine's own byte order: a pattern never leaves its process.
 * `start` is the mixed seed: seeds count up, so if they were used as they are, the first words of two blocks would
 * differ in a byte or two, and half of their bytes would be 0. */
static uint64_t word_at(uint64_t start, size_t index) { return start + (uint64_t)index * STEP; }

static unsigned char byte_at(uint64_t start, size_t offset)
{
    uint64_t word = word_at(start, offset / 8);
    unsigned char bytes[8];
    memcpy(bytes, &word, 8);
    return bytes[offset % 8];
}

unsigned char pattern_byte(uint64_t seed, size_t offset) { return byte_at(prng_mix(seed), offset); }

/* A line is eight words, as four pairs. Most machines have registers for pairs; elsewhere the compiler does without. */
typedef uint64_t pair __attribute__((vector_size(16)));
enum { LINE = 64, PAIRS = 4 };

struct line {
    pair pairs[PAIRS];
};

/* The line of the pattern that begins with the word at `index`. */
static struct line line_at(uint64_t start, size_t index)
{
    struct line line;
    for (size_t i = 0; i < PAIRS; i++)
        line.pairs[i] = (pair){word_at(start, index + 2 * i), word_at(start, index + 2 * i + 1)};
    return line;
}

static void line_advance(struct line *line)
{
    const uint64_t by = LINE / 8 * STEP;
    for (size_t i = 0; i < PAIRS; i++)
        line->pairs[i] += (pair){by, by};
}

/* Fills the whole lines in [from, to). Returns where they end. */
static size_t fill_lines(unsigned char *block, size_t from, size_t to, uint64_t start)
{
    struct line line = line_at(start, from / 8);
    for (; to - from >= LINE; from += LINE, line_advance(&line))
        memcpy(block + from, &line, LINE);
    return from;
}

/* Fills [from, to); `from` is a multiple of 8. */
static void fill_range(unsigned char *block, size_t from, size_t to, uint64_t start)
{
    size_t offset = to - from >= 2 * LINE ? fill_lines(block, from, to, start) : from;
    for (; offset + 8 <= to; offset += 8) {
        uint64_t word = word_at(start, offset / 8);
        memcpy(block + offset, &word, 8);
    }
    for (; offset < to; offset++)
        block[offset] = byte_at(start, offset);
}

static size_t first_difference(const unsigned char *block, size_t from, size_t to, uint64_t start)
{
    for (size_t offset = from; offset < to; offset++)
        if (block[offset] != byte_at(start, offset))
            return offset;
    return SIZE_MAX;
}

/* Checks the whole lines in [from, to). Returns where the first line that differs begins, or else where they end. */
static size_t check_lines(const unsigned char *block, size_t from, size_t to, uint64_t start)
{
    struct line line = line_at(start, from / 8), seen;
    for (; to - from >= LINE; from += LINE, line_advance(&line)) {
        memcpy(&seen, block + from, LINE);
        pair difference = (seen.pairs[0] ^ line.pairs[0]) | (seen.pairs[1] ^ line.pairs[1]) |
                          (seen.pairs[2] ^ line.pairs[2]) | (seen.pairs[3] ^ line.pairs[3]);
        if ((difference[0] | difference[1]) != 0)
            break;
    }
    return from;
}

static size_t check_range(const unsigned char *block, size_t from, size_t to, uint64_t start)
{
    size_t offset = to - from >= 2 * LINE ? check_lines(block, from, to, start) : from;
    for (; offset + 8 <= to; offset += 8) {
        uint64_t word;
        memcpy(&word, block + offset, 8);
        if (word != word_at(start, offset / 8))
            return first_difference(block, offset, to, start);
    }
    return first_difference(block, offset, to, start);
}

/* Walks over the covered ranges of a block, one after another. */
struct cover {
    size_t extent, offset, stride;
};

static struct cover cover_begin(size_t extent)
{
    size_t pages = extent / 4096;
    size_t stride = pages > PATTERN_LINES ? extent / PATTERN_FEWER & ~(size_t)63 : 4096;
    return (struct cover){.extent = extent, .stride = stride};
}

/* Chooses one line of the page at `offset`, at another place in each page, so that damage at the same place of every
 * page, or of every n-th page, is still met. */
static size_t line_of_page(const struct cover *cover, size_t offset, size_t tail)
{
    size_t line = offset + LINE * (size_t)(prng_mix(cover->extent * STEP + offset) % (4096 / LINE));
    return line + LINE <= tail ? line : offset;
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
    else if (cover->offset > 0)
        *to = (*from = line_of_page(cover, cover->offset, tail)) + LINE;
    else
        *to = PATTERN_EDGE;
    cover->offset = cover->offset == 0 ? PATTERN_EDGE : cover->offset + cover->stride;
    if (*to == cover->extent)
        cover->offset = cover->extent;
    else if (cover->offset > tail)
        cover->offset = tail;
    if (*to > tail && *to != cover->extent)
        *to = tail;
    return true;
}

void pattern_bring(const void *block, size_t extent)
{
    if (cover_begin(extent).stride == 4096)
        pages_bring(block, extent);
}

void pattern_fill(void *block, size_t extent, uint64_t seed)
{
    struct cover cover = cover_begin(extent);
    uint64_t start = prng_mix(seed);
    pattern_bring(block, extent);
    for (size_t from, to; cover_next(&cover, &from, &to);)
        fill_range(block, from, to, start);
}

size_t pattern_check(const void *block, size_t extent, size_t limit, uint64_t seed)
{
    struct cover cover = cover_begin(extent);
    uint64_t start = prng_mix(seed);
    for (size_t from, to; cover_next(&cover, &from, &to) && from < limit;) {
        size_t bad = check_range(block, from, to < limit ? to : limit, start);
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
