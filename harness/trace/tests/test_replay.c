/* Replaying: whatever a trace says, the candidate sees legal calls only, by the threads the trace names. The toy
 * allocator counts what it sees. */
#include <check.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "harness/base/prng.h"
#include "harness/refusal/refuse.h"
#include "harness/trace/live.h"
#include "harness/trace/replay.h"
#include "harness/trace/text.h"
#include "harness/trace/tests/toys.h"

enum { TAPE = 1 << 16 };

static struct heap heap;
static struct flight *flight;
static int *calls, *illegal, *threads, *live;

/* Check runs each test in a process of its own: the candidate is fresh every time. */
static void open_toy(const char *name)
{
    struct error error = {0};
    const char *path = toy_path(name);
    const struct binding *binding = binding_load("rust-1.19", TOY_BINDINGS, &error);
    const struct candidate *candidate = binding == NULL ? NULL : candidate_open(path, binding, &error);
    ck_assert_msg(candidate != NULL, "%s", error.text);
    flight = mmap(NULL, flight_size(TAPE), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    flight->tape_capacity = TAPE;
    ck_assert(heap_create(&heap, candidate, flight, toy_clause_index, 1 << 16, &error));
    void *library = dlopen(path, RTLD_NOW | RTLD_NOLOAD);
    calls = dlsym(library, "toy_calls");
    illegal = dlsym(library, "toy_illegal");
    threads = dlsym(library, "toy_threads");
    live = dlsym(library, "toy_live");
}

static size_t replay_text(const char *lines)
{
    char text[4096];
    struct event *events;
    struct error error = {0};
    snprintf(text, sizeof text, "assay trace 1\n%s", lines);
    long count = trace_parse("t", text, &events, &error);
    ck_assert_msg(count >= 0, "%s", error.text);
    ck_assert(trace_replay(&heap, events, (size_t)count));
    free(events);
    return (size_t)atomic_load(&flight->tape_length);
}

START_TEST(events_become_calls)
{
    open_toy("toy");
    replay_text("b5 = allocate(size 100, align 16)\n"
                "b9 = allocate_zeroed(size 30, align 8)\n"
                "b5 = reallocate(b5, old_size usable, size 300)\n"
                "reallocate_inplace(b5, old_size requested + 1000003, size 310)\n"
                "verify()\n"
                "deallocate(b9, old_size requested + 1)\n");
    ck_assert_int_eq(*calls, 5);
    ck_assert_int_eq(*illegal, 0);
    ck_assert_int_eq(*live, 1);
    ck_assert_uint_eq(flight->finding_count, 0);
}
END_TEST

START_TEST(the_tape_of_a_replay_replays_the_same)
{
    static struct event first[TAPE];
    open_toy("toy");
    size_t length = replay_text("b7 = allocate(size 24, align 8)\n"
                                "thread 2: b3 = allocate(size 48, align 32)\n"
                                "deallocate(b44, old_size requested)\n"
                                "thread 2: deallocate(b7, old_size usable)\n"
                                "b3 = reallocate(b3, old_size requested + 2, size 4096)\n");
    memcpy(first, flight->tape, length * sizeof *first);
    atomic_store(&flight->tape_length, 0);
    heap.next_number = 0;
    ck_assert(trace_replay(&heap, first, length));
    ck_assert_uint_eq(atomic_load(&flight->tape_length), length);
    for (size_t i = 0; i < length; i++) {
        first[i].answer = flight->tape[i].answer = 0;
        ck_assert_mem_eq(&first[i], &flight->tape[i], sizeof first[i]);
    }
    ck_assert_int_eq(*illegal, 0);
}
END_TEST

START_TEST(what_cannot_be_done_is_passed_over)
{
    open_toy("toy");
    replay_text("deallocate(b1, old_size requested)\n"
                "b1 = reallocate(b1, old_size usable, size 8)\n"
                "b1 = allocate(size 8, align 8)\n"
                "b1 = allocate(size 9, align 8)\n"
                "deallocate(b1, old_size requested)\n"
                "deallocate(b1, old_size requested)\n"
                "reallocate_inplace(b1, old_size requested, size 3)\n");
    ck_assert_int_eq(*calls, 2);
    ck_assert_int_eq(*illegal, 0);
}
END_TEST

/* Random bytes as events: every field has its whole range, and most events are nonsense. */
START_TEST(nonsense_never_reaches_the_candidate)
{
    enum { COUNT = 20000 };
    static struct event events[COUNT];
    struct prng prng = {(uint64_t)_i};
    open_toy("toy");
    for (int i = 0; i < COUNT; i++)
        events[i] =
            (struct event){.kind = (uint8_t)prng_below(&prng, i % 7 == 0 ? 256 : OP_USABLE_SIZE),
                           .align_log2 = (uint8_t)prng_below(&prng, i % 5 == 0 ? 256 : 8),
                           .thread = (uint8_t)(i % 11 == 0 ? prng_next(&prng) : 0),
                           .old_size_place = (uint8_t)prng_below(&prng, i % 3 == 0 ? 256 : 3),
                           .block = (uint32_t)prng_below(&prng, 60),
                           .size = i % 13 == 0 ? prng_next(&prng) >> prng_below(&prng, 64) : prng_below(&prng, 600),
                           .old_size_step = prng_next(&prng)};
    for (int i = 0; i < COUNT; i++) /* memory refused and pauses would be other tests */
        if (events[i].kind == EVENT_SETTING || events[i].kind == EVENT_REFUSE || events[i].kind == EVENT_REFUSE_ONCE)
            events[i].kind = EVENT_VERIFY;
    ck_assert(trace_replay(&heap, events, COUNT));
    ck_assert_int_eq(*illegal, 0);
    ck_assert_int_gt(*calls, COUNT / 10);
    ck_assert_uint_eq(flight->finding_count, 0);
}
END_TEST

START_TEST(threads_are_real_and_take_turns)
{
    open_toy("toy");
    replay_text("b1 = allocate(size 8, align 8)\n"
                "thread 1: b2 = allocate(size 8, align 8)\n"
                "thread 63: deallocate(b2, old_size requested)\n"
                "thread 1: deallocate(b1, old_size requested)\n"
                "b3 = allocate(size 8, align 8)\n");
    ck_assert_int_eq(*threads, 3);
    ck_assert_int_eq(*illegal, 0);
    ck_assert_uint_eq(atomic_load(&flight->threads), 64);
    ck_assert_uint_eq(flight->tape[1].thread, 1);
    ck_assert(flight->slots[1].tid != 0 && flight->slots[63].tid != 0 && flight->slots[1].tid != flight->slots[63].tid);
}
END_TEST

START_TEST(a_number_may_stand_for_one_thread_after_another)
{
    open_toy("toy");
    replay_text("thread 1: b1 = allocate(size 8, align 8)\n"
                "thread 1: end()\n"
                "thread 1: b2 = allocate(size 8, align 8)\n"
                "thread 2: end()\n"
                "thread 1: deallocate(b1, old_size requested)\n");
    ck_assert_int_eq(*threads, 2);
    ck_assert_int_eq(*calls, 3);
}
END_TEST

START_TEST(what_a_thread_does_at_its_end_is_seen)
{
    open_toy("toy_forgets_thread");
    replay_text("thread 1: b1 = allocate(size 64, align 8)\n"
                "verify()\n");
    ck_assert_uint_eq(flight->finding_count, 1);
    ck_assert_int_eq(flight->findings[0].clause, LAW_UNDISTURBED);
}
END_TEST

/* The toy maps its memory at the first block. */
START_TEST(memory_is_refused_where_the_trace_says_so)
{
    open_toy("toy");
    if (refuse_prepare() == REFUSE_BY_NOTHING)
        return;
    size_t length = replay_text("refuse(from 1)\n"
                                "b1 = allocate(size 8, align 8)\n"
                                "refuse(none)\n"
                                "b2 = allocate(size 8, align 8)\n"
                                "deallocate(b1, old_size requested)\n");
    ck_assert_uint_eq(length, 4);
    ck_assert_uint_eq(flight->tape[0].kind, EVENT_REFUSE);
    ck_assert_uint_eq(flight->tape[1].answer, 0);
    ck_assert_uint_ne(flight->tape[3].answer, 0);
    ck_assert_int_eq(*illegal, 0);
}
END_TEST

START_TEST(nothing_is_refused_any_more_behind_the_trace)
{
    open_toy("toy");
    replay_text("refuse(only 2)\nrefuse(from 1)\n");
    ck_assert_ptr_nonnull(heap_allocate(&heap, 8, 8));
}
END_TEST

START_TEST(a_bug_is_found)
{
    open_toy("toy_dirty");
    replay_text("b1 = allocate(size 64, align 8)\n"
                "deallocate(b1, old_size requested)\n"
                "b2 = allocate_zeroed(size 64, align 8)\n");
    ck_assert_uint_eq(flight->finding_count, 1);
    ck_assert_int_eq(flight->findings[0].clause, LAW_ZEROED);
}
END_TEST

/* A candidate has written over the table of live blocks: the look-up ends, and the process with it. */
START_TEST(a_table_without_a_free_place_is_given_up)
{
    struct live live;
    ck_assert(live_create(&live, 4));
    for (size_t i = 0; i <= live.mask; i++)
        live.entries[i].number = 99;
    live_at(&live, 5);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace replay");
    TCase *tests = tcase_create("replay");
    tcase_add_test(tests, events_become_calls);
    tcase_add_test(tests, the_tape_of_a_replay_replays_the_same);
    tcase_add_test(tests, what_cannot_be_done_is_passed_over);
    tcase_add_loop_test(tests, nonsense_never_reaches_the_candidate, 0, 4);
    tcase_add_test(tests, threads_are_real_and_take_turns);
    tcase_add_test(tests, a_number_may_stand_for_one_thread_after_another);
    tcase_add_test(tests, what_a_thread_does_at_its_end_is_seen);
    tcase_add_test(tests, memory_is_refused_where_the_trace_says_so);
    tcase_add_test(tests, nothing_is_refused_any_more_behind_the_trace);
    tcase_add_test(tests, a_bug_is_found);
    tcase_add_exit_test(tests, a_table_without_a_free_place_is_given_up, 3);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
