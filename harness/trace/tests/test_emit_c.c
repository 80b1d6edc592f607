/* Programs made from traces: they compile without a warning, exit 1 over the toy allocator with the bug and 0 over the
 * one without. Needs a C compiler for this platform at run time: CC, or cc. */
#include <check.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "harness/trace/emit_c.h"
#include "harness/trace/tests/toys.h"
#include "harness/trace/text.h"

static char directory[] = "/tmp/assay-emit-XXXXXX";

__attribute__((format(printf, 1, 2))) static int shell(const char *format, ...)
{
    char command[4096];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    int status = system(command);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void emit(const char *lines, const char *binding, const char *clause, const char *library)
{
    char text[2048], path[64];
    struct error error = {0};
    struct event *events;
    snprintf(text, sizeof text, "assay trace 1\n%s", lines);
    long count = trace_parse("t", text, &events, &error);
    ck_assert_msg(count >= 0, "%s", error.text);
    struct reproducer reproducer = {.library = library,
                                    .binding = binding_load(binding, TOY_BINDINGS, &error),
                                    .clause = clause,
                                    .events = events,
                                    .count = (size_t)count,
                                    .message = "what */ ends no comment",
                                    .actual = "a \"quoted\"\nline"};
    ck_assert_msg(reproducer.binding != NULL, "%s", error.text);
    snprintf(path, sizeof path, "%s/repro.c", directory);
    FILE *out = fopen(path, "w");
    ck_assert_msg(emit_c(out, &reproducer, &error), "%s", error.text);
    fclose(out);
    free(events);
}

static void compile(void)
{
    const char *compiler = getenv("CC") != NULL ? getenv("CC") : "cc";
    ck_assert_int_eq(
        shell("%s -Wall -Wextra -Werror -O1 -o %s/repro %s/repro.c -ldl -pthread", compiler, directory, directory), 0);
}

static int run(const char *library) { return shell("%s/repro %s > %s/output 2>&1", directory, library, directory); }

static void make_directory(void) { ck_assert_ptr_nonnull(mkdtemp(directory)); }
static void remove_directory(void) { shell("rm -rf %s", directory); }

static const struct proof {
    const char *toy, *clause, *trace;
} proofs[] = {
    {"toy_misaligns", "alignment/allocate", "b1 = allocate(size 1, align 1)\nb2 = allocate(size 1, align 512)\n"},
    {"toy_dirty", "zeroing/allocate-zeroed",
     "b7 = allocate(size 8, align 1)\ndeallocate(b7, old_size usable)\nb9 = allocate_zeroed(size 8, align 1)\n"},
    {"toy_loses_tail", "reallocate/contents",
     "b1 = allocate(size 1001, align 8)\nreallocate_inplace(b1, old_size requested, size 1002)\n"
     "b1 = reallocate(b1, old_size requested, size 2000)\n"},
    {"toy_crashes", "deallocate/old-size-range",
     "b1 = allocate(size 1, align 1)\ndeallocate(b1, old_size requested + 3)\n"},
    {"toy_forgets_thread", "block/undisturbed",
     "thread 1: b1 = allocate(size 1, align 1)\nverify()\n"
     "thread 2: deallocate(b1, old_size requested)\n"},
    {"toy_ignores_refusal", "exhaustion/null", "refuse(from 1)\nb1 = allocate(size 1, align 1)\n"},
    {"toy_reads_past", "abi/returns", "guard(size 300000)\nb1 = allocate(size 300000, align 1)\n"},
    {"toy_hangs", "abi/returns", "b1 = allocate(size 1, align 2048)\n"},
};

START_TEST(it_shows_the_bug_until_it_is_gone)
{
    const struct proof *proof = &proofs[_i];
    emit(proof->trace, "rust-1.19", proof->clause, toy_path(proof->toy));
    compile();
    ck_assert_int_eq(run(""), 1); /* the library it was made for */
    ck_assert_int_eq(run(toy_path("toy")), 0);
    ck_assert_int_eq(run("/no/such.so"), 2);
}
END_TEST

START_TEST(only_the_clause_it_is_about_decides)
{
    emit("b1 = allocate(size 1, align 1)\nb2 = allocate(size 1, align 512)\n", "rust-1.19", "block/disjoint", "x");
    compile();
    ck_assert_int_eq(run(toy_path("toy_misaligns")), 0);
    ck_assert_int_eq(shell("grep -q 'also broken: alignment/allocate' %s/output", directory), 0);
}
END_TEST

/* A block of more than 4 GiB is looked at piece by piece. A narrower platform's compiler refuses the program. */
START_TEST(sizes_beyond_32_bits)
{
    if (sizeof(size_t) < 8)
        return;
    emit("b1 = allocate(size 4294967396, align 1)\n", "rust-1.19", "block/no-wrapped-size", "x");
    compile();
    ck_assert_int_eq(shell("grep -q '^_Static_assert(sizeof(size_t) >= 8' %s/repro.c", directory), 0);
    ck_assert_int_eq(run(toy_path("toy")), 0);
    ck_assert_int_eq(run(toy_path("toy_cuts")), 1);
}
END_TEST

START_TEST(without_a_clause_whatever_is_broken_counts)
{
    emit("b1 = allocate(size 1, align 1)\nb2 = allocate(size 1, align 512)\n", "rust-1.19", NULL, "x");
    compile();
    ck_assert_int_eq(run(toy_path("toy_misaligns")), 1);
}
END_TEST

START_TEST(every_binding_is_spelt_in_c_that_compiles)
{
    static const char *const bindings[] = {"rust-1.19", "alloc_system-1.19", "alloc_jemalloc-1.19",
                                           "jemalloc",  "mimalloc",          "tcmalloc",
                                           "tbbmalloc", "rpmalloc",          "snmalloc",
                                           "malloc"};
    emit("b1 = allocate(size 1, align 1)\nb2 = allocate_zeroed(size 1, align 512)\n"
         "b1 = reallocate(b1, old_size usable, size 90)\nreallocate_inplace(b1, old_size usable, size 99)\n"
         "refuse(from 1)\nrefuse(only 3)\nusable_size(size 3, align 1)\n"
         "thread 1: deallocate(b1, old_size requested + 1)\nthread 1: end()\nthread 1: verify()\n",
         bindings[_i], NULL, "x");
    compile();
}
END_TEST

/* Where mmap64 is a macro, and other functions of glibc are not declared. */
START_TEST(it_compiles_against_musl)
{
    static const char *const bindings[] = {"rust-1.19", "jemalloc", "tcmalloc", "malloc"};
    emit("refuse(from 1)\nguard(size 4096)\nthread 1: b1 = allocate(size 1, align 1)\nb2 = calloc(3, 8)\n"
         "reallocate_inplace(b1, old_size usable, size 99)\nverify()\n",
         bindings[_i], NULL, "x");
    ck_assert_int_eq(shell("musl-gcc -Wall -Wextra -Werror -O1 -o %s/repro %s/repro.c", directory, directory), 0);
}
END_TEST

START_TEST(registers_cannot_be_shown)
{
    struct error error = {0};
    struct reproducer reproducer = {.clause = "abi/registers"};
    ck_assert(!emit_c(stdout, &reproducer, &error));
    ck_assert_str_eq(error.text, "abi/registers: what a call does to registers cannot be shown by a C program");
}
END_TEST

/* The compiler at hand builds for this machine. Where the tests run on another platform, the programs cannot load the
 * toys. */
static bool is_native(void)
{
    const char *platform = getenv("PLATFORM");
    return platform == NULL || strcmp(platform, "native") == 0;
}

int main(void)
{
    Suite *suite = suite_create("trace emit");
    TCase *tests = tcase_create("emit");
    tcase_set_timeout(tests, 120);
    tcase_add_checked_fixture(tests, make_directory, remove_directory);
    tcase_add_test(tests, registers_cannot_be_shown);
    if (is_native()) {
        tcase_add_loop_test(tests, it_shows_the_bug_until_it_is_gone, 0, sizeof proofs / sizeof *proofs);
        tcase_add_test(tests, only_the_clause_it_is_about_decides);
        tcase_add_test(tests, sizes_beyond_32_bits);
        tcase_add_test(tests, without_a_clause_whatever_is_broken_counts);
        tcase_add_loop_test(tests, every_binding_is_spelt_in_c_that_compiles, 0, 10);
    }
    if (is_native() && shell("command -v musl-gcc > /dev/null") == 0)
        tcase_add_loop_test(tests, it_compiles_against_musl, 0, 4);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
