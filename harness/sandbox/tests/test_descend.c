/* Nothing that was started below this process is left, and what was there before is left alone. */
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness/sandbox/descend.h"

enum { FAMILY = 20, PATIENCE_S = 60 };

static _Atomic int *started; /* shared with everything that is started */

static void share(void)
{
    started = mmap(NULL, sizeof *started, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(started, MAP_FAILED);
}

static void wait_until_started(int count)
{
    while (*started < count)
        nanosleep(&(struct timespec){0, 1000000}, NULL);
}

/* Lives until it is killed, or until this test has given up. */
static _Noreturn void live(void)
{
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_IGN);
    ++*started;
    sleep(2 * PATIENCE_S);
    _exit(0);
}

/* Starts a grandchild in a session of its own. */
static void start_daemon(void)
{
    if (fork() != 0)
        return;
    if (fork() != 0)
        _exit(0);
    setsid();
    live();
}

START_TEST(a_process_without_children_has_nothing_to_end)
{
    descendants_adopt();
    ck_assert_uint_eq(descendants_count(), 0);
    ck_assert(descendants_end(0));
}
END_TEST

START_TEST(daemons_and_their_children_are_ended)
{
    descendants_adopt();
    for (int i = 0; i < FAMILY; i++)
        start_daemon();
    wait_until_started(FAMILY);
    ck_assert_uint_ge(descendants_count(), FAMILY);
    ck_assert(descendants_end(PATIENCE_S));
    ck_assert_uint_eq(descendants_count(), 0);
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

START_TEST(a_stopped_process_is_ended)
{
    descendants_adopt();
    pid_t pid = fork();
    if (pid == 0)
        live();
    wait_until_started(1);
    kill(pid, SIGSTOP);
    ck_assert(descendants_end(PATIENCE_S));
    ck_assert_int_eq(kill(pid, 0), -1);
}
END_TEST

START_TEST(a_child_from_before_is_left_alone)
{
    pid_t before = fork();
    if (before == 0)
        live();
    descendants_adopt();
    start_daemon();
    wait_until_started(2);
    ck_assert_uint_ge(descendants_count(), 1);
    ck_assert(descendants_end(PATIENCE_S));
    ck_assert_uint_eq(descendants_count(), 0);
    ck_assert_int_eq(waitpid(before, NULL, WNOHANG), 0); /* it is there, and has not ended */
    kill(before, SIGKILL);
    ck_assert_int_eq(waitpid(before, NULL, 0), before);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("descend");
    TCase *cases = tcase_create("descend");
    tcase_set_timeout(cases, 4 * PATIENCE_S);
    tcase_add_checked_fixture(cases, share, NULL);
    tcase_add_test(cases, a_process_without_children_has_nothing_to_end);
    tcase_add_test(cases, daemons_and_their_children_are_ended);
    tcase_add_test(cases, a_stopped_process_is_ended);
    tcase_add_test(cases, a_child_from_before_is_left_alone);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
