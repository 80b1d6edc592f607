/* Every case runs in a process of its own (Check forks), because a filter cannot be taken back. Where seccomp does not
 * work (an emulator), refuse_prepare says so, and the cases that need it test interposing alone. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/base/platform.h"
#include "harness/refusal/refuse.h"
#include "harness/refusal/stub.h"

enum { SOME = 1 << 16 };

static void *map(size_t size) { return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }

/* Maps memory as an allocator without libc does. */
static void *map_by_system_call(size_t size)
{
#ifdef SYS_mmap2
    return (void *)syscall(SYS_mmap2, NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
#elif defined __s390x__
    unsigned long arguments[] = {0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1ul, 0};
    return (void *)syscall(SYS_mmap, arguments);
#else
    return (void *)syscall(SYS_mmap, NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
#endif
}

static void prepare_without_seccomp(void)
{
    const char *lacks = getenv("ASSAY_PLATFORM_LACKS");
    setenv("ASSAY_PLATFORM_LACKS", lacks == NULL || *lacks == '\0' ? "seccomp" : lacks, 1);
    ck_assert_int_eq(refuse_prepare(), REFUSE_BY_INTERPOSING);
}

static void the_nth_alone_is_refused(void)
{
    refuse_only(2);
    ck_assert_ptr_ne(map(SOME), MAP_FAILED);
    errno = 0;
    ck_assert_ptr_eq(map(SOME), MAP_FAILED);
    ck_assert_int_eq(errno, ENOMEM);
    char *third = map(SOME);
    ck_assert_ptr_ne(third, MAP_FAILED);
    third[SOME - 1] = 1;
    ck_assert_uint_eq(refuse_seen(), 3);
    ck_assert_uint_eq(refuse_refused(), 1);
}

static void all_from_the_nth_are_refused_until_lifted(void)
{
    refuse_from(2);
    ck_assert_ptr_ne(map(SOME), MAP_FAILED);
    for (int i = 0; i < 5; i++)
        ck_assert_ptr_eq(map(SOME), MAP_FAILED);
    ck_assert_uint_eq(refuse_refused(), 5);
    refuse_from(0);
    ck_assert_ptr_ne(map(SOME), MAP_FAILED);
    ck_assert_uint_eq(refuse_seen(), 1);
    ck_assert_uint_eq(refuse_refused(), 0);
}

static void only_asking_for_memory_counts(void)
{
    char *memory = map(2 * SOME);
    int fd = open("/proc/self/exe", O_RDONLY);
    refuse_from(1);
    ck_assert_ptr_ne(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0), MAP_FAILED);
    ck_assert_int_eq(mprotect(memory, SOME, PROT_NONE), 0);
    ck_assert_int_eq(munmap(memory, SOME), 0);
    const char *lacks = getenv("ASSAY_PLATFORM_LACKS");
    if (lacks == NULL ||
        strstr(lacks, "rlimit-as") == NULL) /* qemu 7.2 for 32-bit ARM dies of a mapping that shrinks */
        ck_assert_ptr_eq(mremap(memory + SOME, SOME, SOME / 2, 0), memory + SOME);
    ck_assert_uint_eq(refuse_seen(), 0);
    close(fd);
}

static void growing_by_other_means_counts(void)
{
    char *memory = map(SOME), *end = sbrk(0);
    refuse_from(1);
    errno = 0;
    ck_assert_ptr_eq(mremap(memory, SOME, 2 * SOME, MREMAP_MAYMOVE), MAP_FAILED);
    ck_assert_int_eq(errno, ENOMEM);
    ck_assert_int_eq(mprotect(memory, SOME, PROT_READ | PROT_WRITE), -1);
    ck_assert_ptr_eq(sbrk(SOME), (void *)-1);
    ck_assert_int_eq(brk(end + SOME), -1);
    ck_assert_uint_ge(refuse_refused(), 4);
    ck_assert_ptr_eq(sbrk(0), end);
    refuse_from(0);
    char *grown = mremap(memory, SOME, 2 * SOME, MREMAP_MAYMOVE);
    ck_assert_ptr_ne(grown, MAP_FAILED);
    grown[2 * SOME - 1] = 1;
    ck_assert_ptr_eq(sbrk(SOME), end);
    end[SOME - 1] = 1;
}

/* A refusal of the system's own counts, too: no machine has this much memory. */
static void the_systems_own_refusal_is_counted(void)
{
    refuse_from(0);
    ck_assert_ptr_eq(map(SIZE_MAX - SOME), MAP_FAILED);
    ck_assert_uint_eq(refuse_refused(), 1);
}

static void (*const behaviours[])(void) = {
    the_nth_alone_is_refused,      all_from_the_nth_are_refused_until_lifted, only_asking_for_memory_counts,
    growing_by_other_means_counts, the_systems_own_refusal_is_counted,
};
enum { BEHAVIOURS = sizeof behaviours / sizeof *behaviours };

START_TEST(the_table_of_platforms_says_where_system_calls_are_filtered)
{
    ck_assert_int_eq(platform_here()->filter_arch != 0, REFUSE_STUB);
}
END_TEST

START_TEST(by_the_best_means)
{
    ck_assert_int_ne(refuse_prepare(), REFUSE_BY_NOTHING);
    behaviours[_i]();
}
END_TEST

START_TEST(by_interposing)
{
    prepare_without_seccomp();
    behaviours[_i]();
}
END_TEST

START_TEST(system_calls_of_ones_own_are_seen)
{
    enum refuse_means means = refuse_prepare();
    refuse_from(1);
    void *answer = map_by_system_call(SOME);
    refuse_from(0);
    ck_assert_int_eq(answer == MAP_FAILED, means == REFUSE_BY_SECCOMP);
}
END_TEST

START_TEST(libcs_own_malloc_is_seen)
{
    enum refuse_means means = refuse_prepare();
    refuse_from(1);
    void *volatile block = malloc(8 << 20);
    uint64_t seen = refuse_seen();
    refuse_from(0);
    ck_assert_int_eq(block == NULL, means == REFUSE_BY_SECCOMP);
    ck_assert_int_eq(seen > 0, means == REFUSE_BY_SECCOMP);
}
END_TEST

static void *map_with_signals_blocked(void *unused)
{
    sigset_t all, seen;
    (void)unused;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    pthread_sigmask(SIG_BLOCK, NULL, &seen);
    ck_assert_int_eq(sigismember(&seen, SIGUSR1), 1);
    void *memory = map(SOME);
    pthread_sigmask(SIG_UNBLOCK, &all, NULL);
    pthread_sigmask(SIG_BLOCK, NULL, &seen);
    ck_assert_int_eq(sigismember(&seen, SIGUSR1), 0);
    return memory;
}

START_TEST(a_thread_with_every_signal_blocked_is_seen_and_lives)
{
    pthread_t thread;
    void *answer = NULL;
    ck_assert_int_ne(refuse_prepare(), REFUSE_BY_NOTHING);
    refuse_from(1000000);
    ck_assert_int_eq(pthread_create(&thread, NULL, map_with_signals_blocked, NULL), 0);
    pthread_join(thread, &answer);
    ck_assert_ptr_ne(answer, MAP_FAILED);
    ck_assert_uint_gt(refuse_seen(), 0);
}
END_TEST

START_TEST(a_handler_of_the_candidates_own_does_not_end_it)
{
    ck_assert_int_ne(refuse_prepare(), REFUSE_BY_NOTHING);
    ck_assert_ptr_ne(signal(SIGSYS, SIG_DFL), SIG_ERR);
    refuse_only(1);
    ck_assert_ptr_eq(map(SOME), MAP_FAILED);
    ck_assert_ptr_ne(map(SOME), MAP_FAILED);
}
END_TEST

START_TEST(the_address_space_is_limited_and_freed_again)
{
    if (!refuse_limit_address_space(64 << 20))
        return; /* it says so: the emulator does not keep the limit */
    ck_assert_ptr_ne(map(16 << 20), MAP_FAILED);
    ck_assert_ptr_eq(map(128 << 20), MAP_FAILED);
    ck_assert(refuse_limit_address_space(UINT64_MAX));
    ck_assert_ptr_ne(map(128 << 20), MAP_FAILED);
}
END_TEST

START_TEST(a_platform_without_the_limit_says_so)
{
    setenv("ASSAY_PLATFORM_LACKS", "rlimit-as", 1);
    ck_assert(!refuse_limit_address_space(64 << 20));
    ck_assert_ptr_ne(map(128 << 20), MAP_FAILED);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("refuse");
    TCase *cases = tcase_create("refuse");
    tcase_add_test(cases, the_table_of_platforms_says_where_system_calls_are_filtered);
    tcase_add_loop_test(cases, by_the_best_means, 0, BEHAVIOURS);
    tcase_add_loop_test(cases, by_interposing, 0, BEHAVIOURS);
    tcase_add_test(cases, system_calls_of_ones_own_are_seen);
    tcase_add_test(cases, libcs_own_malloc_is_seen);
    tcase_add_test(cases, a_thread_with_every_signal_blocked_is_seen_and_lives);
    tcase_add_test(cases, a_handler_of_the_candidates_own_does_not_end_it);
    tcase_add_test(cases, the_address_space_is_limited_and_freed_again);
    tcase_add_test(cases, a_platform_without_the_limit_says_so);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
