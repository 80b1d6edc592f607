/* Tests the linkage rule on crate graphs: rustc's own tests with their counterparts, and each branch of the
 * algorithm. */
#include <check.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "harness/linkage/graph.h"

#define GRAPHS "conformance/graphs"
#define LENGTH(array) ((int)(sizeof(array) / sizeof(array)[0]))

/* ---- helpers ---- */

static char *print(const struct graph_verdict *verdict, bool verbose)
{
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    graph_print(out, verdict, verbose);
    fclose(out);
    return text;
}

static char *read_text(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = calloc(1, 1 << 16);
    ck_assert_msg(file != NULL, "%s", path);
    ck_assert_uint_lt(fread(text, 1, (1 << 16) - 1, file), (1 << 16) - 1);
    fclose(file);
    return text;
}

/* Judges a text that must be well formed. */
static struct graph_verdict judge(const char *text, struct graph **graph)
{
    struct error error = {0};
    *graph = graph_parse("t.graph", text, strlen(text), &error);
    ck_assert_msg(*graph != NULL, "%s", error.text);
    return graph_judge(*graph);
}

static void expect_text(const char *text, const char *expected)
{
    struct graph *graph;
    struct graph_verdict verdict = judge(text, &graph);
    char *printed = print(&verdict, false);
    ck_assert_str_eq(printed, expected);
    free(printed);
    graph_verdict_free(&verdict);
    graph_free(graph);
}

/* ---- the shipped graphs ---- */

/* The verdicts stand here again, apart from the text in the files, so that the two cannot be forgotten or
 * regenerated together. */
static const struct {
    const char *name;
    enum linkage_verdict worst;
    int findings; /* number of findings of all results together */
    const char *clause;
} shipped[] = {
    {"allocator-default", LINKAGE_OK, 0, NULL},
    {"allocator-default-illegal", LINKAGE_VIOLATION, 1, "linkage/at-most-one"},
    {"allocator-default-injected", LINKAGE_OK, 0, NULL},
    {"allocator-default-missing", LINKAGE_VIOLATION, 1, "linkage/exactly-one"},
    {"allocator-default-not-needed", LINKAGE_OK, 0, NULL},
    {"allocator-default-not-tagged", LINKAGE_VIOLATION, 1, "linkage/exactly-one"},
    {"allocator-default-several", LINKAGE_OK, 0, NULL},
    {"allocator-depends-on-needs-allocators", LINKAGE_VIOLATION, 1, "linkage/no-circular"},
    {"allocator-depends-on-needs-allocators-deep", LINKAGE_VIOLATION, 2, "linkage/no-circular"},
    {"allocator-depends-on-needs-allocators-legal", LINKAGE_OK, 0, NULL},
    {"allocator-dylib-is-system", LINKAGE_VIOLATION, 4, "linkage/at-most-one"},
    {"allocator-dylib-is-system-alone", LINKAGE_VIOLATION, 1, "linkage/at-most-one"},
    {"allocator-dylib-is-system-core", LINKAGE_VIOLATION, 1, "linkage/at-most-one"},
    {"allocator-dylib-is-system-legal", LINKAGE_OK, 0, NULL},
    {"allocator-dylib-is-system-unnamed", LINKAGE_OK, 0, NULL},
    {"allocator-in-need-is-no-allocator", LINKAGE_OK, 0, NULL},
    {"allocator-needs-itself", LINKAGE_VIOLATION, 1, "linkage/no-circular"},
    {"allocator-override", LINKAGE_OK, 0, NULL},
    {"allocator-override-by-rlib", LINKAGE_OK, 0, NULL},
    {"allocator-override-illegal", LINKAGE_VIOLATION, 1, "linkage/at-most-one"},
    {"allocator-rust-dylib-is-jemalloc", LINKAGE_VIOLATION, 1, "linkage/at-most-one"},
    {"allocator-rust-dylib-is-jemalloc-legal", LINKAGE_OK, 0, NULL},
    {"allocator-system", LINKAGE_OK, 0, NULL},
    {"allocator-system-illegal", LINKAGE_VIOLATION, 1, "linkage/at-most-one"},
    {"default-needs-what-it-serves", LINKAGE_VIOLATION, 4, "linkage/no-circular"},
    {"macros-only", LINKAGE_OK, 0, NULL},
    {"one-allocator-in-one-dylib", LINKAGE_OK, 0, NULL},
    {"one-allocator-in-two-dylibs", LINKAGE_VIOLATION, 3, "linkage/single-definition"},
    {"rlib-with-two", LINKAGE_OK, 0, NULL},
    {"rlib-with-two-illegal", LINKAGE_VIOLATION, 1, "linkage/at-most-one"},
    {"staticlib-of-dylib", LINKAGE_ERROR, 1, NULL},
    {"two-allocators-1", LINKAGE_VIOLATION, 2, "linkage/at-most-one"},
    {"two-allocators-1-legal", LINKAGE_OK, 0, NULL},
    {"two-allocators-2", LINKAGE_VIOLATION, 1, "linkage/at-most-one"},
    {"two-allocators-2-legal", LINKAGE_OK, 0, NULL},
    {"two-allocators-2-turned", LINKAGE_VIOLATION, 1, "linkage/at-most-one"},
    {"two-allocators-3", LINKAGE_VIOLATION, 1, "linkage/at-most-one"},
    {"two-allocators-3-legal", LINKAGE_OK, 0, NULL},
};

/* Returns what follows "#= " in each line that begins so. */
static char *expectation(const char *text)
{
    char *expected;
    size_t length;
    FILE *out = open_memstream(&expected, &length);
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n')
        if (strncmp(line, "#= ", 3) == 0)
            fprintf(out, "%.*s\n", (int)strcspn(line + 3, "\n"), line + 3);
    fclose(out);
    return expected;
}

START_TEST(gives_what_the_file_says)
{
    char path[200];
    snprintf(path, sizeof path, GRAPHS "/%s.graph", shipped[_i].name);
    char *text = read_text(path), *expected = expectation(text);
    ck_assert_str_ne(expected, "");
    expect_text(text, expected);
    free(expected);
    free(text);
}
END_TEST

START_TEST(gives_the_verdict_of_the_table)
{
    char path[200];
    struct error error = {0};
    snprintf(path, sizeof path, GRAPHS "/%s.graph", shipped[_i].name);
    struct graph *graph = graph_read(path, &error);
    ck_assert_msg(graph != NULL, "%s", error.text);
    struct graph_verdict verdict = graph_judge(graph);
    int findings = 0;
    for (size_t i = 0; i < verdict.count; i++) {
        const struct graph_result *result = &verdict.results[i];
        findings += (int)result->finding_count;
        for (size_t f = 0; f < result->finding_count; f++)
            if (!result->findings[f].is_open)
                ck_assert_pstr_eq(linkage_clause_id(result->findings[f].clause), shipped[_i].clause);
    }
    ck_assert_int_eq(findings, shipped[_i].findings);
    ck_assert_str_eq(linkage_verdict_name(graph_worst(&verdict)), linkage_verdict_name(shipped[_i].worst));
    graph_verdict_free(&verdict);
    graph_free(graph);
}
END_TEST

START_TEST(no_shipped_graph_is_left_out)
{
    DIR *directory = opendir(GRAPHS);
    int count = 0;
    ck_assert_ptr_nonnull(directory);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        count += strstr(entry->d_name, ".graph") != NULL;
    closedir(directory);
    ck_assert_int_eq(count, LENGTH(shipped));
}
END_TEST

/* ---- each branch of the algorithm ---- */

#define TARGET "[target]\nexe_allocation_crate = for_exe\nlib_allocation_crate = for_lib\n"
#define DEFAULTS TARGET "[crate for_exe]\nallocator = yes\n[crate for_lib]\nallocator = yes\n"
#define ALLOC "[crate alloc]\nneeds_allocator = yes\n"
#define NEEDS_ALLOC(how) "  needs      alloc                         " how "\n"
#define PROVIDES(name, how) "  provides   " name "                       " how "\n"
#define INJECTED(name) "  injected   " name "                       nobody chose: the compiler did\n"
#define IDLE(name) "  injected   " name "                       but another is there: not linked\n"
#define HEAD(verdict, kind) verdict " main: " kind ", family rust-1.19\n"

static const struct {
    const char *text, *expected;
} turns[] = {
    /* the default depends on the crate type and on prefer-dynamic */
    {DEFAULTS ALLOC "[session main]\ncrate_types = cdylib\ndepends = alloc\n",
     HEAD("ok        ", "cdylib") NEEDS_ALLOC("static") PROVIDES("for_lib", "static") INJECTED("for_lib")},
    {DEFAULTS ALLOC "[session main]\ncrate_types = cdylib\nprefer_dynamic = yes\ndepends = alloc\n",
     HEAD("ok        ", "cdylib") NEEDS_ALLOC("static") PROVIDES("for_exe", "static") INJECTED("for_exe")},
    {DEFAULTS ALLOC "[session main]\ncrate_types = dylib\ndepends = alloc\n",
     HEAD("ok        ", "dylib") NEEDS_ALLOC("static") PROVIDES("for_lib", "static") INJECTED("for_lib")},
    {DEFAULTS ALLOC "[session main]\ncrate_types = dylib\nprefer_dynamic = yes\ndepends = alloc\n",
     HEAD("ok        ", "dylib") NEEDS_ALLOC("static") PROVIDES("for_exe", "static") INJECTED("for_exe")},
    {DEFAULTS ALLOC "[session main]\ncrate_types = staticlib\ndepends = alloc\n",
     HEAD("ok        ", "staticlib") NEEDS_ALLOC("static") PROVIDES("for_lib", "static") INJECTED("for_lib")},
    {DEFAULTS ALLOC "[session main]\ncrate_types = proc-macro\ndepends = alloc\n",
     HEAD("ok        ", "proc-macro") NEEDS_ALLOC("static") PROVIDES("for_lib", "static") INJECTED("for_lib")},
    {DEFAULTS ALLOC "[session main]\ncrate_types = executable\ndepends = alloc\n",
     HEAD("ok        ", "executable") NEEDS_ALLOC("static") PROVIDES("for_exe", "static") INJECTED("for_exe")},
    {DEFAULTS ALLOC "[session main]\ncrate_types = rlib\ndepends = alloc\n", HEAD("ok        ", "rlib")},
    {DEFAULTS ALLOC "[session main]\ncrate_types = rlib executable\ndepends = alloc\n",
     HEAD("ok        ", "executable") NEEDS_ALLOC("static") PROVIDES("for_exe", "static") INJECTED("for_exe")
         HEAD("ok        ", "rlib")},
    {"[crate alloc_system]\nallocator = yes\n" ALLOC "[session main]\ndepends = alloc\n",
     HEAD("ok        ", "executable")
         NEEDS_ALLOC("static") "  provides   alloc_system                  static\n"
                               "  injected   alloc_system                  nobody chose: the compiler did\n"},
    /* a default that is an rlib inside a dylib of std is placed once; so is a default that is a dylib */
    {DEFAULTS ALLOC "[crate std]\nformats = rlib dylib\nprefer_dynamic = yes\ndepends = alloc\n"
                    "[session main]\nprefer_dynamic = yes\ndepends = std\n",
     HEAD("ok        ", "executable") NEEDS_ALLOC("included from dylib")
         PROVIDES("for_exe", "included from dylib") "  injected   for_exe                       but another "
                                                    "is there: included from dylib\n"},
    {TARGET "[crate for_lib]\n[crate for_exe]\nallocator = yes\nformats = dylib\n" ALLOC
            "[session main]\ndepends = alloc\n",
     HEAD("ok        ", "executable") NEEDS_ALLOC("static")
         PROVIDES("for_exe", "dynamic") "  injected   for_exe                       but another is there: dynamic\n"},
    /* an implicit allocator does not count as chosen, and is not linked when everything is static */
    {DEFAULTS ALLOC "[crate rt]\nimplicit = for_lib\ndepends = alloc\n[session main]\ndepends = rt\n",
     HEAD("ok        ", "executable") NEEDS_ALLOC("static") PROVIDES("for_exe", "static") INJECTED("for_exe")},
    /* one crate chooses implicitly and another one explicitly: the greater kind counts */
    {DEFAULTS ALLOC "[crate rt]\nimplicit = for_lib\ndepends = alloc\n[session main]\ndepends = rt for_lib\n",
     HEAD("ok        ", "executable") PROVIDES("for_lib", "static") NEEDS_ALLOC("static")},
    /* a crate behind a crate of macros is loaded for its macros; it is not chosen, but its needs count */
    {DEFAULTS ALLOC "[crate own]\nallocator = yes\n[crate m]\ndepends = own\n"
                    "[session main]\nno_link = m\ndepends = alloc\n",
     HEAD("ok        ", "executable") NEEDS_ALLOC("static") PROVIDES("for_exe", "static") INJECTED("for_exe")},
    {DEFAULTS ALLOC "[session main]\nno_link = alloc\n",
     HEAD("ok        ", "executable") NEEDS_ALLOC("not linked") PROVIDES("for_exe", "static") INJECTED("for_exe")},
    /* a proc-macro runs in the compiler; the crates that it was made of stay there */
    {DEFAULTS ALLOC "[crate own]\nallocator = yes\n[crate derive]\nformats = proc-macro\ndepends = own alloc\n"
                    "[session main]\ndepends = derive alloc\n",
     HEAD("ok        ", "executable") NEEDS_ALLOC("static") PROVIDES("for_exe", "static") INJECTED("for_exe")},
    /* both allocators are in the artifact although no crate needs one */
    {"[crate a]\nallocator = yes\n[crate b]\nallocator = yes\n[session main]\ndepends = a b\n",
     HEAD("violation ",
          "executable") "  provides   a                             static\n"
                        "  provides   b                             static\n"
                        "  violated   linkage/at-most-one  cannot link together two allocators: a and b\n"},
    /* of three allocators, each is compared with the one before it */
    {"[crate a]\nallocator = yes\n[crate b]\nallocator = yes\n[crate c]\nallocator = yes\n"
     "[session main]\ndepends = c a b\n",
     HEAD("violation ",
          "executable") "  provides   c                             static\n"
                        "  provides   a                             static\n"
                        "  provides   b                             static\n"
                        "  violated   linkage/at-most-one  cannot link together two allocators: c and a\n"
                        "  violated   linkage/at-most-one  cannot link together two allocators: a and b\n"},
    /* parents are numbered before the crates that they were compiled against */
    {"[crate a]\nallocator = yes\ndepends = b\n[crate b]\nallocator = yes\n[session main]\ndepends = a b\n",
     HEAD("violation ",
          "executable") "  provides   a                             static\n"
                        "  provides   b                             static\n"
                        "  violated   linkage/at-most-one  cannot link together two allocators: a and b\n"},
    /* after a first error, no second allocator is checked */
    {ALLOC "[crate a]\nallocator = yes\ndepends = alloc\n[crate b]\nallocator = yes\ndepends = alloc\n"
           "[session main]\ndepends = a b\n",
     HEAD("violation ", "executable") "  violated   linkage/no-circular  the crate `a` cannot depend on a "
                                      "crate that needs an "
                                      "allocator, but it depends on `alloc`\n"},
    /* an injected allocator is checked as well */
    {TARGET "[crate for_lib]\n[crate for_exe]\nallocator = yes\ndepends = alloc\n" ALLOC
            "[session main]\ndepends = alloc\n",
     HEAD("violation ", "executable") "  violated   linkage/no-circular  the crate `for_exe` cannot depend "
                                      "on a crate that needs "
                                      "an allocator, but it depends on `alloc`\n"},
    /* two errors: the missing tag is reported and ends the checking */
    {TARGET "[crate for_lib]\n[crate for_exe]\ndepends = alloc\n" ALLOC "[session main]\ndepends = alloc\n",
     HEAD("violation ",
          "executable") "  violated   linkage/exactly-one  the allocator crate `for_exe` is not tagged with "
                        "#![allocator]\n"},
    /* an error of the session stops each of its artifacts; a default that is no allocator is not the rlib's fault */
    {TARGET "[crate for_exe]\n[crate for_lib]\n" ALLOC
            "[session main]\ncrate_types = rlib executable\ndepends = alloc\n",
     HEAD("violation ",
          "executable") "  violated   linkage/exactly-one  the allocator crate `for_exe` is not tagged with "
                        "#![allocator]\n" HEAD("error     ", "rlib") "  not made   linkage/rlib  the allocator crate "
                                                                     "`for_exe` is not tagged with #![allocator]\n"},
    /* a crate that failed cannot be found by the crates that depend on it */
    {"[crate a]\nallocator = yes\n[crate b]\nallocator = yes\n[crate two]\nformats = dylib\ndepends = a b\n"
     "[session main]\ndepends = two\n",
     HEAD("error     ",
          "executable") "  not made   linkage/exactly-one  can't find crate for `two`\n"
                        "violation  two: dylib, a dependency, family rust-1.19\n"
                        "  provides   a                             static\n"
                        "  provides   b                             static\n"
                        "  violated   linkage/at-most-one  cannot link together two allocators: a and b\n"},
    /* a staticlib reports every crate that has no rlib, and so does a cdylib */
    {"[crate x]\nformats = dylib\n[crate y]\nformats = dylib\n[crate z]\n"
     "[session main]\ncrate_types = staticlib cdylib\ndepends = x z y\n",
     HEAD("error     ", "staticlib") "  not made   linkage/exactly-one  dependency `x` not found in rlib format\n"
                                     "  not made   linkage/exactly-one  dependency `y` not found in rlib format\n" HEAD(
                                         "error     ", "cdylib") "  not made   linkage/exactly-one  dependency `x` not "
                                                                 "found in rlib format\n"
                                                                 "  not made   linkage/exactly-one  dependency `y` not "
                                                                 "found in rlib format\n"},
    /* a proc-macro is always linked with dylibs. A dylib that needs an allocator gets none: the compiler ignores the
     * crate's own tag and looks only at those of other crates. */
    {DEFAULTS "[crate alloc]\nneeds_allocator = yes\nformats = rlib dylib\n"
              "[session main]\ncrate_types = proc-macro\ndepends = alloc\n",
     HEAD("ok        ", "proc-macro") NEEDS_ALLOC("dynamic") PROVIDES("for_lib", "static") INJECTED("for_lib")},
    /* a dylib that is loaded for its macros does not prevent static linking, is not linked, and is not missed as an
     * rlib */
    {DEFAULTS "[crate alloc]\nneeds_allocator = yes\nformats = rlib dylib\n"
              "[crate plug]\nformats = dylib\ndepends = alloc\n"
              "[session main]\nno_link = plug\ndepends = alloc\n",
     HEAD("ok        ", "executable") NEEDS_ALLOC("static") PROVIDES("for_exe", "static") INJECTED("for_exe")},
    {DEFAULTS ALLOC "[crate plug]\nformats = dylib\ndepends = alloc\n"
                    "[session main]\nprefer_dynamic = yes\nno_link = plug\ndepends = alloc\n",
     HEAD("ok        ", "executable") NEEDS_ALLOC("static") PROVIDES("for_exe", "static") INJECTED("for_exe")},
    {"[crate plug]\nformats = dylib\n[crate x]\nformats = dylib\n[crate derive]\nformats = proc-macro\n"
     "[session main]\ncrate_types = staticlib\nno_link = plug\ndepends = derive x\n",
     HEAD("error     ", "staticlib") "  not made   linkage/exactly-one  dependency `x` not found in rlib format\n"},
    {"[crate derive]\nformats = proc-macro\n[session main]\ncrate_types = staticlib\ndepends = derive\n",
     HEAD("ok        ", "staticlib")},
    /* users of a library do not load the proc-macros that it used, and these are not in the closure of an allocator */
    {"[crate derive]\nformats = proc-macro\nneeds_allocator = yes\n[crate library]\ndepends = derive\n"
     "[session main]\ndepends = library\n",
     HEAD("ok        ", "executable")},
    {"[crate derive]\nformats = proc-macro\nneeds_allocator = yes\n[crate own]\nallocator = yes\ndepends = "
     "derive\n"
     "[session main]\ndepends = own\n",
     HEAD("ok        ", "executable") "  provides   own                           static\n"},
    /* a chosen allocator stays chosen when another crate had it injected */
    {DEFAULTS ALLOC "[crate rt]\nimplicit = for_lib\ndepends = alloc\n[session main]\ndepends = for_lib rt\n",
     HEAD("ok        ", "executable") PROVIDES("for_lib", "static") NEEDS_ALLOC("static")},
    /* when a crate cannot be found, no allocator is chosen */
    {ALLOC "[crate a]\nallocator = yes\n[crate b]\nallocator = yes\n[crate two]\nformats = dylib\ndepends = a b\n"
           "[session main]\ndepends = alloc two\n",
     HEAD("error     ",
          "executable") "  not made   linkage/exactly-one  can't find crate for `two`\n"
                        "violation  two: dylib, a dependency, family rust-1.19\n"
                        "  provides   a                             static\n"
                        "  provides   b                             static\n"
                        "  violated   linkage/at-most-one  cannot link together two allocators: a and b\n"},
    /* alloc_system is the default for libraries too */
    {"[crate alloc_system]\nallocator = yes\n" ALLOC "[session main]\ncrate_types = staticlib\ndepends = alloc\n",
     HEAD("ok        ", "staticlib")
         NEEDS_ALLOC("static") "  provides   alloc_system                  static\n"
                               "  injected   alloc_system                  nobody chose: the compiler did\n"},
    /* a dylib that is linked with a dylib is no second copy; one that is linked with the rlib of the same crate is */
    {"[crate base]\nformats = rlib dylib\n[crate up]\nformats = dylib\nprefer_dynamic = yes\ndepends = base\n"
     "[session main]\ndepends = up base\n",
     HEAD("ok        ", "executable")},
    {"[crate base]\nformats = rlib dylib\n[crate up]\nformats = dylib\nprefer_dynamic = no\ndepends = base\n"
     "[session main]\ndepends = up base\n",
     HEAD("error     ", "executable") "  not made   linkage/exactly-one  cannot satisfy dependencies so "
                                      "`base` only shows up once\n"},
};

START_TEST(takes_each_turn) { expect_text(turns[_i].text, turns[_i].expected); }
END_TEST

START_TEST(sessions_are_judged_one_by_one)
{
    expect_text("[crate a]\nallocator = yes\n[crate b]\nallocator = yes\n"
                "[session good]\ndepends = a\n[session bad]\ndepends = a b\n[session again]\ndepends = b\n",
                "ok         good: executable, family rust-1.19\n"
                "  provides   a                             static\n"
                "violation  bad: executable, family rust-1.19\n"
                "  provides   a                             static\n"
                "  provides   b                             static\n"
                "  violated   linkage/at-most-one  cannot link together two allocators: a and b\n"
                "ok         again: executable, family rust-1.19\n"
                "  provides   b                             static\n");
}
END_TEST

/* ---- renderings ---- */

#define DYLIB_AND_OWN                                                                               \
    DEFAULTS ALLOC "[crate plug]\nformats = dylib\ndepends = alloc\n[crate own]\nallocator = yes\n" \
                   "[session main]\ndepends = plug own\n"

START_TEST(verbose_shows_everything)
{
    struct graph *graph;
    struct graph_verdict verdict = judge(DYLIB_AND_OWN, &graph);
    char *printed = print(&verdict, true);
    ck_assert_str_eq(
        printed,
        HEAD("violation ",
             "executable") "  crate      plug                          dynamic\n" NEEDS_ALLOC("included from dylib")
            PROVIDES("for_lib",
                     "included from dylib") "  provides   own                           static\n"
                                            "  if none    for_exe                       is the default\n"
                                            "  violated   linkage/at-most-one  cannot link together two "
                                            "allocators: for_lib and own\n"
                                            "ok         plug: dylib, a dependency, family rust-1.19\n" NEEDS_ALLOC(
                                                "static") PROVIDES("for_lib", "static")
                                                INJECTED("for_lib") "  if none    for_lib                       "
                                                                    "is the default\n");
    free(printed);
    graph_verdict_free(&verdict);
    graph_free(graph);
}
END_TEST

START_TEST(json_has_the_fixed_keys)
{
    struct graph *graph;
    struct graph_verdict verdict = judge(DYLIB_AND_OWN, &graph);
    json_t *json = graph_json(&verdict);
    char *text = json_dumps(json_array_get(json, 0), JSON_COMPACT | JSON_PRESERVE_ORDER);
    ck_assert_uint_eq(json_array_size(json), 2);
    ck_assert_str_eq(
        text, "{\"artifact\":\"main\",\"kind\":\"executable\",\"family\":\"rust-1.19\",\"verdict\":\"violation\","
              "\"providers\":[\"for_lib\",\"own\"],\"needs\":true,\"default\":\"for_exe\",\"findings\":[{"
              "\"clause\":"
              "\"linkage/at-most-one\",\"message\":\"cannot link together two allocators: for_lib and "
              "own\",\"open\":false}],"
              "\"dependency\":false,\"injected\":null,\"injected_linkage\":null,\"crates\":["
              "{\"name\":\"plug\",\"linkage\":\"dynamic\",\"allocator\":false,\"needs_allocator\":false},"
              "{\"name\":\"alloc\",\"linkage\":\"included from "
              "dylib\",\"allocator\":false,\"needs_allocator\":true},"
              "{\"name\":\"for_lib\",\"linkage\":\"included from "
              "dylib\",\"allocator\":true,\"needs_allocator\":false},"
              "{\"name\":\"own\",\"linkage\":\"static\",\"allocator\":true,\"needs_allocator\":false}]}");
    free(text);
    text = json_dumps(json_array_get(json, 1), JSON_COMPACT | JSON_PRESERVE_ORDER);
    ck_assert_ptr_nonnull(strstr(text, "\"dependency\":true,\"injected\":\"for_lib\",\"injected_linkage\":\"static\""));
    free(text);
    json_decref(json);
    graph_verdict_free(&verdict);
    graph_free(graph);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("graph");
    TCase *rule = tcase_create("rule");
    tcase_add_loop_test(rule, gives_what_the_file_says, 0, LENGTH(shipped));
    tcase_add_loop_test(rule, gives_the_verdict_of_the_table, 0, LENGTH(shipped));
    tcase_add_test(rule, no_shipped_graph_is_left_out);
    tcase_add_loop_test(rule, takes_each_turn, 0, LENGTH(turns));
    tcase_add_test(rule, sessions_are_judged_one_by_one);
    tcase_add_test(rule, verbose_shows_everything);
    tcase_add_test(rule, json_has_the_fixed_keys);
    suite_add_tcase(suite, rule);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
