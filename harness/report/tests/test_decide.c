/* The truth tables, over all combinations. */
#include <check.h>

#include "harness/report/tests/sample.h"

enum { VERDICTS = CLAUSE_WAIVED + 1 };

/* A row for each clause verdict; a column for each level (must, should, observed), required and not. K kept, B broken,
 * O open, A aside. */
static const char *const standing_at_must[VERDICTS] = {"KKKKKK", "BBAAAA", "OAOAOA", "AAAAAA", "AAAAAA", "AAAAAA"};
static const char *const standing_at_should[VERDICTS] = {"KKKKKK", "BBBBAA", "OAOAOA", "AAAAAA", "AAAAAA", "AAAAAA"};

START_TEST(each_clause_stands_as_the_table_says)
{
    struct report report = {.level = (enum level)_i};
    const char *const *table = _i == LEVEL_MUST ? standing_at_must : standing_at_should;
    for (int verdict = 0; verdict < VERDICTS; verdict++)
        for (int column = 0; column < 6; column++) {
            struct clause_result clause = {.id = "a/b",
                                           .level = (enum level)(column / 2),
                                           .required = column % 2 == 0,
                                           .verdict = (enum clause_verdict)verdict};
            char got = "KBOA"[clause_standing(&report, &clause)];
            ck_assert_msg(got == table[verdict][column], "%s, column %d: %c", clause_verdict_name(clause.verdict),
                          column, got);
        }
}
END_TEST

/* Two required must clauses: holds, violated, not-exercised, not-applicable, observed, waived. C conforms, V
 * violates, U undecided. */
static const char *const verdict_of_two[VERDICTS] = {"CVUCCC", "VVVVVV", "UVUUUU", "CVUUUC", "CVUUUC", "CVUCCC"};

static char decided(int first, int second, bool harness_failed)
{
    struct report report = sample_begin("x", "b");
    sample_clause(&report, "a/first", LEVEL_MUST, true, (enum clause_verdict)first, 1, NULL);
    sample_clause(&report, "a/second", LEVEL_MUST, true, (enum clause_verdict)second, 1, NULL);
    report_decide(&report, harness_failed);
    char letter = "CVUJ"[report.verdict];
    ck_assert_ptr_nonnull(report.reason);
    ck_assert_int_eq(report.harness_failed, harness_failed);
    report_free(&report);
    return letter;
}

START_TEST(two_clauses_give_the_verdict_the_table_says)
{
    for (int first = 0; first < VERDICTS; first++)
        for (int second = 0; second < VERDICTS; second++) {
            char expected = verdict_of_two[first][second];
            ck_assert_msg(decided(first, second, false) == expected, "%s and %s",
                          clause_verdict_name((enum clause_verdict)first),
                          clause_verdict_name((enum clause_verdict)second));
            ck_assert_int_eq(decided(first, second, true), expected == 'V' ? 'V' : 'U');
        }
}
END_TEST

START_TEST(nothing_at_all_is_undecided)
{
    struct report report = sample_begin("x", "b");
    report_decide(&report, false);
    ck_assert_int_eq(report.verdict, VERDICT_UNDECIDED);
    ck_assert_str_eq(report.reason, "no clause was judged");
    report_free(&report);
}
END_TEST

START_TEST(the_reason_names_the_first_three)
{
    struct report report = sample_begin("x", "b");
    static const char *const ids[] = {"a/1", "a/2", "a/3", "a/4", "a/5"};
    for (int i = 0; i < 5; i++)
        sample_clause(&report, ids[i], LEVEL_MUST, true, CLAUSE_NOT_EXERCISED, 0, NULL);
    report_decide(&report, false);
    ck_assert_str_eq(report.reason, "required, but not exercised: a/1, a/2, a/3 and 2 more");
    report.clauses[4].verdict = CLAUSE_VIOLATED;
    report_decide(&report, true);
    ck_assert_str_eq(report.reason, "broken: a/5");
    report_free(&report);
}
END_TEST

START_TEST(an_interrupted_run_never_conforms)
{
    struct report report = sample_begin("x", "b");
    sample_clause(&report, "a/1", LEVEL_MUST, true, CLAUSE_HOLDS, 1, NULL);
    report.interrupted = true;
    report_decide(&report, false);
    ck_assert_int_eq(report.verdict, VERDICT_UNDECIDED);
    ck_assert_str_eq(report.reason, "interrupted before every scenario had run");
    report.clauses[0].verdict = CLAUSE_VIOLATED;
    report_decide(&report, false);
    ck_assert_int_eq(report.verdict, VERDICT_VIOLATES);
    ck_assert_str_eq(report.reason, "interrupted; broken: a/1");
    report_free(&report);
}
END_TEST

/* The exit status by the set of verdicts present: bit 0 conforms, 1 violates, 2 undecided, 3 unjudged. */
START_TEST(the_exit_status_follows_the_worst)
{
    static const char status[] = "2011331122113311";
    for (unsigned set = 0; set < 16; set++) {
        struct report reports[4] = {{0}};
        size_t count = 0;
        for (unsigned verdict = 0; verdict < 4; verdict++)
            if (set >> verdict & 1)
                reports[count++].verdict = (enum verdict)verdict;
        ck_assert_msg(reports_exit_status(reports, count, false) == status[set] - '0', "set %u", set);
        ck_assert_int_eq(reports_exit_status(reports, count, true), 1);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report decide");
    TCase *tests = tcase_create("decide");
    tcase_add_loop_test(tests, each_clause_stands_as_the_table_says, LEVEL_MUST, LEVEL_SHOULD + 1);
    tcase_add_test(tests, two_clauses_give_the_verdict_the_table_says);
    tcase_add_test(tests, nothing_at_all_is_undecided);
    tcase_add_test(tests, the_reason_names_the_first_three);
    tcase_add_test(tests, an_interrupted_run_never_conforms);
    tcase_add_test(tests, the_exit_status_follows_the_worst);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
