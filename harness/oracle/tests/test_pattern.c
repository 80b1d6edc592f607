/* The pattern: no byte outside the block is touched, each covered byte that changes is seen, and the same
 * seed is the same pattern. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "harness/base/prng.h"
#include "harness/oracle/pattern.h"

enum { ROOM = 64, LARGE = 3 * PATTERN_WHOLE };

static unsigned char memory[ROOM + 8192 + ROOM];

START_TEST(stays_inside)
{
    for (size_t size = 0; size <= 600; size++)
        for (size_t shift = 0; shift < 8; shift++) {
            unsigned char *block = memory + ROOM + shift;
            memset(memory, 0xa5, sizeof memory);
            pattern_fill(block, size, size + 1);
            for (size_t i = 1; i <= ROOM; i++)
                ck_assert_msg(block[-(ptrdiff_t)i] == 0xa5 && block[size + i - 1] == 0xa5, "size %zu", size);
            ck_assert_uint_eq(pattern_check(block, size, size, size + 1), SIZE_MAX);
        }
}
END_TEST

START_TEST(sees_every_changed_byte)
{
    for (size_t size = 1; size <= 300; size++) {
        pattern_fill(memory, size, 77);
        for (size_t at = 0; at < size; at++) {
            memory[at] ^= 0x10;
            ck_assert_uint_eq(pattern_check(memory, size, size, 77), at);
            ck_assert_uint_eq(pattern_check(memory, size, at, 77), SIZE_MAX);
            memory[at] ^= 0x10;
        }
    }
}
END_TEST

START_TEST(says_its_bytes)
{
    pattern_fill(memory, 1000, 5);
    for (size_t at = 0; at < 1000; at++)
        ck_assert_uint_eq(memory[at], pattern_byte(5, at));
}
END_TEST

/* Bytes from another block, or from elsewhere in the same block, match the expected ones only by chance. */
START_TEST(is_not_mistaken_for_another)
{
    size_t alike = 0;
    for (uint64_t seed = 1; seed <= 256; seed++)
        for (size_t at = 0; at < 64; at++)
            alike += pattern_byte(seed, at) == pattern_byte(seed + 1, at);
    ck_assert_uint_lt(alike, 256 * 64 / 256 * 2);
    pattern_fill(memory, 4096, 9);
    for (size_t shift = 1; shift <= 64; shift++)
        ck_assert_uint_lt(pattern_check(memory + shift, 256, 256, 9), 8);
}
END_TEST

/* A large block is covered whole at both ends, and in something of every page or line between. Fill and check cover the
 * same. */
START_TEST(covers_large_blocks_in_lines)
{
    unsigned char *block = mmap(NULL, LARGE + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (size_t extent = PATTERN_WHOLE - 1; extent <= LARGE; extent += 1234567) {
        pattern_fill(block, extent, 3);
        ck_assert_uint_eq(block[extent], 0);
        ck_assert_uint_eq(pattern_check(block, extent, extent, 3), SIZE_MAX);
        for (size_t at = 0; at < extent; at += at < PATTERN_EDGE || extent - at < PATTERN_EDGE ? 997 : 8192) {
            size_t line = at < PATTERN_EDGE || extent - at <= PATTERN_EDGE
                              ? 1
                              : 8192; /* two pages: a line of each, or of one of them the whole */
            if (at + line > extent)
                continue;
            unsigned char kept[8192];
            memcpy(kept, block + at, line);
            for (size_t i = 0; i < line; i++)
                block[at + i] ^= 0x40;
            ck_assert_msg(pattern_check(block, extent, extent, 3) < at + line, "extent %zu, at %zu", extent, at);
            ck_assert_uint_eq(pattern_check(block, extent, at, 3), SIZE_MAX);
            memcpy(block + at, kept, line);
        }
        memset(block, 0, LARGE);
    }
}
END_TEST

START_TEST(finds_what_is_not_zero)
{
    memset(memory, 0, sizeof memory);
    for (size_t from = 0; from < 20; from++)
        for (size_t to = from; to < 400; to++)
            ck_assert_uint_eq(pattern_check_zero(memory, from, to), SIZE_MAX);
    for (size_t at = 0; at < 400; at++) {
        memory[at] = 0x80;
        ck_assert_uint_eq(pattern_check_zero(memory, 0, 400), at);
        ck_assert_uint_eq(pattern_check_zero(memory, 0, at), SIZE_MAX);
        ck_assert_uint_eq(pattern_check_zero(memory, at + 1, 400), SIZE_MAX);
        memory[at] = 0;
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("oracle/pattern");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 60);
    tcase_add_test(all, stays_inside);
    tcase_add_test(all, sees_every_changed_byte);
    tcase_add_test(all, says_its_bytes);
    tcase_add_test(all, is_not_mistaken_for_another);
    tcase_add_test(all, covers_large_blocks_in_lines);
    tcase_add_test(all, finds_what_is_not_zero);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
