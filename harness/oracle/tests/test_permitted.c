/* What a binding rules out is not asked, whoever wants it: no call is made, nothing is taped, nothing is counted. */
#include <check.h>
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "harness/candidate/binding.h"
#include "harness/candidate/tests/fixture.h"
#include "harness/oracle/heap.h"
#include "harness/oracle/tests/candidates/hooks.h"
#include "harness/trace/replay.h"

enum { TAPE = 1 << 10, ARENA = 1 << 20 };

#define LEAST                                                        \
    "[allocate]\ncall = __rust_allocate(size, align)\n"              \
    "[deallocate]\ncall = __rust_deallocate(ptr, old_size, align)\n" \
    "[reallocate]\ncall = __rust_reallocate(ptr, old_size, size, align)\n"
#define IN_PLACE "[reallocate_inplace]\ncall = __rust_reallocate_inplace(ptr, old_size, size, align)\n"
#define USABLE "[usable_size]\ncall = __rust_usable_size(size, align)\n"

static struct heap heap;
static struct flight *flight;
static size_t largest_align, calls;

static _Alignas(4096) unsigned char arena[ARENA];
static size_t used;

static size_t in_classes(size_t size, size_t align)
{
    (void)align;
    return (size + 63) / 64 * 64;
}

static void note_call(size_t align)
{
    calls++;
    largest_align = align > largest_align ? align : largest_align;
}

static void *bump(size_t size, size_t align)
{
    note_call(align);
    used = (used + align - 1) / align * align;
    void *block = arena + used;
    used += in_classes(size, align);
    return block;
}

static void forget(void *block, size_t old_size, size_t align) { (void)block, (void)old_size, note_call(align); }

static void *copy(void *block, size_t old_size, size_t size, size_t align)
{
    return memcpy(bump(size, align), block, old_size < size ? old_size : size);
}

static size_t stay(void *block, size_t old_size, size_t size, size_t align)
{
    (void)block, (void)size;
    note_call(align);
    return in_classes(old_size, align);
}

static size_t usable(size_t size, size_t align)
{
    note_call(align);
    return in_classes(size, align);
}

static int law_index(const char *id)
{
    for (int law = 0; law < LAW_COUNT; law++)
        if (strcmp(law_id((enum law)law), id) == 0)
            return law;
    return -1;
}

/* Each test has a process of its own (Check forks): everything is fresh. */
static void open_heap(const char *text)
{
    struct error error = {0};
    const char *path = file_write(".binding", text, strlen(text));
    const struct binding *binding = binding_load(path, NULL, &error);
    file_remove(path);
    ck_assert_msg(binding != NULL, "%s", error.text);
    const struct candidate *candidate = candidate_open(fixture("hooks"), binding, &error);
    ck_assert_msg(candidate != NULL, "%s", error.text);
    flight = mmap(NULL, flight_size(TAPE), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    flight->tape_capacity = TAPE;
    ck_assert(heap_create(&heap, candidate, flight, law_index, 1 << 10, &error));
    heap.old_size_is_exact = binding_old_size(binding) != OLD_SIZE_RANGE;
    struct hooks *hooks = dlsym(dlopen(fixture("hooks"), RTLD_NOW | RTLD_NOLOAD), "hooks");
    *hooks = (struct hooks){bump, bump, forget, copy, stay, usable};
}

static uint64_t counted(void)
{
    uint64_t sum = 0;
    for (int law = 0; law < LAW_COUNT; law++)
        sum += flight_count(flight, law);
    return sum;
}

/* Since these were noted, nothing was called, taped or counted. */
static struct before {
    uint64_t calls, flight_calls, tape, counted;
} now(void) { return (struct before){calls, flight->slots[0].calls, flight->tape_length, counted()}; }

static void check_untouched(struct before before)
{
    struct before after = now();
    ck_assert_uint_eq(after.calls, before.calls);
    ck_assert_uint_eq(after.flight_calls, before.flight_calls);
    ck_assert_uint_eq(after.tape, before.tape);
    ck_assert_uint_eq(after.counted, before.counted);
}

START_TEST(an_operation_that_is_left_out_is_not_asked)
{
    open_heap(LEAST);
    struct block *block = heap_allocate(&heap, 100, 8);
    struct before before = now();
    ck_assert(!heap_has(&heap, OP_ALLOCATE_ZEROED) && !heap_has(&heap, OP_REALLOCATE_INPLACE) &&
              !heap_has(&heap, OP_USABLE_SIZE));
    ck_assert_ptr_null(heap_allocate_zeroed(&heap, 10, 8));
    ck_assert(!heap_reallocate_inplace(&heap, block, 100, 50));
    ck_assert_uint_eq(heap_usable_size(&heap, 10, 8), 10);
    ck_assert_uint_eq(heap_ask_usable_size(&heap, 10, 8), 10);
    check_untouched(before);
    ck_assert_uint_eq(block->extent, 100);
}
END_TEST

START_TEST(a_trace_that_has_such_an_operation_is_replayed_without_it)
{
    static const struct event events[] = {
        {.kind = OP_ALLOCATE_ZEROED, .block = 1, .size = 10, .align_log2 = 3},
        {.kind = OP_USABLE_SIZE, .size = 10, .align_log2 = 3},
        {.kind = OP_REALLOCATE_INPLACE, .block = 1, .size = 20, .align_log2 = 3},
        {.kind = OP_ALLOCATE, .block = 2, .size = 10, .align_log2 = 6},
    };
    open_heap("[binding]\nmax_align = 16\n" LEAST);
    ck_assert(trace_replay(&heap, events, sizeof events / sizeof *events));
    check_untouched((struct before){0});
}
END_TEST

static const size_t limits[] = {1, 4, 16, 4096};

START_TEST(an_alignment_above_the_limit_is_lowered)
{
    char text[2000];
    snprintf(text, sizeof text, "[binding]\nmax_align = %zu\n" LEAST USABLE, limits[_i]);
    open_heap(text);
    for (size_t align = 1; align <= 8192; align *= 2) {
        struct block *block = heap_allocate(&heap, 100, align);
        size_t asked = align < limits[_i] ? align : limits[_i];
        ck_assert_uint_eq(block_align(block), asked);
        ck_assert_uint_eq(heap_align(&heap, align), asked);
        heap_usable_size(&heap, 100 + align, align);
        heap_ask_usable_size(&heap, 100, align);
        ck_assert(heap_reallocate(&heap, block, 100, 200));
        heap_deallocate(&heap, block, 200);
    }
    ck_assert_uint_eq(largest_align, limits[_i]);
    ck_assert_uint_eq(flight->finding_count, 0);
}
END_TEST

/* Where old_size must be exact, nothing is asked whose answer leaves the size open. */
START_TEST(an_answer_that_tells_nothing_is_not_asked_for)
{
    static const char *const rules[] = {"exact", "ignored"};
    char text[2000];
    snprintf(text, sizeof text, "[binding]\nold_size = %s\n" LEAST IN_PLACE USABLE, rules[_i]);
    open_heap(text);
    struct block *block = heap_allocate(&heap, 100, 8);
    ck_assert_uint_eq(heap_old_size_high(&heap, block), 100);
    heap_usable_size(&heap, 90, 8); /* asked here, remembered below */
    struct before before = now();
    ck_assert(!heap_reallocate_inplace(&heap, block, 100, 90));
    check_untouched(before);
    ck_assert(heap_may_resize_inplace(&heap, 100, 100, 8));
    ck_assert(heap_may_resize_inplace(&heap, 100, 30, 8));
    ck_assert(!heap_reallocate_inplace(&heap, block, 100, 30)); /* asked, and refused */
    ck_assert_uint_gt(calls, before.calls);
    ck_assert_uint_eq(block->requested, 100);
    ck_assert_uint_eq(flight->finding_count, 0);
}
END_TEST

/* The binding works the answer out by itself: it is no merit of the candidate's that nothing crashed. */
START_TEST(a_value_counts_for_no_call)
{
    open_heap(LEAST "[usable_size]\nvalue = size\n[reallocate_inplace]\nvalue = old_size\n");
    struct block *block = heap_allocate(&heap, 100, 8);
    uint64_t returned = flight_count(flight, LAW_RETURNS), registers = flight_count(flight, LAW_REGISTERS);
    ck_assert_uint_eq(returned, 1);
    ck_assert(!heap_reallocate_inplace(&heap, block, 100, 200));
    ck_assert_uint_eq(heap_ask_usable_size(&heap, 100, 8), 100);
    ck_assert_uint_eq(flight_count(flight, LAW_RETURNS), returned);
    ck_assert_uint_eq(flight_count(flight, LAW_REGISTERS), registers);
    ck_assert_uint_eq(flight_count(flight, LAW_INPLACE_REFUSAL), 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("oracle/permitted");
    TCase *cases = tcase_create("bindings");
    tcase_add_test(cases, an_operation_that_is_left_out_is_not_asked);
    tcase_add_test(cases, a_trace_that_has_such_an_operation_is_replayed_without_it);
    tcase_add_loop_test(cases, an_alignment_above_the_limit_is_lowered, 0, sizeof limits / sizeof *limits);
    tcase_add_loop_test(cases, an_answer_that_tells_nothing_is_not_asked_for, 0, 2);
    tcase_add_test(cases, a_value_counts_for_no_call);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
