/* What becomes of the two accounts of one child: what was said stands, and a record that was written over is never a
 * pass. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/sandbox/settle.h"

enum { TAPE = 64, NONCE = 77, CLAUSE = 5, ANOTHER = 6, ENDS = 2 };

static struct sandbox sandbox;
static struct flight *shared;
static struct heard heard;
static int ends[ENDS];

static void begin(void)
{
    struct error error = {0};
    ck_assert(sandbox_create(&sandbox, TAPE, &error));
    ck_assert(channel_create(ends));
    ck_assert(channel_open(ends[1], NONCE)); /* this process plays both parts */
    memset(&heard, 0, sizeof heard);
    shared = sandbox.shared;
    sandbox.flight->nonce = shared->nonce = NONCE;
    shared->tape_capacity = TAPE;
}

static void end(void) { sandbox_destroy(&sandbox); }

static void complete(void)
{
    for (int i = 0; i < 1000; i++)
        flight_exercised(shared, CLAUSE);
    atomic_store(&shared->completed, NONCE);
    channel_say_end(shared->finding_count);
}

static enum record settled(void)
{
    channel_hear(ends[0], NONCE, &heard);
    return settle(&sandbox, &heard);
}

static bool is_completed(void) { return atomic_load(&sandbox.flight->completed) == NONCE; }

START_TEST(what_agrees_is_completed)
{
    flight_violated(shared, CLAUSE, "a call", "this", "that");
    flight_violated(shared, CLAUSE, "another call", "this", "that");
    complete();
    ck_assert_int_eq(settled(), RECORD_AGREES);
    ck_assert(is_completed());
    ck_assert_uint_eq(sandbox.flight->finding_count, 1);
    ck_assert_uint_eq(sandbox.flight->findings[0].count, 2);
    ck_assert_uint_eq(atomic_load(&sandbox.flight->exercised[CLAUSE]), 1000);
}
END_TEST

static void forget_findings(void) { shared->finding_count = 0; }
static void change_clause(void) { shared->findings[0].clause = -1; }
static void accuse_another(void) { shared->findings[0].clause = ANOTHER; }
static void change_text(void) { shared->findings[0].message[0] ^= 1; }
static void count_more(void) { shared->finding_count = 3000000; }
static void fill_with_ones(void) { memset(shared->findings, 0xff, sizeof shared->findings); }
static void zero_told(void) { memset((char *)shared + FLIGHT_ASKED, 0, sizeof *shared - FLIGHT_ASKED); }
static void count_for_it(void) { atomic_store(&shared->exercised[ANOTHER], 37); }

static void (*const scribbles[])(void) = {forget_findings, change_clause,  accuse_another, change_text,
                                          count_more,      fill_with_ones, zero_told,      count_for_it};
enum { SCRIBBLES = sizeof scribbles / sizeof *scribbles };

START_TEST(what_was_said_stands_whatever_is_written_over_it)
{
    flight_violated(shared, CLAUSE, "a call", "this", "that");
    complete();
    scribbles[_i]();
    ck_assert_int_eq(settled(), RECORD_WRITTEN_OVER);
    ck_assert(!is_completed());
    bool found = false;
    for (uint32_t i = 0; i < sandbox.flight->finding_count; i++) {
        const struct flight_finding *one = &sandbox.flight->findings[i];
        found = found || (one->clause == CLAUSE && strcmp(one->message, "a call") == 0);
    }
    ck_assert(found);
}
END_TEST

START_TEST(what_applies_is_what_was_said_before_any_call)
{
    channel_say_ready(5);
    shared->capabilities = 1;
    complete();
    settled();
    ck_assert_uint_eq(sandbox.flight->capabilities, 5);
}
END_TEST

START_TEST(a_forged_end_is_no_end)
{
    atomic_store(&shared->completed, NONCE);
    ck_assert_int_eq(settled(), RECORD_UNCONFIRMED);
    ck_assert(!is_completed());
    sandbox.flight->outcome = OUTCOME_HARNESS_FAILED;
    settle_outcome(sandbox.flight, RECORD_UNCONFIRMED);
    ck_assert_ptr_nonnull(strstr(sandbox.flight->detail, "not confirmed"));
}
END_TEST

START_TEST(a_count_without_its_seal_counts_for_nothing)
{
    atomic_store(&shared->exercised[ANOTHER], 37);
    complete();
    ck_assert_int_eq(settled(), RECORD_WRITTEN_OVER);
    ck_assert_uint_eq(atomic_load(&sandbox.flight->exercised[ANOTHER]), 0);
    ck_assert_uint_eq(atomic_load(&sandbox.flight->exercised[CLAUSE]), 1000);
}
END_TEST

START_TEST(a_finding_that_could_not_be_said_stands_by_its_record)
{
    close(ends[1]);
    flight_violated(shared, CLAUSE, "a call", "this", "that");
    complete();
    ck_assert_int_eq(settled(), RECORD_UNCONFIRMED);
    ck_assert_uint_eq(sandbox.flight->finding_count, 1);
    ck_assert_int_eq(sandbox.flight->findings[0].clause, CLAUSE);
}
END_TEST

START_TEST(what_others_send_is_not_heard)
{
    struct said said = {.kind = 2};
    ck_assert(send(ends[1], &said, sizeof said, 0) == sizeof said); /* the seal of nothing */
    ck_assert(send(ends[1], "", 0, 0) == 0);
    ck_assert(send(ends[1], "assay", 5, 0) == 5);
    channel_hear(ends[0], NONCE, &heard);
    ck_assert(!heard.ended);
    complete();
    channel_hear(ends[0], NONCE + 1, &heard);
    ck_assert(!heard.ended);
}
END_TEST

/* A helper that outlives the child goes on writing: the supervisor has read what it will read. */
START_TEST(what_is_written_after_the_copy_is_not_seen)
{
    flight_violated(shared, CLAUSE, "a call", "this", "that");
    complete();
    ck_assert_int_eq(settled(), RECORD_AGREES);
    memset((char *)shared + FLIGHT_ASKED, 0xff, sizeof *shared - FLIGHT_ASKED);
    ck_assert_uint_eq(sandbox.flight->finding_count, 1);
    ck_assert_str_eq(sandbox.flight->findings[0].message, "a call");
}
END_TEST

START_TEST(events_that_no_harness_wrote_are_left_out)
{
    flight_tape(shared, &(struct event){.kind = OP_ALLOCATE, .block = 1, .size = 8});
    flight_tape(shared, &(struct event){.kind = 200, .block = 1, .size = 8});
    flight_tape(shared, &(struct event){.kind = OP_DEALLOCATE, .block = 1});
    flight_violated(shared, CLAUSE, "a call", "this", "that");
    settled();
    ck_assert_uint_eq(atomic_load(&sandbox.flight->tape_length), 1);
    ck_assert_uint_eq(sandbox.flight->findings[0].trace_length, 1);
}
END_TEST

START_TEST(escapes_do_not_get_through)
{
    flight_violated(shared, CLAUSE, "a call", "this", "\033[2Jthat");
    strcpy(shared->setup_error, "x.so:\033[1m\nconforms: 31 must clauses hold");
    complete();
    settled();
    ck_assert_str_eq(sandbox.flight->findings[0].actual, "?[2Jthat");
    ck_assert_str_eq(sandbox.flight->setup_error, "x.so:?[1m conforms: 31 must clauses hold");
}
END_TEST

START_TEST(the_descriptor_is_above_those_that_are_closed_wholesale)
{
    struct rlimit before, after;
    getrlimit(RLIMIT_NOFILE, &before);
    int fd = channel_hand_over(ends[1]);
    getrlimit(RLIMIT_NOFILE, &after);
    ck_assert_uint_eq(before.rlim_cur, after.rlim_cur);
    ck_assert_int_ge(fd, before.rlim_max > 5000 ? 5000 : 3);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("settle");
    TCase *all = tcase_create("all");
    tcase_add_checked_fixture(all, begin, end);
    tcase_add_test(all, what_agrees_is_completed);
    tcase_add_loop_test(all, what_was_said_stands_whatever_is_written_over_it, 0, SCRIBBLES);
    tcase_add_test(all, what_applies_is_what_was_said_before_any_call);
    tcase_add_test(all, a_forged_end_is_no_end);
    tcase_add_test(all, a_count_without_its_seal_counts_for_nothing);
    tcase_add_test(all, a_finding_that_could_not_be_said_stands_by_its_record);
    tcase_add_test(all, what_others_send_is_not_heard);
    tcase_add_test(all, what_is_written_after_the_copy_is_not_seen);
    tcase_add_test(all, events_that_no_harness_wrote_are_left_out);
    tcase_add_test(all, escapes_do_not_get_through);
    tcase_add_test(all, the_descriptor_is_above_those_that_are_closed_wholesale);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
