/* layout.h: which kind of block a request gets, and how large it is: the whole size arithmetic, as pure functions.
 *
 * A request is small (a slot in a slab of its class), medium (a run of units in an arena) or large (a mapping of its own). The kind
 * and the block's size follow from (size, align) alone, and every size up to the block's size names the same kind and size again:
 * so usable_size is a fixed point, and any old_size in its legal range finds the right class.
 *
 * `word` is size_t, but for the test that runs this very text over all 2^32 sizes with 32-bit words.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifndef LAYOUT_WORD
#define LAYOUT_WORD size_t
#endif

typedef LAYOUT_WORD word;

#define WORD_MAX ((word)-1)

enum {
    UNIT = 4096,            /* of the page heap; the system's pages may be larger */
    SMALL_GRAIN = 16,       /* distance of the smallest classes */
    SMALL_LINEAR = 128,     /* up to here one class every SMALL_GRAIN, above four to a doubling */
    SMALL_MAX = 32 << 10,
    SMALL_CLASSES = 40,
    LARGE_GRAIN = 64 << 10, /* the largest page size in use anywhere */
};

static const word ARENA_SIZE = sizeof(word) > 4 ? 4 << 20 : 1 << 20;
static const word MEDIUM_MAX = sizeof(word) > 4 ? 1 << 20 : 256 << 10;
static const word SIZE_LIMIT = WORD_MAX / 2 - 2 * (word)LARGE_GRAIN; /* sizes above get null */
static const word ALIGN_LIMIT = WORD_MAX / 8 + 1;                    /* aligns above get null */

enum kind { SMALL, MEDIUM, LARGE, REFUSED };

struct layout {
    enum kind kind;
    unsigned class_index; /* of a small block */
    word bytes;           /* the block's size: usable_size */
};

/* `step` a power of two. Does not wrap for value <= SIZE_LIMIT and step <= LARGE_GRAIN. */
static inline word round_up(word value, word step) { return (value + step - 1) & ~(step - 1); }

static inline unsigned floor_log2(word value) { return 63u - (unsigned)__builtin_clzll((unsigned long long)value); }

/* The class whose slots are the smallest that hold `size` (1 ..= SMALL_MAX). */
static inline unsigned class_of(word size)
{
    if (size <= SMALL_LINEAR)
        return (unsigned)((size - 1) / SMALL_GRAIN);
    unsigned log2 = floor_log2(size - 1);
    unsigned quarter = (unsigned)((size - 1) >> (log2 - 2)) - 4; /* 0..3: which quarter of the doubling */
    return SMALL_LINEAR / SMALL_GRAIN + (log2 - 7) * 4 + quarter;
}

/* The slot size of a class. 16, 32 .. 128, then 160, 192, 224, 256, 320 .. SMALL_MAX. */
static inline word class_size(unsigned class_index)
{
    if (class_index < SMALL_LINEAR / SMALL_GRAIN)
        return (word)(class_index + 1) * SMALL_GRAIN;
    unsigned above = class_index - SMALL_LINEAR / SMALL_GRAIN;
    return (word)(above % 4 + 5) << (above / 4 + 5);
}

/* Slots lie one behind the other in a slab that begins at a unit, so a slot is aligned iff its size is a multiple of align. The last
 * class of each doubling is a power of two: at most three steps up one is found. */
static inline unsigned aligned_class_of(word size, word align)
{
    unsigned class_index = class_of(round_up(size, align));
    while (class_size(class_index) % align != 0)
        class_index++;
    return class_index;
}

static inline struct layout layout_of(word size, word align)
{
    if (size > SIZE_LIMIT || align > ALIGN_LIMIT)
        return (struct layout){REFUSED, 0, size};
    if (size <= SMALL_MAX && align <= UNIT) {
        unsigned class_index = aligned_class_of(size, align);
        return (struct layout){SMALL, class_index, class_size(class_index)};
    }
    if (size <= MEDIUM_MAX && align <= UNIT)
        return (struct layout){MEDIUM, 0, round_up(size, UNIT)};
    return (struct layout){LARGE, 0, round_up(size, LARGE_GRAIN)};
}
