/* How a child ended, and whose fault it is: every kind of end, from the flight record and the wait status alone. */
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "harness/sandbox/classify.h"

enum { CLAUSE_RETURNS = 3, CLAUSE_CALL = 5, CLAUSE_WITHIN = 7, CLAUSE_BEYOND = 8, CLAUSE_REFUSED = 9 };

static struct flight *flight;

static void make_flight(void)
{
    flight = calloc(1, flight_size(8));
    flight->tape_capacity = 8;
    flight->nonce = 77;
    flight->loaded = true;
    flight->returns_clause = CLAUSE_RETURNS;
    flight->threads = 2;
    flight_blame_none(flight);
    flight->slots[1].crash_clause = CLAUSE_CALL;
}

static void free_flight(void) { free(flight); }

static int exited(int status) { return status << 8; }

static void in_call(int slot)
{
    flight->slots[slot].state = FLIGHT_IN_CANDIDATE;
    flight->slots[slot].operation = OP_ALLOCATE;
    flight->slots[slot].size = 24;
    flight->slots[slot].align = 8;
}

static void touching(int slot, uint64_t address, uint64_t requested, uint64_t extent)
{
    flight->slots[slot] = (struct flight_slot){.state = FLIGHT_TOUCHING,
                                               .block = address,
                                               .requested = requested,
                                               .size = extent,
                                               .touch_clause = CLAUSE_WITHIN,
                                               .touch_slack_clause = CLAUSE_BEYOND};
}

static void fault(int slot, int signal_number, uint64_t address)
{
    flight->fault.slot = slot;
    flight->fault.signal = signal_number;
    flight->fault.address = address;
}

START_TEST(completed_is_what_the_child_said)
{
    flight->completed = 77;
    classify(flight, exited(0), END_BY_ITSELF, -1, "", "");
    ck_assert_int_eq(flight->outcome, OUTCOME_COMPLETED);
    ck_assert_uint_eq(flight->finding_count, 0);
}
END_TEST

START_TEST(what_nobody_watched_to_its_end_is_no_completion)
{
    flight->completed = 77;
    classify(flight, exited(0), END_UNWATCHED, -1, "", "");
    ck_assert_int_eq(flight->outcome, OUTCOME_HARNESS_FAILED);
    ck_assert_ptr_nonnull(strstr(flight->detail, "watched over"));
}
END_TEST

START_TEST(another_nonce_is_no_completion)
{
    flight->completed = 76;
    classify(flight, exited(0), END_BY_ITSELF, -1, "", "");
    ck_assert_int_eq(flight->outcome, OUTCOME_HARNESS_FAILED);
}
END_TEST

START_TEST(refused_memory_is_accused_only_where_memory_was_refused)
{
    int expected = _i == 0 ? CLAUSE_CALL : CLAUSE_REFUSED;
    in_call(1);
    flight->slots[1].refused_clause = CLAUSE_REFUSED;
    flight->refusals = (uint64_t)_i;
    fault(1, SIGSEGV, 0x10);
    classify(flight, SIGSEGV, END_BY_ITSELF, -1, "", "");
    ck_assert_uint_eq(flight->finding_count, 1);
    ck_assert_int_eq(flight->findings[0].clause, expected);
    ck_assert(flight->findings[0].is_end);
}
END_TEST

START_TEST(a_finding_knows_what_was_broken_before_it)
{
    flight_violated(flight, CLAUSE_WITHIN, "first", "", "");
    in_call(0);
    classify(flight, exited(0), END_BY_ITSELF, -1, "", "");
    ck_assert_uint_eq(flight->finding_count, 2);
    ck_assert(!flight->findings[0].is_end && flight->findings[1].is_end);
    ck_assert(flight_broken_before(&flight->findings[1], CLAUSE_WITHIN));
    ck_assert(!flight_broken_before(&flight->findings[0], CLAUSE_RETURNS) &&
              !flight_broken_before(&flight->findings[1], CLAUSE_BEYOND));
}
END_TEST

START_TEST(exit_inside_a_call_is_the_candidates)
{
    in_call(0);
    classify(flight, exited(0), END_BY_ITSELF, -1, "", "bye");
    ck_assert_int_eq(flight->outcome, OUTCOME_EXITED);
    ck_assert_uint_eq(flight->finding_count, 1);
    ck_assert_int_eq(flight->findings[0].clause, CLAUSE_RETURNS);
    ck_assert_str_eq(flight->findings[0].message, "allocate(size 24, align 8)");
    ck_assert_ptr_nonnull(strstr(flight->findings[0].actual, "exited with status 0"));
    ck_assert_ptr_nonnull(strstr(flight->findings[0].actual, "bye"));
}
END_TEST

START_TEST(crash_inside_a_call_breaks_the_clause_the_call_names)
{
    in_call(0);
    in_call(1);
    fault(1, SIGSEGV, 0x10);
    classify(flight, SIGSEGV, END_BY_ITSELF, -1, "", "");
    ck_assert_int_eq(flight->outcome, OUTCOME_CRASHED);
    ck_assert_int_eq(flight->findings[0].clause, CLAUSE_CALL);
    ck_assert_ptr_nonnull(strstr(flight->findings[0].actual, "0x10"));
}
END_TEST

START_TEST(a_signal_that_was_sent_has_no_address)
{
    in_call(1);
    fault(1, SIGABRT, 0);
    flight->fault.sent = true;
    classify(flight, SIGABRT, END_BY_ITSELF, -1, "", "");
    ck_assert_int_eq(flight->outcome, OUTCOME_CRASHED);
    ck_assert_ptr_nonnull(strstr(flight->findings[0].actual, "signal 6"));
    ck_assert_ptr_null(strstr(flight->findings[0].actual, "address"));
}
END_TEST

static const struct {
    uint64_t address;
    int clause; /* -1: not the candidate's */
} touches[] = {{0x1000, CLAUSE_WITHIN},
               {0x1063, CLAUSE_WITHIN},
               {0x1064, CLAUSE_BEYOND},
               {0x107f, CLAUSE_BEYOND},
               {0x1080, -1},
               {0xfff, -1}};

START_TEST(fault_in_a_touch_is_told_by_its_offset)
{
    touching(0, 0x1000, 100, 128);
    fault(0, SIGSEGV, touches[_i].address);
    classify(flight, SIGSEGV, END_BY_ITSELF, -1, "", "");
    ck_assert_int_eq(flight->outcome, touches[_i].clause < 0 ? OUTCOME_HARNESS_FAILED : OUTCOME_CRASHED);
    ck_assert_uint_eq(flight->finding_count, touches[_i].clause < 0 ? 0 : 1);
    if (touches[_i].clause >= 0)
        ck_assert_int_eq(flight->findings[0].clause, touches[_i].clause);
}
END_TEST

START_TEST(touch_without_a_known_fault_is_still_the_candidates)
{
    touching(1, 0x1000, 100, 128);
    classify(flight, exited(0), END_BY_ITSELF, -1, "", "");
    ck_assert_int_eq(flight->outcome, OUTCOME_CRASHED);
    ck_assert_int_eq(flight->findings[0].clause, CLAUSE_WITHIN);
}
END_TEST

START_TEST(a_hang_is_the_hung_threads)
{
    in_call(1);
    classify(flight, SIGKILL, END_HUNG, 1, "asleep for 4 s without returning", "");
    ck_assert_int_eq(flight->outcome, OUTCOME_HUNG);
    ck_assert_int_eq(flight->findings[0].clause, CLAUSE_CALL);
    ck_assert_str_eq(flight->findings[0].actual, "asleep for 4 s without returning");
}
END_TEST

START_TEST(a_hang_may_have_a_clause_of_its_own)
{
    in_call(1);
    flight->slots[1].hang_clause = 0; /* a clause like any other */
    flight->slots[1].refused_clause = CLAUSE_REFUSED;
    flight->refusals = 1;
    classify(flight, SIGKILL, END_HUNG, 1, "asleep for 4 s", "");
    ck_assert_uint_eq(flight->finding_count, 1);
    ck_assert_int_eq(flight->findings[0].clause, 0);
    ck_assert_int_eq(flight->findings[0].among_threads, -1);
}
END_TEST

/* A thread that makes no more calls still runs the destructors that the candidate has left for its end. */
static const struct {
    int signal_number;
    enum child_end end;
    enum flight_outcome outcome;
    const char *actual;
} ends_of_threads[] = {
    {SIGSEGV, END_BY_ITSELF, OUTCOME_CRASHED, "signal 11"},
    {0, END_BY_ITSELF, OUTCOME_EXITED, "exited with status 0"},
    {SIGKILL, END_HUNG, OUTCOME_HUNG, "asleep for 4 s"},
};

START_TEST(what_happens_at_a_threads_end_is_the_candidates)
{
    int signal_number = ends_of_threads[_i].signal_number;
    flight->slots[1].is_ending = 1;
    if (signal_number == SIGSEGV)
        fault(1, SIGSEGV, 8);
    classify(flight, signal_number, ends_of_threads[_i].end, 1, "asleep for 4 s", "");
    ck_assert_int_eq(flight->outcome, ends_of_threads[_i].outcome);
    ck_assert_uint_eq(flight->finding_count, 1);
    ck_assert_int_eq(flight->findings[0].clause, CLAUSE_CALL);
    ck_assert_ptr_nonnull(strstr(flight->findings[0].message, "the destructors that run as the thread ends"));
    ck_assert_str_eq(flight->findings[0].expected, "they return");
    ck_assert_ptr_nonnull(strstr(flight->findings[0].actual, ends_of_threads[_i].actual));
}
END_TEST

START_TEST(a_killed_process_is_not_laid_to_a_thread_at_its_end)
{
    flight->slots[1].is_ending = 1;
    classify(flight, SIGKILL, END_BY_ITSELF, -1, "", "");
    ck_assert_int_eq(flight->outcome, OUTCOME_HARNESS_FAILED);
    ck_assert_uint_eq(flight->finding_count, 0);
}
END_TEST

/* Without this the supervisor waits for a lock that nobody holds any more. */
START_TEST(a_record_left_in_disorder_is_mended)
{
    flight->finding_lock = 1;
    flight->finding_count = 3000000;
    flight->tape_capacity = UINT64_MAX;
    flight->findings[0].clause = FLIGHT_CLAUSES;
    flight->findings[1].clause = CLAUSE_WITHIN;
    flight->findings[1].trace_length = UINT32_MAX;
    memset(flight->findings[1].message, 'x', sizeof flight->findings[1].message);
    for (int i = 2; i < FLIGHT_FINDINGS; i++)
        flight->findings[i].clause = -1 - i;
    flight->findings[1].among_threads = FLIGHT_CLAUSES;
    flight->slots[1].crash_clause = 1000;
    flight->slots[1].hang_clause = -2;
    flight->fault.slot = -7;
    flight_mend(flight, 8);
    in_call(1);
    classify(flight, exited(0), END_BY_ITSELF, -1, "", "");
    ck_assert_uint_eq(flight->finding_count, 2);
    ck_assert_int_eq(flight->findings[0].clause, CLAUSE_WITHIN);
    ck_assert_uint_eq(flight->findings[0].trace_length, FLIGHT_TRACE);
    ck_assert_uint_eq(strlen(flight->findings[0].message), sizeof flight->findings[0].message - 1);
    ck_assert_int_eq(flight->findings[0].among_threads, -1);
    ck_assert_int_eq(flight->slots[1].hang_clause, -1);
    ck_assert_int_eq(flight->findings[1].clause, CLAUSE_RETURNS);
}
END_TEST

START_TEST(what_the_harness_stops_accuses_nobody)
{
    in_call(0);
    classify(flight, SIGKILL, (enum child_end)_i, -1, "", "");
    ck_assert_int_eq(flight->outcome, OUTCOME_HARNESS_FAILED);
    ck_assert_int_eq(flight->took_too_long, _i == END_TOO_LONG);
    ck_assert_uint_eq(flight->finding_count, 0);
}
END_TEST

START_TEST(an_end_before_loading_is_not_loaded)
{
    flight->loaded = false;
    strcpy(flight->candidate, "x.so");
    classify(flight, exited(3), END_BY_ITSELF, -1, "", "");
    ck_assert_int_eq(flight->outcome, OUTCOME_NOT_LOADED);
    ck_assert_ptr_nonnull(strstr(flight->setup_error, "x.so: while it was being loaded"));
}
END_TEST

START_TEST(a_crash_of_the_scenario_itself_is_the_harnesss)
{
    fault(0, SIGSEGV, 8);
    classify(flight, SIGSEGV, END_BY_ITSELF, -1, "", "");
    ck_assert_int_eq(flight->outcome, OUTCOME_HARNESS_FAILED);
    ck_assert_uint_eq(flight->finding_count, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("classify");
    TCase *ends = tcase_create("ends");
    tcase_add_checked_fixture(ends, make_flight, free_flight);
    tcase_add_test(ends, completed_is_what_the_child_said);
    tcase_add_test(ends, what_nobody_watched_to_its_end_is_no_completion);
    tcase_add_test(ends, another_nonce_is_no_completion);
    tcase_add_test(ends, exit_inside_a_call_is_the_candidates);
    tcase_add_loop_test(ends, refused_memory_is_accused_only_where_memory_was_refused, 0, 2);
    tcase_add_test(ends, a_finding_knows_what_was_broken_before_it);
    tcase_add_test(ends, crash_inside_a_call_breaks_the_clause_the_call_names);
    tcase_add_test(ends, a_signal_that_was_sent_has_no_address);
    tcase_add_loop_test(ends, fault_in_a_touch_is_told_by_its_offset, 0, sizeof touches / sizeof *touches);
    tcase_add_test(ends, touch_without_a_known_fault_is_still_the_candidates);
    tcase_add_test(ends, a_hang_is_the_hung_threads);
    tcase_add_test(ends, a_hang_may_have_a_clause_of_its_own);
    tcase_add_loop_test(ends, what_happens_at_a_threads_end_is_the_candidates, 0,
                        sizeof ends_of_threads / sizeof *ends_of_threads);
    tcase_add_test(ends, a_killed_process_is_not_laid_to_a_thread_at_its_end);
    tcase_add_test(ends, a_record_left_in_disorder_is_mended);
    tcase_add_loop_test(ends, what_the_harness_stops_accuses_nobody, END_TOO_LONG, END_UNWATCHED + 1);
    tcase_add_test(ends, an_end_before_loading_is_not_loaded);
    tcase_add_test(ends, a_crash_of_the_scenario_itself_is_the_harnesss);
    suite_add_tcase(suite, ends);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
