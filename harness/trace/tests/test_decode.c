/* Bytes as traces: total, deterministic, and worth an engine's time. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/prng.h"
#include "harness/sandbox/flight.h"
#include "harness/trace/decode.h"
#include "harness/trace/text.h"

enum { BYTES = 6000, EVENTS = BYTES / DECODE_BYTES };

static uint8_t bytes[BYTES];
static struct event events[EVENTS];

static void fill(uint64_t seed)
{
    struct prng prng = {seed};
    for (int i = 0; i < BYTES; i++)
        bytes[i] = (uint8_t)prng_next(&prng);
}

START_TEST(every_event_is_a_legal_one)
{
    fill((uint64_t)_i);
    ck_assert_uint_eq(trace_decode(bytes, BYTES, events, EVENTS), EVENTS);
    static bool live[EVENTS + 1];
    memset(live, 0, sizeof live);
    for (int i = 0; i < EVENTS; i++) {
        const struct event *event = &events[i];
        bool makes = event->kind <= OP_ALLOCATE_ZEROED,
             sized = event->kind < OPERATIONS && event->kind != OP_DEALLOCATE;
        ck_assert_uint_lt(event->kind, EVENT_KINDS);
        ck_assert_uint_lt(event->thread, FLIGHT_THREADS);
        ck_assert_uint_lt(event->align_log2, 16);
        ck_assert(!sized || event->size >= 1);
        ck_assert(event->kind >= OP_USABLE_SIZE || (event->block >= 1 && event->block <= EVENTS));
        ck_assert(event->kind >= OP_USABLE_SIZE || live[event->block] == !makes);
        live[event->block] = event->kind < OP_USABLE_SIZE && event->kind != OP_DEALLOCATE;
    }
}
END_TEST

/* The text form accepts every decoded trace, so what an engine finds can be kept as a trace file. */
START_TEST(it_can_be_written_and_read_back)
{
    char *text = NULL;
    size_t length;
    struct event *read;
    struct error error = {0};
    fill((uint64_t)_i);
    trace_decode(bytes, BYTES, events, EVENTS);
    FILE *memory = open_memstream(&text, &length);
    ck_assert(trace_write(memory, NULL, events, EVENTS));
    fclose(memory);
    ck_assert_msg(trace_parse("t", text, &read, &error) == EVENTS, "%s", error.text);
    ck_assert_mem_eq(read, events, sizeof events);
    free(read);
    free(text);
}
END_TEST

START_TEST(the_tail_counts_as_if_zeros_followed)
{
    struct event one, other;
    uint8_t whole[DECODE_BYTES] = {12, 7, 0, 0, 0, 0};
    ck_assert_uint_eq(trace_decode(whole, 2, &one, 1), 1);
    ck_assert_uint_eq(trace_decode(whole, DECODE_BYTES, &other, 1), 1);
    ck_assert_mem_eq(&one, &other, sizeof one);
    ck_assert_uint_eq(trace_decode(whole, 0, &one, 1), 0);
}
END_TEST

/* If this changes, every stored input of every engine means something else. */
START_TEST(the_meaning_of_bytes_stays)
{
    static const uint8_t stored[] = {0,  0, 0x84, 10, 0, 0, 20, 0, 0x50, 11, 128, 2,
                                     14, 0, 0,    0,  0, 1, 31, 0, 0x50, 0,  0,   0};
    static const char *const meaning[] = {"b1 = allocate(size 1023, align 16)",
                                          "thread 1: b1 = reallocate(b1, old_size requested + 2, size 3072)",
                                          "deallocate(b1, old_size usable)", "thread 1: end()"};
    ck_assert_uint_eq(trace_decode(stored, sizeof stored, events, EVENTS), 4);
    for (int i = 0; i < 4; i++) {
        char text[EVENT_TEXT];
        event_text(text, sizeof text, &events[i]);
        ck_assert_str_eq(text, meaning[i]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace decode");
    TCase *tests = tcase_create("decode");
    tcase_add_loop_test(tests, every_event_is_a_legal_one, 0, 20);
    tcase_add_loop_test(tests, it_can_be_written_and_read_back, 0, 5);
    tcase_add_test(tests, the_tail_counts_as_if_zeros_followed);
    tcase_add_test(tests, the_meaning_of_bytes_stays);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
