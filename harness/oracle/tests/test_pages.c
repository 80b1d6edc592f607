/* Pages that are brought in keep their contents and rights, also where some of them cannot be had. */
#include <check.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "harness/oracle/pages.h"

enum { SIZE = 1 << 20, PAGE = 64 << 10 }; /* no platform has larger pages */

static unsigned char *map(int protection)
{
    void *memory = mmap(NULL, SIZE, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(memory, MAP_FAILED);
    return memory;
}

static long faults(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt;
}

static long faults_of_touching(unsigned char *memory)
{
    long before = faults();
    for (size_t at = 0; at < SIZE; at += 4096)
        memory[at] = 1;
    return faults() - before;
}

START_TEST(keeps_what_is_there)
{
    unsigned char *memory = map(PROT_READ | PROT_WRITE);
    memory[0] = memory[SIZE / 2] = memory[SIZE - 1] = 7;
    pages_bring(memory + 1, SIZE - 2);
    ck_assert(memory[0] == 7 && memory[SIZE / 2] == 7 && memory[SIZE - 1] == 7);
    ck_assert(memory[1] == 0 && memory[SIZE / 2 + 4096] == 0);
    munmap(memory, SIZE);
}
END_TEST

START_TEST(saves_the_faults)
{
    unsigned char *memory = map(PROT_READ | PROT_WRITE), *other = map(PROT_READ | PROT_WRITE);
    bool knows_how =
        madvise(other, SIZE, 23) == 0 && faults_of_touching(other) < 16; /* an emulator may say yes and do nothing */
    pages_bring(memory, SIZE);
    long left = faults_of_touching(memory);
    ck_assert_msg(!knows_how || left < 16, "%ld faults", left);
    munmap(memory, SIZE);
    munmap(other, SIZE);
}
END_TEST

START_TEST(leaves_what_cannot_be_had)
{
    unsigned char *readable = map(PROT_READ), *closed = map(PROT_NONE), *torn = map(PROT_READ | PROT_WRITE);
    munmap(torn + SIZE / 2, PAGE);
    pages_bring(readable, SIZE);
    pages_bring(closed, SIZE);
    pages_bring(torn, SIZE);
    ck_assert(readable[0] == 0);
    ck_assert(torn[0] == 0 && torn[SIZE - 1] == 0);
    munmap(readable, SIZE);
    munmap(closed, SIZE);
    munmap(torn, SIZE);
}
END_TEST

/* Rights that were taken away stay away: a touch faults as it would have before. */
START_TEST(opens_nothing)
{
    unsigned char *closed = map(PROT_NONE);
    pages_bring(closed, SIZE);
    closed[SIZE / 2] = 1;
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("oracle/pages");
    TCase *all = tcase_create("all");
    tcase_add_test(all, keeps_what_is_there);
    tcase_add_test(all, saves_the_faults);
    tcase_add_test(all, leaves_what_cannot_be_had);
    tcase_add_test_raise_signal(all, opens_nothing, SIGSEGV);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
