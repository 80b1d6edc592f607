/* harness/oracle/pattern.h: what a block's owner wrote into it, computed, never stored.
 *
 * Promises: the byte at an offset follows from the block's seed and the offset alone, so bytes that moved, were lost or
 * came from another block are noticed. Neither filling nor checking allocates. Blocks of up to PATTERN_WHOLE bytes are
 * covered byte by byte. Larger ones are covered at both ends (PATTERN_EDGE bytes each) and in one line of every page
 * between; a block of more than PATTERN_LINES pages has only PATTERN_FEWER such lines, at equal distances. The choice
 * follows from the extent alone, so fill and check agree.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PATTERN_WHOLE = 4 << 20,
    PATTERN_EDGE = 64 << 10,
    PATTERN_LINES = 4 << 10,
    PATTERN_FEWER = 1 << 10,
};

/* Brings in the pages of the block, if its pattern has a byte in each of them. For a caller that reads a block before
 * it is filled, so that each page is brought in once, for writing. */
void pattern_bring(const void *block, size_t extent);

/* Writes the pattern of `seed` to the covered bytes of a block with `extent` bytes. */
void pattern_fill(void *block, size_t extent, uint64_t seed);

/* Checks the covered bytes below `limit` of a block that was filled with `extent`. Returns the offset of the first byte
 * that differs, or SIZE_MAX when none does. */
size_t pattern_check(const void *block, size_t extent, size_t limit, uint64_t seed);

/* Checks that every byte of [from, to) reads zero. Returns the first offset that does not, or SIZE_MAX. */
size_t pattern_check_zero(const void *block, size_t from, size_t to);

/* The byte the pattern has at `offset`. */
unsigned char pattern_byte(uint64_t seed, size_t offset);
