/* reference_alloc/tests/test_reference_sizes.c: the size arithmetic of the reference allocator, over all 32-bit sizes.
 *
 * The arithmetic part of reference_alloc.c is compiled here with 32-bit sizes, so that every size can be tried on any
 * machine. For one alignment, a sweep over all 2^32 - 1 sizes compares usable_size with its rule in 64 bits. This shows
 * that it never wraps, that it is constant on size ..= usable(size) and hence idempotent, that slots are multiples of
 * the alignment, and that it refuses exactly the sizes that cannot be granted. By default, the alignments 16 and 2 MiB
 * are swept completely. The others are swept over all slot sizes and around every step of the mapped sizes, and those
 * up to 2,048 are compared with 16. With REFERENCE_ALLOC_ALL_SIZES=1, all 32 alignments from 1 to 2^31 are swept
 * completely.
 */
#include <check.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#define REFERENCE_ALLOC_SIZE uint32_t
#define REFERENCE_ALLOC_ARITHMETIC_ONLY
#include "reference_alloc/reference_alloc.c"

#ifdef __clang__ /* clang vectorizes without being asked */
#define VECTORIZED
#else
#define VECTORIZED __attribute__((optimize("O3")))
#endif

/* The correct answer of usable_size, computed in another way and in wider arithmetic than in the allocator. */
static uint64_t expected_answer(uint64_t size, uint64_t align)
{
    for (unsigned class = 0; size <= SLOT_MAX && align <= PAGE; class++)
        if (slot_bytes(class) >= size && slot_bytes(class) % align == 0)
            return slot_bytes(class);
    if (size <= RUN_MAX && align <= PAGE)
        return (size + 4095) / 4096 * 4096;
    uint64_t lead = align > CHUNK ? CHUNK : align < MAPPED_LEAD ? MAPPED_LEAD : align;
    if (align > UINT64_C(1) << 30 || size + lead > UINT64_C(0x7fff0000))
        return size; /* the request cannot be granted */
    return (size + lead + 65535) / 65536 * 65536 - lead;
}

/* Returns the bits in which some answer for the `count` sizes differs from the expected one. */
static VECTORIZED uint32_t differences(uint32_t from, uint32_t count, uint32_t align, uint32_t expected)
{
    uint32_t different = 0;
    for (uint32_t i = 0; i < count; i++)
        different |= usable_size(from + i, align) ^ expected;
    return different;
}

/* Are all sizes refused? The answer for a refused size is the size itself, and there is no region for it. */
static VECTORIZED bool all_refused(uint32_t from, uint32_t to, uint32_t align)
{
    uint32_t granted = 0, count = to - from + 1;
    for (uint32_t i = 0; i < count; i++)
        granted |= (usable_size(from + i, align) ^ (from + i)) | mapped_bytes(from + i, align);
    return granted == 0;
}

/* Checks the sizes from ..= to. Sizes with the same expected answer form a stretch. Returns the first size of a
 * stretch in which some answer was wrong, or 0. Every answer is >= its size and holds for all sizes up to the
 * answer, so usable_size is constant on size ..= usable(size) and idempotent. */
static uint32_t sweep(uint32_t from, uint32_t to, uint32_t align)
{
    for (uint64_t size = from; size <= to;) {
        uint64_t expected = expected_answer(size, align), end = expected < to ? expected : to;
        bool refused = size > SLOT_MAX && expected_answer(size + 1, align) == size + 1 && expected == size;
        if (refused)
            return all_refused((uint32_t)size, to, align) ? 0 : (uint32_t)size;
        uint32_t count = (uint32_t)(end - size + 1);
        if (differences((uint32_t)size, count, align, (uint32_t)expected) != 0)
            return (uint32_t)size;
        size = end + 1;
    }
    return 0;
}

static bool sweeps_all(void)
{
    return getenv("REFERENCE_ALLOC_ALL_SIZES") != NULL;
}

START_TEST(every_size_at_alignments_that_lead_elsewhere)
{
    static const uint32_t aligns[] = {16, 2u << 20};
    ck_assert_uint_eq(sweep(1, UINT32_MAX, aligns[_i]), 0);
}
END_TEST

START_TEST(every_size_at_small_alignments_is_as_at_16)
{
    uint32_t align = 1u << _i;
    if (sweeps_all())
        ck_assert_uint_eq(sweep(1, UINT32_MAX, align), 0);
    for (uint32_t size = 1; align <= 16 && size <= SLOT_MAX; size++)
        ck_assert_uint_eq(usable_size(size, align), usable_size(size, 16));
    for (uint64_t size = SLOT_MAX + 1; size <= UINT32_MAX; size += 1009)
        if (usable_size((uint32_t)size, align) != usable_size((uint32_t)size, 16))
            ck_abort_msg("size %u, align %u", (unsigned)size, align);
}
END_TEST

START_TEST(every_slot_size_at_alignments_up_to_a_page)
{
    ck_assert_uint_eq(sweep(1, 4 * SLOT_MAX, 1u << _i), 0);
}
END_TEST

START_TEST(every_step_at_all_other_alignments)
{
    uint32_t align = 1u << _i;
    if (sweeps_all())
        ck_assert_uint_eq(sweep(1, UINT32_MAX, align), 0);
    for (uint64_t step = 0; step < UINT64_C(1) << 32; step += GRANULE)
        ck_assert_uint_eq(sweep(step == 0 ? 1 : (uint32_t)step - 16, (uint32_t)step + 16, align), 0);
    for (uint64_t step = 0; step < UINT64_C(1) << 32; step += GRANULE) /* the lead shifts the steps */
        ck_assert_uint_eq(sweep((uint32_t)step + 63472, (uint32_t)step + 63504, align), 0);
    ck_assert_uint_eq(sweep(UINT32_MAX - 100000, UINT32_MAX, align), 0);
}
END_TEST

START_TEST(classes_ascend_and_waste_a_fifth_at_most)
{
    for (unsigned class = 0; class < CLASSES; class++) {
        uint32_t bytes = slot_bytes(class), before = class == 0 ? 0 : slot_bytes(class - 1);
        ck_assert_uint_eq(slot_class(bytes, 1), class);
        ck_assert_uint_eq(slot_class(before + 1, 1), class);
        ck_assert(bytes - before <= 16 || 5 * (bytes - before) <= bytes);
    }
    ck_assert_uint_eq(slot_bytes(CLASSES - 1), SLOT_MAX);
}
END_TEST

START_TEST(spans_are_well_used)
{
    for (unsigned class = 0; class < CLASSES; class++) {
        uint32_t bytes = span_pages(class) * PAGE, slots = span_slots(class);
        ck_assert_uint_ge(slots, 8);
        ck_assert_uint_lt(bytes - slots * slot_bytes(class), slot_bytes(class));
        ck_assert_uint_le(16 * (bytes - slots * slot_bytes(class)), bytes); /* a sixteenth is lost at most */
        ck_assert_uint_ge(cache_batch(class), 1);
        ck_assert_uint_ge(cache_limit(class), cache_batch(class));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reference_alloc/sizes");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 600);
    tcase_add_loop_test(all, every_size_at_alignments_that_lead_elsewhere, 0, 2);
    tcase_add_loop_test(all, every_size_at_small_alignments_is_as_at_16, 0, 12);
    tcase_add_loop_test(all, every_slot_size_at_alignments_up_to_a_page, 0, 13);
    tcase_add_loop_test(all, every_step_at_all_other_alignments, 12, 32);
    tcase_add_test(all, classes_ascend_and_waste_a_fifth_at_most);
    tcase_add_test(all, spans_are_well_used);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
