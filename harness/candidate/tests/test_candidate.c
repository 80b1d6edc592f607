/* From the words of a binding to the call that is made: every form, against a library that writes down what it was
 * called with. */
#include <check.h>
#include <dlfcn.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/candidate/binding.h"
#include "harness/candidate/candidate.h"
#include "harness/candidate/tests/candidates/recorder.h"
#include "harness/candidate/tests/fixture.h"

#define PRELOADED "ASSAY_TEST_PRELOADED"

static struct recording *recording;

static struct candidate *try_open(const char *text, const char *path, struct error *error)
{
    const char *file = file_write(".binding", text, strlen(text));
    const struct binding *binding = binding_load(file, "", error);
    file_remove(file);
    return binding != NULL ? candidate_open(path, binding, error) : NULL;
}

/* Opens the fixture `recorder` with a binding of this text. */
static struct candidate *open_recorder(const char *text)
{
    struct error error = {0};
    struct candidate *candidate = try_open(text, fixture("recorder"), &error);
    ck_assert_msg(candidate != NULL, "%s", error.text);
    void *library = dlopen(fixture("recorder"), RTLD_NOW | RTLD_LOCAL);
    recording = dlsym(library, "recording");
    return candidate;
}

/* Expects that the call made `back` calls ago was this one. */
static void assert_call(int back, const char *name, uintptr_t a, uintptr_t b, uintptr_t c)
{
    int at = (recording->calls - back) % 8;
    ck_assert_str_eq(recording->name[at], name);
    ck_assert_uint_eq(recording->argument[at][0], a);
    ck_assert_uint_eq(recording->argument[at][1], b);
    ck_assert_uint_eq(recording->argument[at][2], c);
}

#define FORMS                                                                                            \
    "[constants]\nLIMIT = 16\nFLAGS = choose(align <= LIMIT, 0, lg(align))\n"                            \
    "[functions]\ntake_flags = pointer (size, int)\nfits_bool = bool (pointer, size)\n"                  \
    "[allocate]\ncall = take(size) if align <= LIMIT\ncall = take_aligned(out, max(align, 64), size)\n"  \
    "[allocate_zeroed]\ncall = take_flags(size, FLAGS | 0x40) if align > 1024\nsteps = allocate, zero\n" \
    "[deallocate]\ncall = give_sized(ptr, old_size, align) if align > LIMIT\ncall = give(ptr)\n"         \
    "[reallocate]\ncall = retake(ptr, size) if align <= LIMIT\nsteps = allocate, copy, deallocate\n"     \
    "[reallocate_inplace]\ncall = fits_bool(ptr, size) ? usable_size(size) : usable_size(old_size)\n"    \
    "[usable_size]\ncall = room(size, align)\nblock = room_of(ptr)\n"

START_TEST(takes_the_first_alternative_whose_guard_holds)
{
    struct candidate *candidate = open_recorder(FORMS);
    ck_assert_ptr_nonnull(candidate_allocate(candidate, 10, 16));
    assert_call(0, "take", 10, 0, 0);
    ck_assert_ptr_nonnull(candidate_allocate(candidate, 10, 32));
    assert_call(0, "take_aligned", 64, 10, 0);
    ck_assert_ptr_nonnull(candidate_allocate(candidate, 10, 128));
    assert_call(0, "take_aligned", 128, 10, 0);
    candidate_deallocate(candidate, recording, 10, 16);
    assert_call(0, "give", (uintptr_t)recording, 0, 0);
    candidate_deallocate(candidate, recording, 10, 32);
    assert_call(0, "give_sized", (uintptr_t)recording, 10, 32);
}
END_TEST

START_TEST(an_out_parameter_counts_only_after_zero)
{
    struct candidate *candidate = open_recorder(FORMS);
    ck_assert_ptr_nonnull(candidate_allocate(candidate, 10, 64));
    recording->refuse = 1;
    ck_assert_ptr_null(candidate_allocate(candidate, 10, 64));
    recording->refuse = 0;
}
END_TEST

START_TEST(an_int_is_passed_as_an_int)
{
    struct candidate *candidate = open_recorder(FORMS);
    candidate_allocate_zeroed(candidate, 10, 2048);
    assert_call(0, "take_flags", 10, 11 | 0x40, 0);
}
END_TEST

START_TEST(zero_fills_exactly_the_size)
{
    struct candidate *candidate = open_recorder(FORMS);
    unsigned char *block = candidate_allocate_zeroed(candidate, 10, 8);
    assert_call(0, "take", 10, 0, 0);
    for (int i = 0; i < 10; i++)
        ck_assert_uint_eq(block[i], 0);
    ck_assert_ptr_null(candidate_allocate_zeroed(candidate, SIZE_MAX, 8));
}
END_TEST

START_TEST(a_move_copies_the_smaller_size_and_then_frees)
{
    struct candidate *candidate = open_recorder(FORMS);
    unsigned char old[8] = "abcdefg", *block = candidate_reallocate(candidate, old, 8, 4, 32);
    assert_call(1, "take_aligned", 64, 4, 0);
    assert_call(0, "give_sized", (uintptr_t)old, 8, 32);
    ck_assert_mem_eq(block, "abcd", 4);
    block = candidate_reallocate(candidate, old, 8, 100, 32);
    ck_assert_mem_eq(block, old, 8);
    ck_assert_uint_eq(block[8], 0xa5);
}
END_TEST

START_TEST(a_move_that_finds_no_memory_leaves_the_block_alone)
{
    struct candidate *candidate = open_recorder(FORMS);
    unsigned char old[8] = "abcdefg";
    ck_assert_ptr_null(candidate_reallocate(candidate, old, 8, SIZE_MAX, 32));
    assert_call(0, "take_aligned", 64, SIZE_MAX, 0);
    ck_assert_str_eq((char *)old, "abcdefg");
}
END_TEST

START_TEST(a_condition_on_the_result_chooses_the_answer)
{
    struct candidate *candidate = open_recorder(FORMS);
    ck_assert_uint_eq(candidate_reallocate_inplace(candidate, recording, 20, 33, 8), 48);
    recording->refuse = 1;
    ck_assert_uint_eq(candidate_reallocate_inplace(candidate, recording, 20, 33, 8), 32);
    recording->refuse = 0;
}
END_TEST

START_TEST(a_negative_int_is_true)
{
    struct candidate *candidate = open_recorder(
        "[functions]\nfits_int = int (pointer, size)\n[allocate]\ncall = take(size)\n[deallocate]\ncall = "
        "give(ptr)\n"
        "[reallocate]\ncall = retake(ptr, size)\n[reallocate_inplace]\ncall = fits_int(ptr, size) ? size : "
        "old_size\n");
    ck_assert_uint_eq(candidate_reallocate_inplace(candidate, recording, 20, 33, 8), 33);
    recording->refuse = 1;
    ck_assert_uint_eq(candidate_reallocate_inplace(candidate, recording, 20, 33, 8), 20);
    recording->refuse = 0;
}
END_TEST

START_TEST(both_kinds_of_usable_size)
{
    struct candidate *candidate = open_recorder(FORMS);
    ck_assert(candidate_has_pure_usable_size(candidate) && candidate_has_block_usable_size(candidate));
    ck_assert_uint_eq(candidate_usable_size(candidate, 17, 8), 32);
    assert_call(0, "room", 17, 8, 0);
    ck_assert_uint_eq(candidate_block_usable_size(candidate, recording), 4096);
    assert_call(0, "room_of", (uintptr_t)recording, 0, 0);
}
END_TEST

#define PLAIN                                                                                          \
    "[allocate]\ncall = take(size)\n[deallocate]\ncall = give(ptr)\n[reallocate]\ncall = retake(ptr, " \
    "size)\n"

START_TEST(values_without_a_call)
{
    struct candidate *candidate = open_recorder(PLAIN "[reallocate_inplace]\nvalue = old_size\n"
                                                      "[usable_size]\nvalue = 64 if size < 64\nvalue = size\n");
    ck_assert_uint_eq(candidate_reallocate_inplace(candidate, recording, 20, 33, 8), 20);
    ck_assert_uint_eq(candidate_usable_size(candidate, 3, 1), 64);
    ck_assert_uint_eq(candidate_usable_size(candidate, 64, 1), 64);
    ck_assert_uint_eq(candidate_usable_size(candidate, 65, 1), 65);
    ck_assert(!candidate_has(candidate, OP_ALLOCATE_ZEROED) && !candidate_has_block_usable_size(candidate));
}
END_TEST

START_TEST(eight_arguments_arrive)
{
    struct candidate *candidate = open_recorder(PLAIN "[usable_size]\ncall = eight(1, 2, 3, 4, 5, 6, 7, size)\n");
    ck_assert_uint_eq(candidate_usable_size(candidate, 8, 1), 87654321);
}
END_TEST

/* Were this program's functions exported (-rdynamic), they would cover those of a candidate that has the same
 * names. */
START_TEST(the_harness_covers_no_name)
{
    struct candidate *candidate = open_recorder(PLAIN "[usable_size]\ncall = ask_its_own(size)\n");
    ck_assert_uint_eq(candidate_usable_size(candidate, 8, 1), 9);
}
END_TEST

START_TEST(hooks_are_called)
{
    struct candidate *candidate =
        open_recorder("[functions]\nbegin = int (size)\nthread_end = void (int)\n[binding]\ninit = begin(0)\n"
                      "thread_init = thread_begin()\nthread_exit = thread_end(1)\nmax_align = 4096\n" PLAIN);
    assert_call(0, "begin", 0, 0, 0);
    candidate_enter_thread(candidate);
    assert_call(0, "thread_begin", 0, 0, 0);
    candidate_leave_thread(candidate);
    assert_call(0, "thread_end", 1, 0, 0);
    ck_assert_uint_eq(candidate_max_align(candidate), 4096);
}
END_TEST

START_TEST(a_failing_init_is_an_error)
{
    struct error error = {0};
    ck_assert_ptr_null(
        try_open("[functions]\nbegin = int (size)\n[binding]\ninit = begin(3)\n" PLAIN, fixture("recorder"), &error));
    ck_assert_ptr_nonnull(strstr(error.text, "begin, which binding assay-"));
    ck_assert_ptr_nonnull(strstr(error.text, "calls first, answered with a failure"));
}
END_TEST

START_TEST(a_missing_symbol_is_named)
{
    struct error error = {0};
    ck_assert_ptr_null(try_open(PLAIN "[usable_size]\ncall = nothing(size)\n", fixture("recorder"), &error));
    ck_assert_ptr_nonnull(strstr(error.text, "recorder.so: has no nothing, which binding assay-"));
    ck_assert(!error_is_static_tls(&error));
}
END_TEST

START_TEST(what_libc_defines_is_not_the_candidates)
{
    struct error error = {0};
    const char *text = "[allocate]\ncall = take(size)\n[deallocate]\ncall = free(ptr)\n[reallocate]\ncall = "
                       "realloc(ptr, size)\n";
    const char *file = file_write(".binding", text, strlen(text)), *missing[1];
    const struct binding *binding = binding_load(file, "", &error);
    ck_assert_int_eq(candidate_missing_symbols(fixture("recorder"), binding, missing, 1, &error), 2);
    ck_assert_str_eq(missing[0], "free");
    file_remove(file);
}
END_TEST

START_TEST(a_preload_must_be_there)
{
    struct error error = {0};
    ck_assert_ptr_null(try_open("[binding]\nload = preload\n" PLAIN, fixture("twins"), &error));
    ck_assert_ptr_nonnull(strstr(error.text, "twins.so: is not in this process, and binding assay-"));
}
END_TEST

/* Runs this program again with `libraries` preloaded; it opens the recorder and answers 0 (opened) or 1
 * (not). */
static int open_preloaded(const char *libraries)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        setenv("LD_PRELOAD", libraries, 1);
        setenv(PRELOADED, "1", 1);
        char self[PATH_MAX] = "", *emulator = getenv("ASSAY_EXEC_PREFIX");
        if (readlink("/proc/self/exe", self, sizeof self - 1) > 0 && emulator != NULL && *emulator != '\0')
            execlp(emulator, emulator, self, (char *)NULL);
        execl("/proc/self/exe", "test_candidate", (char *)NULL);
        _exit(3);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 100;
}

static int main_preloaded(void)
{
    struct error error = {0};
    struct candidate *candidate = try_open("[binding]\nload = preload\n" PLAIN, fixture("recorder"), &error);
    bool is_taken_elsewhere = strstr(error.text, "is covered by another library's: preload it first") != NULL;
    return candidate != NULL ? candidate_allocate(candidate, 1, 1) == NULL : is_taken_elsewhere ? 1 : 2;
}

START_TEST(a_preload_is_found) { ck_assert_int_eq(open_preloaded(fixture("recorder")), 0); }
END_TEST

START_TEST(a_preload_that_another_one_covers_is_refused)
{
    char libraries[3 * PATH_MAX], copy[PATH_MAX];
    char image[1 << 16];
    FILE *stream = fopen(fixture("recorder"), "rb");
    size_t length = fread(image, 1, sizeof image, stream);
    fclose(stream);
    snprintf(copy, sizeof copy, "%s", file_write(".so", image, length));
    snprintf(libraries, sizeof libraries, "%s:%s", copy, fixture("recorder"));
    int answer = open_preloaded(libraries);
    file_remove(copy);
    ck_assert_int_eq(answer, 1);
}
END_TEST

START_TEST(static_tls_may_be_aligned_to_a_cache_line)
{
    struct error error = {0};
    ck_assert_msg(try_open(PLAIN, fixture("aligned_tls"), &error) != NULL, "%s", error.text);
}
END_TEST

START_TEST(too_little_static_tls_is_told_apart)
{
    struct error error = {0};
    ck_assert_ptr_null(try_open(PLAIN, fixture("static_tls"), &error));
    ck_assert_msg(error_is_static_tls(&error), "%s", error.text);
}
END_TEST

START_TEST(what_cannot_be_loaded_says_so_once)
{
    struct error error = {0};
    ck_assert_ptr_null(try_open(PLAIN, "./no-such-library.so", &error));
    ck_assert_str_eq(error.text, "./no-such-library.so: cannot be loaded: cannot open shared object file: "
                                 "No such file or directory");
}
END_TEST

START_TEST(knows_its_own_code)
{
    struct candidate *candidate = open_recorder(PLAIN);
    void *library = dlopen(fixture("recorder"), RTLD_NOW | RTLD_LOCAL);
    ck_assert(candidate_owns_code(candidate, dlsym(library, "take")));
    ck_assert(!candidate_owns_code(candidate, (const void *)(uintptr_t)malloc));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {takes_the_first_alternative_whose_guard_holds,
                                  an_out_parameter_counts_only_after_zero,
                                  an_int_is_passed_as_an_int,
                                  zero_fills_exactly_the_size,
                                  a_move_copies_the_smaller_size_and_then_frees,
                                  a_move_that_finds_no_memory_leaves_the_block_alone,
                                  a_condition_on_the_result_chooses_the_answer,
                                  a_negative_int_is_true,
                                  both_kinds_of_usable_size,
                                  values_without_a_call,
                                  eight_arguments_arrive,
                                  the_harness_covers_no_name,
                                  hooks_are_called,
                                  a_failing_init_is_an_error,
                                  a_missing_symbol_is_named,
                                  what_libc_defines_is_not_the_candidates,
                                  a_preload_must_be_there,
                                  a_preload_is_found,
                                  a_preload_that_another_one_covers_is_refused,
#ifdef __GLIBC__
                                  static_tls_may_be_aligned_to_a_cache_line,
                                  too_little_static_tls_is_told_apart,
#endif
                                  what_cannot_be_loaded_says_so_once,
                                  knows_its_own_code};
    if (getenv(PRELOADED) != NULL)
        return main_preloaded();
    Suite *suite = suite_create("candidate");
    TCase *tcase = tcase_create("candidate");
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
