/* Waivers: what they cover, what is news, what is stale, and every way to write one wrong. */
#include <check.h>
#include <unistd.h>

#include "harness/report/tests/sample.h"
#include "harness/report/waivers.h"

static char path[] = "/tmp/assay-waivers-XXXXXX";
static struct report report;
static struct error error;

static void prepare(void)
{
    close(mkstemp(path));
    report = sample_violates();
    error = (struct error){0};
}

static void clean_up(void)
{
    unlink(path);
    strcpy(path + strlen(path) - 6, "XXXXXX");
    report_free(&report);
}

static struct waivers *load(const char *text)
{
    FILE *out = fopen(path, "w");
    fputs(text, out);
    fclose(out);
    return waivers_load(path, &error);
}

/* Applies the waivers and asks for stale ones; the lines that are written go to `lines`. */
static bool apply(const char *text, char *lines, size_t size)
{
    struct waivers *waivers = load(text);
    ck_assert_msg(waivers != NULL, "%s", error.text);
    FILE *out = fmemopen(lines, size, "w");
    waivers_apply(waivers, &report);
    bool matched = waivers_all_matched(waivers, out);
    fclose(out);
    waivers_free(waivers);
    return matched;
}

static const struct clause_result *clause(const char *id)
{
    for (size_t i = 0; i < report.clause_count; i++)
        if (strcmp(report.clauses[i].id, id) == 0)
            return &report.clauses[i];
    ck_abort_msg("no clause %s", id);
}

START_TEST(what_is_covered_is_waived_with_its_reason)
{
    char lines[1000] = "";
    ck_assert(apply("[alignment/*]\ncandidate = *bad.so\nmessage = allocate(size\nreason = known\nissue = #7\n", lines,
                    sizeof lines));
    ck_assert_int_eq(clause("alignment/allocate")->verdict, CLAUSE_WAIVED);
    ck_assert_str_eq(clause("alignment/allocate")->note, "known (#7)");
    ck_assert_int_eq(report.verdict, VERDICT_VIOLATES);
    ck_assert_str_eq(report.reason, "broken: block/undisturbed");
    ck_assert_str_eq(lines, "");
}
END_TEST

START_TEST(with_all_that_is_broken_waived_the_rest_decides)
{
    char lines[1000] = "";
    ck_assert(apply("[alignment/*]\nreason = known\n[block/*]\nreason = known\n[deallocate/reuse]\nreason = known\n",
                    lines, sizeof lines));
    ck_assert_int_eq(report.verdict, VERDICT_UNDECIDED);
    ck_assert_str_eq(report.reason, "required, but not exercised: in-place/answer");
}
END_TEST

START_TEST(a_failure_of_the_harness_is_not_forgotten)
{
    char lines[1000] = "";
    report.clauses[4].verdict = CLAUSE_HOLDS;
    report_decide(&report, true);
    ck_assert(apply("[alignment/*]\nreason = known\n[block/*]\nreason = known\n", lines, sizeof lines));
    ck_assert_int_eq(report.verdict, VERDICT_UNDECIDED);
}
END_TEST

START_TEST(another_message_is_news)
{
    char lines[1000] = "";
    ck_assert(!apply("[block/undisturbed]\nmessage = byte 7\nreason = known\n", lines, sizeof lines));
    ck_assert_int_eq(clause("block/undisturbed")->verdict, CLAUSE_VIOLATED);
    ck_assert_msg(strstr(lines, ":1: stale waiver [block/undisturbed]: no finding begins with") != NULL, "%s", lines);
}
END_TEST

START_TEST(every_finding_must_be_covered)
{
    char lines[1000] = "";
    ck_assert(apply("[alignment/allocate]\nmessage = allocate(size 8,\nreason = known\n", lines, sizeof lines));
    ck_assert_int_eq(clause("alignment/allocate")->verdict, CLAUSE_VIOLATED);
}
END_TEST

START_TEST(two_sections_of_one_name_are_two_waivers)
{
    char lines[1000] = "";
    ck_assert(apply("[alignment/allocate]\nmessage = allocate(size 8,\nreason = a\n"
                    "[alignment/allocate]\nmessage = allocate(size 9,\n"
                    "reason = b\n",
                    lines, sizeof lines));
    ck_assert_int_eq(clause("alignment/allocate")->verdict, CLAUSE_WAIVED);
}
END_TEST

START_TEST(what_covers_nothing_is_stale)
{
    char lines[1000] = "";
    ck_assert_str_eq(report.clauses[4].id, "in-place/answer");
    report.clauses[4].verdict = CLAUSE_HOLDS;
    ck_assert(!apply("\n[in-place/answer]\nreason = known\n", lines, sizeof lines));
    ck_assert_msg(strstr(lines, ":2: stale waiver [in-place/answer]: nothing it covers was found; remove it\n") != NULL,
                  "%s", lines);
}
END_TEST

START_TEST(what_was_not_asked_is_not_stale)
{
    static const char *const cases[] = {"[alignment/allocate]\ncandidate = *other*\nreason = known\n",
                                        "[threads/fork]\nreason = known\n",
                                        "[in-place/answer]\nreason = not exercised\n"};
    char lines[1000] = "";
    ck_assert(apply(cases[_i], lines, sizeof lines));
    ck_assert_msg(strstr(lines, ":1: waiver [") != NULL && strstr(lines, "was not needed") != NULL, "%s", lines);
}
END_TEST

START_TEST(what_could_not_be_asked_stays_so)
{
    char lines[1000] = "";
    report.verdict = VERDICT_UNJUDGED;
    ck_assert(apply("[*]\nreason = known\n", lines, sizeof lines));
    ck_assert_int_eq(report.verdict, VERDICT_UNJUDGED);
}
END_TEST

START_TEST(an_unknown_clause_is_an_error)
{
    static const char *const ids[] = {"alignment/allocate", "block/disjoint"};
    struct waivers *waivers = load("[alignment/*]\nreason = r\n\n[alignment/alocate]\nreason = r\n");
    ck_assert_ptr_nonnull(waivers);
    ck_assert(!waivers_know_clauses(waivers, ids, 2, &error));
    ck_assert_msg(strstr(error.text, ":4: no clause is called 'alignment/alocate'") != NULL, "%s", error.text);
    waivers_free(waivers);
    error = (struct error){0};
    waivers = load("[alignment/*]\nreason = r\n[block/disjoint]\nreason = r\n");
    ck_assert_msg(waivers_know_clauses(waivers, ids, 2, &error), "%s", error.text);
    waivers_free(waivers);
}
END_TEST

START_TEST(a_mistake_is_named_with_its_line)
{
    static const char *const cases[][2] = {{"reason = none\n", ":1: expected a section first"},
                                           {"# none\n[a/b]\nreson = none\n", ":3: unknown key 'reson'"},
                                           {"[a/b]\nreason = x\nreason = y\n", ":3: 'reason' is given twice"},
                                           {"[a/b]\ncandidate = x\n", ":1: the waiver has no reason"},
                                           {"[a/b]\n[c/d]\nreason = x\n", ":1: the waiver has no reason"},
                                           {"[a/b]\nreason =\n", ":1: the waiver has no reason"},
                                           {"[a/b\nreason = x\n", ":1: expected [CLAUSE] or key = value"},
                                           {"[a/b]\nwhat\n", ":2: expected [CLAUSE] or key = value"},
                                           {"[a/b]\nreason = "
                                            "01234567890123456789012345678901234567890123456789"
                                            "01234567890123456789012345678901234567890123456789"
                                            "01234567890123456789012345678901234567890123456789"
                                            "01234567890123456789012345678901234567890123456789"
                                            "\n",
                                            ":2: the line is too long"}};
    ck_assert_ptr_null(load(cases[_i][0]));
    ck_assert_msg(strstr(error.text, cases[_i][1]) != NULL && strstr(error.text, path) == error.text, "%s", error.text);
}
END_TEST

START_TEST(a_missing_file_is_named)
{
    ck_assert_ptr_null(waivers_load("/nonexistent/waivers.ini", &error));
    ck_assert_str_eq(error.text, "/nonexistent/waivers.ini: cannot be read: No such file or directory");
    error = (struct error){0};
    ck_assert_ptr_null(waivers_load("/", &error));
    ck_assert_str_eq(error.text, "/: is a directory, expected waivers");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report waivers");
    TCase *tests = tcase_create("waivers");
    tcase_add_checked_fixture(tests, prepare, clean_up);
    tcase_add_test(tests, what_is_covered_is_waived_with_its_reason);
    tcase_add_test(tests, with_all_that_is_broken_waived_the_rest_decides);
    tcase_add_test(tests, a_failure_of_the_harness_is_not_forgotten);
    tcase_add_test(tests, another_message_is_news);
    tcase_add_test(tests, every_finding_must_be_covered);
    tcase_add_test(tests, two_sections_of_one_name_are_two_waivers);
    tcase_add_test(tests, what_covers_nothing_is_stale);
    tcase_add_loop_test(tests, what_was_not_asked_is_not_stale, 0, 3);
    tcase_add_test(tests, what_could_not_be_asked_stays_so);
    tcase_add_test(tests, an_unknown_clause_is_an_error);
    tcase_add_loop_test(tests, a_mistake_is_named_with_its_line, 0, 9);
    tcase_add_test(tests, a_missing_file_is_named);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
