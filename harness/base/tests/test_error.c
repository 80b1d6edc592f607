/* Errors: the first one stays, on one line, and with its place where it has one. */
#include <check.h>
#include <string.h>

#include "harness/base/error.h"

START_TEST(the_first_message_stays)
{
    struct error error = {0};
    ck_assert(!error_is_set(&error));
    ck_assert(!error_set(&error, "no %s of %d", "room", 7));
    ck_assert(!error_at(&error, "file", 3, "what followed"));
    ck_assert_str_eq(error.text, "no room of 7");
}
END_TEST

START_TEST(the_place_comes_first)
{
    struct error error = {0};
    ck_assert(!error_at(&error, "a.trace", 12, "found %s, expected %s", "x", "y"));
    ck_assert_str_eq(error.text, "a.trace:12: found x, expected y");
}
END_TEST

START_TEST(it_is_one_line_that_fits)
{
    struct error error = {0};
    char longer[2 * sizeof error.text];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    ck_assert(!error_at(&error, "a\nb\033[2J", 1, "%s", longer));
    ck_assert_ptr_eq(strstr(error.text, "a?b?[2J:1: xxx"), error.text);
    ck_assert_uint_eq(strlen(error.text), sizeof error.text - 1);
    ck_assert(!error_at(NULL, "a", 1, "nobody wants to know"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base error");
    TCase *tests = tcase_create("error");
    tcase_add_test(tests, the_first_message_stays);
    tcase_add_test(tests, the_place_comes_first);
    tcase_add_test(tests, it_is_one_line_that_fits);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
