/* The gate: each way of losing the machine's state is named, undone, and not blamed on the next call;
 * exceptions stop. */
#include <check.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "harness/candidate/gate_layout.h"
#include "harness/candidate/tests/fixture.h"
#include "harness/candidate/tests/gate_cases.h"

START_TEST(convicts_each_violator_of_its_own)
{
    char text[200];
    ck_assert_msg(gate_case_holds(&gate_cases[_i], text, sizeof text), "%s: %s", gate_cases[_i].name, text);
}
END_TEST

START_TEST(the_table_of_platforms_says_where_there_is_a_gate) { ck_assert_int_eq(gate_checks_registers(), GATE_THUNK); }
END_TEST

START_TEST(says_what_was_seen)
{
    unsigned long long expected = 0, seen = 0;
    uintptr_t (*entry)(uintptr_t) = (__typeof__(entry))gate_enter(gate_cases[0].function);
    ck_assert_uint_eq(entry(7), 7);
    gate_leave();
    unsigned fault = gate_take_faults();
    ck_assert(gate_fault_values(fault, &expected, &seen));
    ck_assert_uint_eq(seen, 1);
    ck_assert_uint_ne(expected, seen);
    ck_assert_ptr_null(gate_fault_name(1u << 31));
    ck_assert(!gate_fault_values(0, &expected, &seen));
}
END_TEST

static void *violate_often(void *user)
{
    const struct gate_case *which = user;
    char text[200];
    for (int i = 0; i < 1000; i++)
        if (!gate_case_holds(which, text, sizeof text))
            return user;
    return NULL;
}

START_TEST(keeps_threads_apart)
{
    pthread_t threads[GATE_CASES];
    for (size_t i = 0; i < GATE_CASES; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, violate_often, (void *)&gate_cases[i]), 0);
    for (size_t i = 0; i < GATE_CASES; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        ck_assert_ptr_null(failed);
    }
}
END_TEST

static void leave_with_reason(const char *how)
{
    _exit(strstr(how, "C++") != NULL ? 10 : strstr(how, "thread") != NULL ? 11 : 12);
}

static void *call_escape(void *function)
{
    void *(*entry)(size_t, size_t) = (__typeof__(entry))gate_enter((gate_function *)function);
    void *result = entry(1, 1);
    gate_leave();
    _exit(result == NULL ? 20 : 21);
}

/* The exit status of a child that calls `symbol` of the fixture `escapes` through the gate, in a thread of
 * its own. */
static int status_of(const char *symbol)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        pthread_t thread;
        void *library = dlopen(fixture("escapes"), RTLD_NOW | RTLD_LOCAL);
        void *function = library != NULL ? dlsym(library, symbol) : NULL;
        gate_on_escape(leave_with_reason);
        if (function == NULL || pthread_create(&thread, NULL, call_escape, function) != 0)
            _exit(30);
        pthread_join(thread, NULL);
        _exit(31);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

START_TEST(stops_an_exception) { ck_assert_int_eq(status_of("throws"), 10); }
END_TEST

START_TEST(stops_a_thread_that_exits) { ck_assert_int_eq(status_of("exits_thread"), 11); }
END_TEST

START_TEST(lets_a_caught_exception_be) { ck_assert_int_eq(status_of("catches"), 20); }
END_TEST

int main(void)
{
    Suite *suite = suite_create("gate");
    TCase *tcase = tcase_create("gate");
    tcase_add_loop_test(tcase, convicts_each_violator_of_its_own, 0, GATE_CASES);
    tcase_add_test(tcase, the_table_of_platforms_says_where_there_is_a_gate);
    if (gate_checks_registers()) {
        tcase_add_test(tcase, says_what_was_seen);
        tcase_add_test(tcase, stops_an_exception);
        tcase_add_test(tcase, stops_a_thread_that_exits);
    }
    tcase_add_test(tcase, keeps_threads_apart);
    tcase_add_test(tcase, lets_a_caught_exception_be);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
