/* The text of traces: what is written is read back, and what is wrong is said with its line. */
#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/prng.h"
#include "harness/candidate/c_function.h"
#include "harness/trace/text.h"

static void make_c_event(struct prng *prng, struct event *event)
{
    enum c_function function = (enum c_function)prng_below(prng, C_FUNCTIONS);
    enum c_role role = c_shape(function)->role;
    event->align_log2 = (uint8_t)function;
    event->old_size_place = role != C_MAKES && prng_chance(prng, 1, 3);
    if (!event->old_size_place || role == C_RESIZES)
        event->block = (uint32_t)prng_between(prng, 1, UINT32_MAX);
    if (c_takes(function, C_SIZE))
        event->size = prng_next(prng) & SIZE_MAX;
    if (c_takes(function, C_COUNT) || c_takes(function, C_ALIGN))
        event->old_size_step = prng_next(prng) & SIZE_MAX;
}

static struct event some_event(struct prng *prng)
{
    struct event event = {.kind = (uint8_t)prng_below(prng, EVENT_KINDS), .thread = (uint8_t)prng_below(prng, 64)};
    bool names_block = event.kind < OP_USABLE_SIZE, makes = event.kind <= OP_ALLOCATE_ZEROED;
    if (names_block)
        event.block = (uint32_t)prng_between(prng, 1, UINT32_MAX);
    if (makes || event.kind == OP_USABLE_SIZE)
        event.align_log2 = (uint8_t)prng_below(prng, sizeof(size_t) * 8);
    if (event.kind == EVENT_GUARD || (event.kind < OPERATIONS && event.kind != OP_DEALLOCATE)) {
        event.size = prng_next(prng) & SIZE_MAX;
        event.size = event.size >> prng_below(prng, sizeof(size_t) * 8 - 1) | 1;
    }
    if (event.kind == EVENT_SETTING) {
        event.align_log2 = (uint8_t)prng_below(prng, SETTINGS);
        event.size = prng_below(prng, 100000);
    }
    if (event.kind == EVENT_REFUSE || event.kind == EVENT_REFUSE_ONCE)
        event.size = prng_below(prng, 5);
    if (names_block && !makes)
        event.old_size_place = (uint8_t)prng_below(prng, 3);
    if (event.old_size_place == OLD_SIZE_WITHIN)
        event.old_size_step = prng_next(prng);
    if (event.kind == EVENT_THREAD_END && event.thread == 0)
        event.thread = 1;
    if (event.kind == EVENT_C)
        make_c_event(prng, &event);
    return event;
}

START_TEST(what_is_written_is_read_back)
{
    enum { COUNT = 2000 };
    static struct event events[COUNT];
    struct prng prng = {_i};
    struct event *read;
    struct error error = {0};
    char *text = NULL;
    size_t length;
    for (int i = 0; i < COUNT; i++)
        events[i] = some_event(&prng);
    FILE *memory = open_memstream(&text, &length);
    ck_assert(trace_write(memory, "one line\nand another\n", events, COUNT));
    fclose(memory);
    ck_assert_int_eq(trace_parse("t", text, &read, &error), COUNT);
    ck_assert_str_eq(error.text, "");
    for (int i = 0; i < COUNT; i++)
        ck_assert_mem_eq(&read[i], &events[i], sizeof events[i]);
    free(read);
    free(text);
}
END_TEST

START_TEST(answers_are_comments)
{
    struct event event = {.kind = OP_ALLOCATE, .block = 1, .size = 24, .align_log2 = 4, .answer = 0xabcd}, *read;
    struct error error = {0};
    char *text = NULL;
    size_t length;
    FILE *memory = open_memstream(&text, &length);
    ck_assert(trace_write(memory, NULL, &event, 1));
    fclose(memory);
    ck_assert_ptr_nonnull(strstr(text, "# answered 0xabcd"));
    ck_assert_int_eq(trace_parse("t", text, &read, &error), 1);
    ck_assert_uint_eq(read[0].answer, 0);
    ck_assert_uint_eq(read[0].size, 24);
    free(read);
    free(text);
}
END_TEST

#if SIZE_MAX == UINT32_MAX
#define A_SIZE "a size of this 32-bit platform from 1 to 4294967295"
#else
#define A_SIZE "a size from 1 to 18446744073709551615"
#endif

static const struct bad_text {
    const char *text, *error;
} bad_texts[] = {
    {"", "t:1: found the end of the line, expected \"assay trace 1\", the first line of a trace"},
    {"b1 = allocate(size 1, align 1)", "t:1: found \"b1\", expected \"assay trace 1\", the first line of a trace"},
    {"assay trace 2\n", "t:1: found \"2\", expected a version of the format from 1 to 1"},
    {"assay trace 1 x\n", "t:1: found \"x\", expected the end of the line or a comment"},
    {"assay trace 1\n\n# c\nb1 = allocate(size 0, align 8)", "t:4: found \"0\", expected " A_SIZE},
    {"assay trace 1\nb1 = allocate(size 8, align 6)", "t:2: found \"6\", expected a power of two"},
    {"assay trace 1\nb0 = allocate(size 8, align 8)",
     "t:2: found \"0\", expected the number of a block from 1 to 4294967295"},
    {"assay trace 1\nb1 = free(b1)",
     "t:2: found \"free\", expected allocate, allocate_zeroed, reallocate or a function of C's"},
    {"assay trace 1\ndeallocate(b1)", "t:2: found \")\", expected \",\""},
    {"assay trace 1\ndeallocate(b1, old_size 7)",
     "t:2: found \"7\", expected \"requested\", \"usable\" or \"requested + N\""},
    {"assay trace 1\nb1 = reallocate(b2, old_size usable, size 9)",
     "t:2: found \"b2\", expected b1, the block on the left"},
    {"assay trace 1\nthread 128: verify()", "t:2: found \"128\", expected a thread from 0 to 127"},
    {"assay trace 1\nend()", "t:2: found \"end\" of the main thread, expected \"thread N:\" before it"},
    {"assay trace 1\nverify() verify()", "t:2: found \"verify\", expected the end of the line or a comment"},
    {"assay trace 1\nrefuse(all)", "t:2: found \"all\", expected \"from\", \"only\" or \"none\""},
    {"assay trace 1\nb1 = allocate(size 99999999999999999999, align 1)",
     "t:2: found \"99999999999999999999\", expected " A_SIZE},
    {"assay trace 1\nguard(size 0)", "t:2: found \"0\", expected " A_SIZE},
#if SIZE_MAX == UINT32_MAX
    {"assay trace 1\nb1 = allocate(size 4294967296, align 1)", "t:2: found \"4294967296\", expected " A_SIZE},
    {"assay trace 1\nguard(size 4294967296)", "t:2: found \"4294967296\", expected " A_SIZE},
    {"assay trace 1\nb1 = allocate(size 1, align 4294967296)",
     "t:2: found \"4294967296\", expected an alignment of this 32-bit platform from 1 to 2147483648"},
#endif
    {"assay trace 1\nallocate(size 8, align 8)", "t:2: found \"allocate\", expected a block and \"=\", or "
                                                 "reallocate_inplace, deallocate, usable_size, verify, refuse, "
                                                 "end, guard, set"},
    {"assay trace 1\nset(colour 1)", "t:2: found \"colour\", expected stack, processor, pause, keep or exit"},
    {"assay trace 1\nset(pause many)", "t:2: found \"many\", expected a value of the setting from 0 to 1073741824"},
};

START_TEST(what_is_wrong_is_said_with_its_line)
{
    struct event *events;
    struct error error = {0};
    char *text = strdup(bad_texts[_i].text);
    ck_assert_int_eq(trace_parse("t", text, &events, &error), -1);
    ck_assert_str_eq(error.text, bad_texts[_i].error);
    ck_assert_ptr_null(events);
    free(text);
}
END_TEST

START_TEST(a_file_that_is_not_there)
{
    struct event *events;
    struct error error = {0};
    ck_assert_int_eq(trace_read("no/such.trace", &events, &error), -1);
    ck_assert_str_eq(error.text, "no/such.trace: cannot be read: No such file or directory");
    error = (struct error){0};
    ck_assert_int_eq(trace_read("/", &events, &error), -1);
    ck_assert_str_eq(error.text, "/: is a directory, expected a trace");
}
END_TEST

START_TEST(a_report_shows_calls_with_numbers)
{
    struct event events[] = {
        {.kind = OP_ALLOCATE, .block = 1, .size = 24, .align_log2 = 4, .answer = 0x1000, .returned = 1},
        {.kind = OP_REALLOCATE,
         .block = 1,
         .size = 48,
         .align_log2 = 4,
         .old_size_place = OLD_SIZE_USABLE,
         .old_size_step = 8,
         .answer = 0x2000,
         .returned = 1},
        {.kind = OP_REALLOCATE, .block = 1, .size = 900, .align_log2 = 4, .returned = 1},
        {.kind = OP_REALLOCATE_INPLACE,
         .block = 1,
         .size = 40,
         .align_log2 = 4,
         .answer = 48,
         .thread = 3,
         .returned = 1},
        {.kind = OP_DEALLOCATE, .block = 9, .align_log2 = 3, .old_size_place = OLD_SIZE_USABLE, .returned = 1},
        {.kind = EVENT_VERIFY},
        {.kind = OP_ALLOCATE, .block = 2, .size = 8, .align_log2 = 3},
    };
    char text[1000], shorter[100];
    const char *expected = "p1 = allocate(size 24, align 16)  -> 0x1000\n"
                           "p1 = reallocate(p1, old_size 32 (usable), size 48, align 16)  -> 0x2000\n"
                           "p1 = reallocate(p1, old_size 48, size 900, align 16)  -> null\n"
                           "thread 3: reallocate_inplace(p1, old_size 48, size 40, align 16)  -> 48\n"
                           "deallocate(p9, old_size usable, align 8)\n"
                           "(the contents of all live blocks are checked)\n"
                           "p2 = allocate(size 8, align 8)  had not returned\n";
    ck_assert_uint_eq(trace_print(text, sizeof text, events, 7), strlen(expected));
    ck_assert_str_eq(text, expected);
    trace_print(shorter, sizeof shorter, events, 7);
    ck_assert_str_eq(shorter, "p1 = allocate(size 24, align 16)  -> 0x1000\n");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace text");
    TCase *tests = tcase_create("text");
    tcase_add_loop_test(tests, what_is_written_is_read_back, 0, 10);
    tcase_add_test(tests, answers_are_comments);
    tcase_add_loop_test(tests, what_is_wrong_is_said_with_its_line, 0, sizeof bad_texts / sizeof *bad_texts);
    tcase_add_test(tests, a_file_that_is_not_there);
    tcase_add_test(tests, a_report_shows_calls_with_numbers);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
