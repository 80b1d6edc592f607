/* The name that a mistyped one was meant for. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/nearest.h"

static const char *const names[] = {"run", "probe", "list", "block/disjoint", "block/accessible", "abi/returns"};

static struct nearest search(const char *typed)
{
    struct nearest nearest = {.typed = typed};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        nearest_offer(&nearest, names[i]);
    return nearest;
}

static const struct expectation {
    const char *typed, *meant;
    int edits;
    bool likely;
} expectations[] = {
    {"run", "run", 0, true},
    {"rn", "run", 1, true},      /* a letter left out */
    {"runn", "run", 1, true},    /* put in */
    {"prove", "probe", 1, true}, /* changed */
    {"rpobe", "probe", 1, true}, /* two exchanged */
    {"block/acessible", "block/accessible", 1, true},
    {"block", "block/disjoint", 9, false}, /* the beginning says more than the length */
    {"zzzzzz", "run", 6, false},           /* nothing in common: the fewest edits */
    {"", "run", 3, false},
};

START_TEST(a_mistyped_name_finds_the_meant_one)
{
    const struct expectation *expected = &expectations[_i];
    struct nearest found = search(expected->typed);
    ck_assert_str_eq(found.best, expected->meant);
    ck_assert_int_eq(found.edits, expected->edits);
    ck_assert_int_eq(nearest_is_likely(&found), expected->likely);
}
END_TEST

START_TEST(none_offered_is_none_found)
{
    struct nearest nearest = {.typed = "run"};
    ck_assert_ptr_null(nearest.best);
    ck_assert(!nearest_is_likely(&nearest));
}
END_TEST

START_TEST(long_names_are_cut)
{
    char typed[300], offered[300];
    memset(typed, 'a', sizeof typed);
    memset(offered, 'a', sizeof offered);
    typed[299] = offered[299] = '\0';
    offered[62] = 'b'; /* the last byte that counts */
    struct nearest nearest = {.typed = typed};
    nearest_offer(&nearest, offered);
    ck_assert_ptr_eq(nearest.best, offered);
    ck_assert_int_eq(nearest.edits, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nearest");
    TCase *names_case = tcase_create("names");
    tcase_add_loop_test(names_case, a_mistyped_name_finds_the_meant_one, 0, sizeof expectations / sizeof *expectations);
    tcase_add_test(names_case, none_offered_is_none_found);
    tcase_add_test(names_case, long_names_are_cut);
    suite_add_tcase(suite, names_case);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
