/* Tests the reader of graph files. It accepts what people write, refuses bad files with a precise message, and
 * answers every damaged file. */
#include <check.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/prng.h"
#include "harness/linkage/graph.h"

#define GRAPHS "conformance/graphs"
#define LENGTH(array) ((int)(sizeof(array) / sizeof(array)[0]))

/* Judges a text that must be well formed. */
static struct graph_verdict judge(const char *text, struct graph **graph)
{
    struct error error = {0};
    *graph = graph_parse("t.graph", text, strlen(text), &error);
    ck_assert_msg(*graph != NULL, "%s", error.text);
    return graph_judge(*graph);
}

START_TEST(lists_go_on)
{
    struct graph *graph;
    static const char text[] = "# comment\n; comment\r\n[crate a] # comment\r\nallocator = yes\r\n\r\n[crate  b ]\n"
                               "allocator = yes\n[crate c]\n[session main]\ndepends = c\n  a\ndepends = b";
    struct graph_verdict verdict = judge(text, &graph);
    ck_assert_uint_eq(verdict.results[0].part_count, 3);
    ck_assert_str_eq(verdict.results[0].parts[0].crate, "c");
    ck_assert_str_eq(verdict.results[0].parts[1].crate, "a");
    ck_assert_str_eq(verdict.results[0].parts[2].crate, "b");
    ck_assert_str_eq(verdict.results[0].findings[0].message, "cannot link together two allocators: a and b");
    graph_verdict_free(&verdict);
    graph_free(graph);
}
END_TEST

#define MAIN "[session main]\n"

static const struct {
    const char *text, *error;
} refusals[] = {
    {"", "t.graph: found 0 [session NAME], expected 1 to 16, which say what to link"},
    {"[crate a]\n", "t.graph: found 0 [session NAME], expected 1 to 16, which say what to link"},
    {"\n" MAIN "depends = a\n", "t.graph:3: found a, expected a crate that is described: there is no [crate a]"},
    {MAIN "[session b]\ndepends = main\n",
     "t.graph:3: found main, expected a crate: nothing can be compiled against a session"},
    {MAIN "[crate a]\n\n[crate a]\n", "t.graph:4: found a second description of a, expected one (line 2)"},
    {MAIN "[crate main]\n", "t.graph:2: found a second description of main, expected one (line 1)"},
    {MAIN "[crate a]\ndepends = a\n", "t.graph:3: found a circle of dependencies, a -> a, expected none"},
    {MAIN "depends = a\n[crate a]\ndepends = b\n[crate b]\ndepends = c\n[crate c]\nimplicit = b\n",
     "t.graph:8: found a circle of dependencies, b -> c -> b, expected none"},
    {MAIN "depends = a\nno_link = a\n[crate a]\n", "t.graph:3: found a again, expected every dependency once"},
    {"[target]\nexe_allocation_crate = none\n" MAIN,
     "t.graph:2: found none, expected a crate that is described: there is no [crate none]"},
    {"[target]\nlib_allocation_crate = main\n" MAIN,
     "t.graph:3: found main, expected a crate: nothing can be compiled against a session"},
    {"[target]\nexe_allocation_crate = a\n" MAIN "[crate a]\nformats = proc-macro\n",
     "t.graph:4: found a as a default allocator, expected a crate that is no proc-macro"},
    {"[target]\nexe_allocation_crate = a\nexe_allocation_crate = a\n",
     "t.graph:3: found a second default, expected one"},
    {"[target]\n[target]\n", "t.graph:2: found a second [target], expected one"},
    {"[target]\ndefault = a\n", "t.graph:2: found \"default\", expected exe_allocation_crate or lib_allocation_crate"},
    {"[crate a]\nallocator = maybe\n", "t.graph:2: found \"maybe\", expected yes or no"},
    {"[crate a]\nallocator = yes\nallocator = yes\n", "t.graph:3: found a second \"allocator\", expected one"},
    {"[crate a]\nallocator = yes\n no\n", "t.graph:3: found a second \"allocator\", expected one"},
    {"[crate a]\ncrate_types = rlib\n",
     "t.graph:2: found \"crate_types\", expected allocator, needs_allocator, formats, "
     "prefer_dynamic, depends, implicit or no_link"},
    {MAIN "allocator = yes\n",
     "t.graph:2: found \"allocator\", expected crate_types, prefer_dynamic, depends, implicit "
     "or no_link"},
    {"[crate a]\nformats = executable\n",
     "t.graph:2: found \"executable\", expected some of rlib, dylib and proc-macro"},
    {"[crate a]\nformats =\n", "t.graph:2: found nothing, expected some of rlib, dylib and proc-macro"},
    {"[crate a]\nformats = rlib proc-macro\n", "t.graph:2: found proc-macro beside another, expected it alone"},
    {MAIN "crate_types = bin\n",
     "t.graph:2: found \"bin\", expected some of executable, dylib, rlib, staticlib, cdylib "
     "and proc-macro"},
    {MAIN "depends = a,b\n", "t.graph:2: found \"a,b\", expected a name of letters, digits, _ and -, shorter than 64"},
    {MAIN "depends = \x1b[2J\n",
     "t.graph:2: found \"?[2J\", expected a name of letters, digits, _ and -, shorter than 64"},
    {"allocator = yes\n",
     "t.graph:1: found \"allocator\" before any section, expected [target], [crate NAME] or [session NAME]"},
    {"[crate]\n", "t.graph:1: found [crate], expected [target], [crate NAME] or [session NAME]"},
    {"[crates a]\n", "t.graph:1: found [crates a], expected [target], [crate NAME] or [session NAME]"},
    {"[crate a b]\n", "t.graph:1: found [crate a b], expected [target], [crate NAME] or [session NAME]"},
    {"[]\n", "t.graph:1: found [], expected [target], [crate NAME] or [session NAME]"},
    {"[crate a\n", "t.graph:1: found \"[crate a?\", expected [target], [crate NAME] or [session NAME]"},
    {"[crate a] b\n", "t.graph:1: found \"[crate a] b?\", expected [target], [crate NAME] or [session NAME]"},
    {MAIN "depends = a\n  [crate a]\n",
     "t.graph:3: found an indented \"[\", expected a section at the start of its line"},
    {MAIN "what is this\n",
     "t.graph:2: found a line that is none of [section], key = value, # comment; expected one of these"},
};

START_TEST(refuses)
{
    struct error error = {0};
    struct graph *graph = graph_parse("t.graph", refusals[_i].text, strlen(refusals[_i].text), &error);
    ck_assert_ptr_null(graph);
    ck_assert_str_eq(error.text, refusals[_i].error);
}
END_TEST

START_TEST(refuses_a_zero_byte)
{
    struct error error = {0};
    ck_assert_ptr_null(graph_parse("t.graph", "[session main]\na\0b\n", 19, &error));
    ck_assert_str_eq(error.text, "t.graph:2: found a zero byte, expected text");
}
END_TEST

/* Returns a graph of `count` crates, in which each depends on the one before it. */
static char *chain(int count, const char *properties)
{
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    fputs("[crate c0]\n", out);
    for (int i = 1; i < count; i++)
        fprintf(out, "[crate c%d]\n%sdepends = c%d\n", i, properties, i - 1);
    fprintf(out, "[session main]\ndepends = c%d\n", count - 1);
    fclose(out);
    return text;
}

START_TEST(the_largest_graph_is_judged)
{
    static const char *const properties[] = {"", "formats = rlib dylib\nprefer_dynamic = yes\n", "formats = dylib\n"};
    for (int i = 0; i < LENGTH(properties); i++) {
        struct graph *graph;
        char *text = chain(255, properties[i]);
        struct graph_verdict verdict = judge(text, &graph);
        ck_assert_int_eq(graph_worst(&verdict), LINKAGE_OK);
        ck_assert_uint_eq(verdict.results[0].part_count, 255);
        graph_verdict_free(&verdict);
        graph_free(graph);
        free(text);
    }
}
END_TEST

START_TEST(a_larger_graph_is_refused)
{
    struct error error = {0};
    char *text = chain(256, "");
    ck_assert_ptr_null(graph_parse("t.graph", text, strlen(text), &error));
    ck_assert_str_eq(error.text, "t.graph:512: found more than 256 crates, expected fewer");
    free(text);
}
END_TEST

START_TEST(long_lines_and_names_are_refused)
{
    struct error error = {0};
    char text[400];
    snprintf(text, sizeof text, "[session main]\ndepends = %0*d\n", 64, 0);
    ck_assert_ptr_null(graph_parse("t.graph", text, strlen(text), &error));
    ck_assert_str_eq(error.text,
                     "t.graph:2: found \"0000000000000000000000000000000000000000000000000000000000000000\", "
                     "expected a name of letters, digits, _ and -, shorter than 64");
    error = (struct error){0};
    snprintf(text, sizeof text, "[session main]\ndepends = %0*d\n", 300, 0);
    ck_assert_ptr_null(graph_parse("t.graph", text, strlen(text), &error));
    ck_assert_ptr_nonnull(strstr(error.text, "t.graph:2: found a line of 310 characters, expected at most "));
}
END_TEST

START_TEST(files_that_cannot_be_read)
{
    struct error error = {0};
    ck_assert_ptr_null(graph_read(GRAPHS "/none.graph", &error));
    ck_assert_str_eq(error.text, GRAPHS "/none.graph: cannot be read: No such file or directory");
    error = (struct error){0};
    ck_assert_ptr_null(graph_read(GRAPHS, &error));
    ck_assert_str_eq(error.text, GRAPHS ": is a directory, expected a crate graph");
    error = (struct error){0};
    ck_assert_ptr_null(graph_read("/dev/zero", &error));
    ck_assert_str_eq(error.text, "/dev/zero: is larger than 1 MiB, expected a crate graph");
}
END_TEST

/* Every file gets an answer, or an error that names it. */
static void judge_any(const char *text, size_t length)
{
    struct error error = {0};
    struct graph *graph = graph_parse("t.graph", text, length, &error);
    ck_assert_int_eq(graph == NULL, error_is_set(&error));
    if (graph == NULL) {
        ck_assert_msg(strncmp(error.text, "t.graph:", 8) == 0, "%s", error.text);
        return;
    }
    struct graph_verdict verdict = graph_judge(graph);
    ck_assert_uint_gt(verdict.count, 0);
    graph_verdict_free(&verdict);
    graph_free(graph);
}

static void damage(const char *text, struct prng *prng)
{
    size_t length = strlen(text);
    for (size_t cut = 0; cut < length; cut++)
        judge_any(text, cut);
    for (int round = 0; round < 300; round++) {
        char *damaged = malloc(length);
        memcpy(damaged, text, length);
        for (int i = 0; i < 3; i++)
            damaged[prng_below(prng, length)] = (char)prng_next(prng);
        size_t from = prng_below(prng, length), to = prng_below(prng, length), some = prng_below(prng, 40);
        if (from + some < length && to + some < length)
            memmove(damaged + to, damaged + from, some);
        judge_any(damaged, length);
        free(damaged);
    }
}

/* Takes every shipped graph, cuts it at every byte, changes bytes and moves lines. */
START_TEST(damaged_files_are_answered)
{
    DIR *directory = opendir(GRAPHS);
    int count = 0;
    struct prng prng = {.state = 1};
    ck_assert_ptr_nonnull(directory);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        char path[400], text[1 << 13] = "";
        snprintf(path, sizeof path, GRAPHS "/%s", entry->d_name);
        FILE *file = strstr(path, ".graph") == NULL ? NULL : fopen(path, "r");
        if (file == NULL)
            continue;
        ck_assert_uint_lt(fread(text, 1, sizeof text - 1, file), sizeof text - 1);
        fclose(file);
        damage(text, &prng);
        count++;
    }
    closedir(directory);
    ck_assert_int_gt(count, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("graph files");
    TCase *files = tcase_create("files");
    tcase_set_timeout(files, 120); /* an emulator is slow */
    tcase_add_test(files, lists_go_on);
    tcase_add_loop_test(files, refuses, 0, LENGTH(refusals));
    tcase_add_test(files, refuses_a_zero_byte);
    tcase_add_test(files, the_largest_graph_is_judged);
    tcase_add_test(files, a_larger_graph_is_refused);
    tcase_add_test(files, long_lines_and_names_are_refused);
    tcase_add_test(files, files_that_cannot_be_read);
    tcase_add_test(files, damaged_files_are_answered);
    suite_add_tcase(suite, files);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
