/* Which call will not return: threads of this very process are watched as those of a child are. Deadlines are a small
 * part of the real ones, and are in processor time, so that a busy machine changes nothing. */
#include <check.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/clock.h"
#include "harness/sandbox/watch.h"

enum { SPINNERS = 4, ONE = 1 };

static const double SCALE = 0.02; /* 0.2 s of one thread, 0.4 s of all */

static struct flight *flight;
static _Atomic bool is_over;
static char why[128];
static double haste;  /* how fast the clock goes that the watch is told of */
static double worked; /* processor time until the watch said something */

struct spinner {
    pthread_t thread;
    int slot;
    bool calls; /* it calls again and again, and so makes progress */
};

/* On one processor all threads get the same share of it, however busy the machine is. */
static void share_a_processor(void)
{
    cpu_set_t all, one;
    CPU_ZERO(&all);
    CPU_ZERO(&one);
    sched_getaffinity(0, sizeof all, &all);
    for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; cpu++)
        if (CPU_ISSET(cpu, &all))
            CPU_SET(cpu, &one);
    sched_setaffinity(0, sizeof one, &one);
}

static void *spin(void *argument)
{
    struct spinner *spinner = argument;
    share_a_processor();
    struct flight_slot *slot = &flight->slots[spinner->slot];
    slot->tid = (int32_t)syscall(SYS_gettid);
    atomic_store(&slot->calls, 1);
    atomic_store(&slot->state, FLIGHT_IN_CANDIDATE);
    while (!atomic_load(&is_over))
        if (spinner->calls)
            atomic_fetch_add(&slot->calls, 1);
    atomic_store(&slot->state, FLIGHT_IDLE);
    return NULL;
}

/* What the watch says while `count` threads spin, the last of which makes calls if `calls`. -1 when it says nothing
 * until all of them have used more than the deadline of all, and none of them that of one. */
static int watch_spinners(int count, bool calls)
{
    struct spinner spinners[SPINNERS];
    struct watch watch = {0};
    int stuck = -1;
    clock_t began = clock();
    atomic_store(&is_over, false);
    atomic_store(&flight->threads, (uint32_t)count + 1);
    for (int i = 0; i < count; i++) {
        spinners[i] = (struct spinner){.slot = i + 1, .calls = calls && i == count - 1};
        pthread_create(&spinners[i].thread, NULL, spin, &spinners[i]);
    }
    for (worked = 0; stuck < 0 && (!calls || worked < 0.5); worked = (double)(clock() - began) / CLOCKS_PER_SEC) {
        stuck = watch_look(&watch, flight, clock_now_s() * haste, SCALE, why, sizeof why);
        nanosleep(&(struct timespec){0, 20000000}, NULL);
    }
    atomic_store(&is_over, true);
    for (int i = 0; i < count; i++)
        pthread_join(spinners[i].thread, NULL);
    return stuck;
}

static void make_flight(void)
{
    haste = 1;
    flight = calloc(1, flight_size(1));
    atomic_store(&flight->pid, getpid());
}

static void free_flight(void) { free(flight); }

START_TEST(one_thread_that_spins_is_stuck)
{
    ck_assert_int_eq(watch_spinners(1, false), ONE);
    ck_assert_ptr_nonnull(strstr(why, "without returning"));
}
END_TEST

START_TEST(threads_that_spin_for_each_other_are_stuck_together)
{
    ck_assert_int_ge(watch_spinners(SPINNERS, false), ONE);
    ck_assert_ptr_nonnull(strstr(why, ", together with 3 other threads, and no call returned"));
}
END_TEST

START_TEST(threads_that_get_little_in_a_long_time_are_stuck_together)
{
    haste = 1000;
    ck_assert_int_ge(watch_spinners(SPINNERS, false), ONE);
    ck_assert_ptr_nonnull(strstr(why, ", together with 3 other threads, and no call returned"));
    ck_assert_double_lt(worked, 0.35); /* far from what counts in a short time */
}
END_TEST

START_TEST(threads_are_not_stuck_while_one_gets_on) { ck_assert_int_eq(watch_spinners(SPINNERS, true), -1); }
END_TEST

int main(void)
{
    Suite *suite = suite_create("watch");
    TCase *test_case = tcase_create("watch");
    tcase_add_checked_fixture(test_case, make_flight, free_flight);
    tcase_set_timeout(test_case, 120);
    tcase_add_test(test_case, one_thread_that_spins_is_stuck);
    tcase_add_test(test_case, threads_that_spin_for_each_other_are_stuck_together);
    tcase_add_test(test_case, threads_that_get_little_in_a_long_time_are_stuck_together);
    tcase_add_test(test_case, threads_are_not_stuck_while_one_gets_on);
    suite_add_tcase(suite, test_case);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
