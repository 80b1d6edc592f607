/* reference_alloc/tests/test_reference_contract.c: the contract of the reference allocator, as one thread sees it. */
#include <check.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "reference_alloc/reference_alloc.h"

#define KIB(n) ((size_t)(n) << 10)
#define MIB(n) ((size_t)(n) << 20)

static void fill(unsigned char *block, size_t from, size_t to, unsigned char tag)
{
    memset(block + from, tag, to - from);
}

static void expect(const unsigned char *block, size_t from, size_t to, unsigned char tag)
{
    for (size_t i = from; i < to; i++)
        if (block[i] != tag)
            ck_abort_msg("byte %zu of the block: expected %d, found %d", i, tag, block[i]);
}

static unsigned char *take(size_t size, size_t align)
{
    unsigned char *block = __rust_allocate(size, align);
    ck_assert_msg(block != NULL, "no block of %zu bytes aligned to %zu", size, align);
    ck_assert_uint_eq((uintptr_t)block % align, 0);
    return block;
}

static void expect_sound(void)
{
    ck_assert(reference_alloc_invariants_hold());
}

static const size_t sizes[] = {1,    8,    16,   17,   100,     128,       129,           1000,
                               4096, 8191, 8192, 8193, KIB(40), KIB(1024), KIB(1024) + 1, MIB(3)};
enum { SIZES = sizeof sizes / sizeof *sizes };

START_TEST(blocks_are_aligned_and_own_all_their_usable_bytes)
{
    unsigned char *blocks[SIZES];
    size_t align = (size_t)1 << _i;
    for (unsigned i = 0; i < SIZES; i++) {
        blocks[i] = take(sizes[i], align);
        fill(blocks[i], 0, __rust_usable_size(sizes[i], align), (unsigned char)i);
    }
    for (unsigned i = 0; i < SIZES; i++)
        expect(blocks[i], 0, __rust_usable_size(sizes[i], align), (unsigned char)i);
    expect_sound();
    for (unsigned i = 0; i < SIZES; i++)
        __rust_deallocate(blocks[i], sizes[i], align);
    expect_sound();
}
END_TEST

START_TEST(usable_size_leaves_slack_and_is_a_fixed_point)
{
    size_t align = (size_t)1 << _i;
    for (unsigned i = 0; i < SIZES; i++) {
        size_t usable = __rust_usable_size(sizes[i], align);
        ck_assert_uint_ge(usable, sizes[i]);
        ck_assert_uint_eq(__rust_usable_size(usable, align), usable);
        ck_assert_uint_eq(__rust_usable_size(sizes[i] + (usable - sizes[i]) / 2, align), usable);
    }
    ck_assert_uint_gt(__rust_usable_size(17, align), 17);
}
END_TEST

START_TEST(every_old_size_of_the_range_is_accepted)
{
    for (unsigned i = 0; i < SIZES; i++) {
        size_t usable = __rust_usable_size(sizes[i], 1), between = sizes[i] + (usable - sizes[i]) / 2;
        size_t old_sizes[] = {sizes[i], between, usable};
        for (unsigned k = 0; k < 3; k++) {
            unsigned char *block = take(sizes[i], 1);
            fill(block, 0, old_sizes[k], 7);
            block = __rust_reallocate(block, old_sizes[k], 3 * sizes[i] + 20, 1);
            ck_assert_ptr_nonnull(block);
            expect(block, 0, old_sizes[k] < 3 * sizes[i] + 20 ? old_sizes[k] : 3 * sizes[i] + 20, 7);
            __rust_deallocate(block, 3 * sizes[i] + 20, 1);
        }
    }
    expect_sound();
}
END_TEST

START_TEST(reallocate_keeps_contents_and_alignment)
{
    size_t align = (size_t)1 << _i;
    for (unsigned from = 0; from < SIZES; from++)
        for (unsigned to = 0; to < SIZES; to++) {
            unsigned char *block = take(sizes[from], align);
            fill(block, 0, sizes[from], (unsigned char)(from + 1));
            block = __rust_reallocate(block, sizes[from], sizes[to], align);
            ck_assert_ptr_nonnull(block);
            ck_assert_uint_eq((uintptr_t)block % align, 0);
            expect(block, 0, sizes[from] < sizes[to] ? sizes[from] : sizes[to], (unsigned char)(from + 1));
            fill(block, 0, __rust_usable_size(sizes[to], align), 99);
            __rust_deallocate(block, sizes[to], align);
        }
    expect_sound();
}
END_TEST

START_TEST(a_run_grows_into_the_free_run_behind_it)
{
    size_t old_usable = __rust_usable_size(KIB(64), 16), usable = __rust_usable_size(KIB(100), 16);
    unsigned char *run = take(KIB(64), 16), *behind = take(KIB(64), 16);
    ck_assert_ptr_eq(behind, run + KIB(64)); /* the heap is new: they are neighbours */
    fill(run, 0, KIB(64), 5);
    ck_assert_uint_eq(__rust_reallocate_inplace(run, KIB(64), KIB(100), 16), old_usable);
    __rust_deallocate(behind, KIB(64), 16);
    ck_assert_uint_eq(__rust_reallocate_inplace(run, KIB(64), KIB(100), 16), usable);
    expect(run, 0, KIB(64), 5);
    expect_sound();
    ck_assert_ptr_eq(__rust_reallocate(run, KIB(100), KIB(120), 16), run);
    __rust_deallocate(run, KIB(120), 16);
    expect_sound();
}
END_TEST

START_TEST(a_run_shrinks_and_its_end_is_free_for_others)
{
    unsigned char *run = take(KIB(256), 16);
    size_t free_before = reference_alloc_stats().free_pages;
    fill(run, 0, KIB(256), 6);
    ck_assert_uint_eq(__rust_reallocate_inplace(run, KIB(256), KIB(16), 16), KIB(16));
    ck_assert_uint_eq(reference_alloc_stats().free_pages, free_before + 60);
    expect(run, 0, KIB(16), 6);
    expect_sound();
    __rust_deallocate(run, KIB(16), 16);
}
END_TEST

/* Returns a mapped block that was lengthened in place from 2 MiB to 3 MiB. The system decides what lies behind a
 * block; among many blocks, some have room. */
static unsigned char *take_and_lengthen(size_t *before)
{
    unsigned char *tried[64], *found = NULL;
    size_t count = 0;
    while (found == NULL && count < 64) {
        unsigned char *block = take(MIB(2), 16);
        *before = reference_alloc_stats().mapped_bytes;
        fill(block, 0, MIB(2), 8);
        if (__rust_reallocate_inplace(block, MIB(2), MIB(3), 16) == __rust_usable_size(MIB(3), 16))
            found = block;
        else
            tried[count++] = block;
    }
    size_t others = count;
    while (count > 0)
        __rust_deallocate(tried[--count], MIB(2), 16);
    *before -= others * (*before / (others + 1)); /* the others, of equal length, are gone again */
    return found;
}

START_TEST(a_mapped_block_is_resized_where_it_is_by_remapping)
{
    size_t none = reference_alloc_stats().mapped_bytes, before;
    unsigned char *block = take_and_lengthen(&before);
    ck_assert_ptr_nonnull(block);
    ck_assert_uint_eq(none, 0);
    ck_assert_uint_eq(reference_alloc_stats().mapped_bytes, before + MIB(1));
    expect(block, 0, MIB(2), 8);
    expect(block, MIB(2) + KIB(64), MIB(3), 0); /* it comes fresh from the system */
    ck_assert_uint_eq(__rust_reallocate_inplace(block, MIB(3), MIB(2), 16), __rust_usable_size(MIB(2), 16));
    ck_assert_uint_eq(reference_alloc_stats().mapped_bytes, before);
    __rust_deallocate(block, MIB(2), 16);
    expect_sound();
}
END_TEST

START_TEST(a_mapped_block_that_must_move_takes_its_pages_along)
{
    for (size_t align = 1; align <= MIB(16); align *= 16) {
        unsigned char *block = take(MIB(2), align);
        fill(block, 0, MIB(2), 9);
        block = __rust_reallocate(block, MIB(2), MIB(40), align);
        ck_assert_ptr_nonnull(block);
        ck_assert_uint_eq((uintptr_t)block % align, 0);
        expect(block, 0, MIB(2), 9);
        expect(block, MIB(3), MIB(40), 0);
        __rust_deallocate(block, MIB(40), align);
    }
    expect_sound();
}
END_TEST

START_TEST(in_place_answers_are_one_of_two)
{
    for (unsigned from = 0; from < SIZES; from++)
        for (unsigned to = 0; to < SIZES; to++) {
            unsigned char *block = take(sizes[from], 64);
            fill(block, 0, sizes[from], 3);
            size_t old_usable = __rust_usable_size(sizes[from], 64);
            size_t usable = __rust_usable_size(sizes[to], 64);
            size_t answer = __rust_reallocate_inplace(block, sizes[from], sizes[to], 64);
            ck_assert(answer == usable || answer == old_usable);
            ck_assert(from != to || answer == usable);
            expect(block, 0, sizes[from] < sizes[to] ? sizes[from] : sizes[to], 3);
            fill(block, 0, answer, 4);
            __rust_deallocate(block, answer, 64);
        }
    expect_sound();
}
END_TEST

/* Returns how many pages from `from` on are in memory. */
static size_t resident(unsigned char *from, size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), count = 0;
    unsigned char pages[8192], *start = (unsigned char *)(((uintptr_t)from + page - 1) & ~(page - 1));
    size_t length = (size_t)(from + bytes - start) / page;
    ck_assert_uint_le(length, sizeof pages);
    ck_assert_int_eq(mincore(start, length * page, pages), 0);
    for (size_t i = 0; i < length; i++)
        count += pages[i] & 1;
    return count;
}

START_TEST(fresh_pages_are_not_cleared_a_second_time)
{
    unsigned char *run = __rust_allocate_zeroed(KIB(512), 16), *mapped = __rust_allocate_zeroed(MIB(16), 16);
    ck_assert_uint_eq(resident(run, KIB(512)), 0);
    ck_assert_uint_le(resident(mapped, MIB(16)), 1); /* its page behind the header may share one */
    expect(run, 0, KIB(512), 0);
    expect(mapped, 0, MIB(16), 0);
}
END_TEST

START_TEST(recycled_memory_is_cleared)
{
    for (unsigned i = 0; i < SIZES; i++) {
        size_t usable = __rust_usable_size(sizes[i], 16);
        for (unsigned round = 0; round < 3; round++) {
            unsigned char *block = __rust_allocate_zeroed(sizes[i], 16);
            ck_assert_ptr_nonnull(block);
            expect(block, 0, sizes[i], 0);
            fill(block, 0, usable, 0xff);
            __rust_deallocate(block, sizes[i], 16);
        }
    }
}
END_TEST

START_TEST(a_run_that_is_half_fresh_is_zero_all_over)
{
    unsigned char *dirty = take(KIB(64), 16);
    fill(dirty, 0, KIB(64), 0xff);
    __rust_deallocate(dirty, KIB(64), 16);
    unsigned char *run = __rust_allocate_zeroed(KIB(512), 16);
    ck_assert_ptr_eq(run, dirty);
    expect(run, 0, KIB(512), 0);
}
END_TEST

START_TEST(what_cannot_be_is_refused)
{
    unsigned char *block = take(100, 16);
    fill(block, 0, 100, 1);
    static const size_t impossible[] = {SIZE_MAX,         SIZE_MAX - 15,    SIZE_MAX - 4095,
                                        SIZE_MAX - 65535, SIZE_MAX / 2 + 1, SIZE_MAX / 2};
    size_t align = (size_t)1 << _i;
    for (unsigned i = 0; i < sizeof impossible / sizeof *impossible; i++) {
        ck_assert_ptr_null(__rust_allocate(impossible[i], align));
        ck_assert_ptr_null(__rust_allocate_zeroed(impossible[i], align));
        ck_assert_uint_eq(__rust_usable_size(impossible[i], align), impossible[i]);
        if (align <= 16) {
            ck_assert_ptr_null(__rust_reallocate(block, 100, impossible[i], align));
            ck_assert_uint_eq(__rust_reallocate_inplace(block, 100, impossible[i], align),
                              __rust_usable_size(100, align));
        }
    }
    if (align > (size_t)1 << 30)
        ck_assert_ptr_null(__rust_allocate(1, align));
    expect(block, 0, 100, 1);
    __rust_deallocate(block, 100, 16);
    expect_sound();
}
END_TEST

START_TEST(freed_memory_serves_all_classes)
{
    enum { BYTES = 8 << 20 };
    static void *blocks[BYTES / 64];
    size_t most = 0;
    for (size_t size = 64; size <= MIB(1); size = size * 3 / 2) {
        size_t count = BYTES / __rust_usable_size(size, 8);
        for (size_t i = 0; i < count; i++)
            blocks[i] = take(size, 8);
        for (size_t i = 0; i < count; i++)
            __rust_deallocate(blocks[i], size, 8);
        size_t chunks = reference_alloc_stats().chunks;
        most = chunks > most ? chunks : most;
    }
    ck_assert_uint_le(most, 6); /* three hold 8 MiB; what a thread keeps can pin a few more */
    expect_sound();
}
END_TEST

START_TEST(large_blocks_go_back_to_the_system)
{
    for (unsigned round = 0; round < 100; round++) {
        unsigned char *block = take(MIB(2) + round * KIB(100), 16);
        block[0] = 1;
        __rust_deallocate(block, MIB(2) + round * KIB(100), 16);
        ck_assert_uint_eq(reference_alloc_stats().mapped_bytes, 0);
        ck_assert_uint_le(reference_alloc_stats().kept_bytes, MIB(32));
    }
    unsigned char *huge = take(MIB(64), 16);
    __rust_deallocate(huge, MIB(64), 16);
    ck_assert_uint_le(reference_alloc_stats().kept_bytes, MIB(32));
    expect_sound();
}
END_TEST

START_TEST(errno_is_left_alone)
{
    errno = EDOM;
    unsigned char *block = take(MIB(2), 16);
    __rust_reallocate_inplace(block, MIB(2), MIB(64), 16);
    void *halves[3]; /* halves of the address space; with 32 bits, one may fit */
    for (size_t i = 0; i < 3; i++)
        halves[i] = __rust_allocate(SIZE_MAX / 2 - MIB(1), 16);
    ck_assert_ptr_null(halves[2]);
    for (size_t i = 0; i < 3; i++)
        if (halves[i] != NULL)
            __rust_deallocate(halves[i], SIZE_MAX / 2 - MIB(1), 16);
    __rust_deallocate(block, MIB(2), 16);
    ck_assert_int_eq(errno, EDOM);
}
END_TEST

/* From now on the system refuses memory: only what is mapped now can be used. */
static void refuse_memory(void)
{
    struct rlimit none = {0, 0};
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &none), 0);
}

/* Takes blocks until the allocator refuses. Returns how many it took. */
static size_t take_all(unsigned char **blocks, size_t most, size_t size)
{
    size_t count = 0;
    for (; count < most && (blocks[count] = __rust_allocate(size, 16)) != NULL; count++)
        fill(blocks[count], 0, size, (unsigned char)count);
    return count;
}

START_TEST(exhaustion_is_null_and_passes)
{
    static unsigned char *blocks[100000];
    size_t size = sizes[_i];
    unsigned char *first = take(size, 16);
    fill(first, 0, size, 77);
    refuse_memory();
    size_t count = take_all(blocks, 100000, size);
    ck_assert_ptr_null(__rust_allocate(MIB(8), 16));
    ck_assert_ptr_null(__rust_reallocate(first, size, MIB(8), 16));
    expect(first, 0, size, 77);
    for (size_t i = 0; i < count; i++)
        expect(blocks[i], 0, size, (unsigned char)i);
    expect_sound();
    ck_assert_ptr_nonnull(__rust_reallocate(first, size, 1, 16)); /* a shrink never fails */
    for (size_t i = 0; i < count; i++)
        __rust_deallocate(blocks[i], size, 16);
    expect_sound();
    struct rlimit plenty = {RLIM_INFINITY, RLIM_INFINITY};
    if (setrlimit(RLIMIT_AS, &plenty) == 0) /* root only: the hard limit went down too */
        __rust_deallocate(take(MIB(8), 16), MIB(8), 16);
    else if (count > 0)
        __rust_deallocate(take(size, 16), size, 16);
    expect_sound();
}
END_TEST

START_TEST(what_was_kept_is_given_up_before_null)
{
    static unsigned char *blocks[100000];
    size_t small = take_all(blocks, 50000, 100);
    for (size_t i = 0; i < small; i++)
        __rust_deallocate(blocks[i], 100, 16);
    refuse_memory();
    ck_assert_uint_ge(take_all(blocks, 100000, KIB(512)), 1); /* made of the joined pages of the small blocks */
    expect_sound();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reference_alloc/contract");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 120);
    tcase_add_loop_test(all, blocks_are_aligned_and_own_all_their_usable_bytes, 0, 25);
    tcase_add_loop_test(all, usable_size_leaves_slack_and_is_a_fixed_point, 0, 25);
    tcase_add_test(all, every_old_size_of_the_range_is_accepted);
    tcase_add_loop_test(all, reallocate_keeps_contents_and_alignment, 0, 24);
    tcase_add_test(all, a_run_grows_into_the_free_run_behind_it);
    tcase_add_test(all, a_run_shrinks_and_its_end_is_free_for_others);
    tcase_add_test(all, a_mapped_block_is_resized_where_it_is_by_remapping);
    tcase_add_test(all, a_mapped_block_that_must_move_takes_its_pages_along);
    tcase_add_test(all, in_place_answers_are_one_of_two);
    tcase_add_test(all, fresh_pages_are_not_cleared_a_second_time);
    tcase_add_test(all, recycled_memory_is_cleared);
    tcase_add_test(all, a_run_that_is_half_fresh_is_zero_all_over);
    tcase_add_loop_test(all, what_cannot_be_is_refused, 0, sizeof(size_t) * 8);
    tcase_add_test(all, freed_memory_serves_all_classes);
    tcase_add_test(all, large_blocks_go_back_to_the_system);
    tcase_add_test(all, errno_is_left_alone);
    tcase_add_loop_test(all, exhaustion_is_null_and_passes, 0, SIZES);
    tcase_add_test(all, what_was_kept_is_given_up_before_null);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
