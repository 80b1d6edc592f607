/* The arithmetic of binding files: every operator, its precedence, its edges. */
#include <check.h>
#include <stdlib.h>

#include "harness/candidate/expression.h"

static struct arena arena;
static struct definition definitions[2];

static size_t twice(const void *context, size_t size, size_t align)
{
    (void)context;
    return 2 * size + align;
}

static bool compile(const char *text, struct expression *expression, struct error *error)
{
    struct scope scope = {VARIABLE_BIT(VAR_SIZE) | VARIABLE_BIT(VAR_ALIGN), true, definitions, 2};
    if (arena.base == NULL)
        ck_assert(arena_create(&arena, 1 << 20));
    strcpy(definitions[0].name, "FLAGS");
    strcpy(definitions[1].name, "ELSEWHERE");
    return expression_compile(&text, &scope, &arena, expression, error);
}

static const struct {
    const char *text;
    size_t value;
} cases[] = {
    {"7", 7},
    {"0x40", 64},
    {"size", 100},
    {"align", 16},
    {" ( size ) ", 100},
    {"1 + 2 * 3", 7},
    {"(1 + 2) * 3", 9},
    {"10 - 3 - 2", 5},
    {"1 << 2 + 1", 8},
    {"256 >> 4", 16},
    {"6 & 3", 2},
    {"6 | 1", 7},
    {"1 | 6 & 3", 3},
    {"size & 4 == 4", 1},
    {"1 << 3 << 1", 16},
    {"1 << 64", 0},
    {"1 << 1000", 0},
    {"0 - 1", SIZE_MAX},
    {"size <= 100", 1},
    {"size < 100", 0},
    {"size >= 101", 0},
    {"size > 99", 1},
    {"size == 100", 1},
    {"size != 100", 0},
    {"size > 1 and align > 16", 0},
    {"size > 1 or align > 16", 1},
    {"not size > 1", 0},
    {"not size > 1 or 1", 1},
    {"0 and 0 or 1", 1},
    {"1 or 1 and 0", 1},
    {"lg(align)", 4},
    {"lg(1)", 0},
    {"lg(0)", 0},
    {"lg(17)", 4},
    {"max(size, align)", 100},
    {"min(size, align)", 16},
    {"choose(align <= 8, 1, 2)", 2},
    {"choose(align <= 16, 1, 2)", 1},
    {"max(1, min(2, 3))", 2},
    {"usable_size(size + 1)", 218},
};

START_TEST(evaluates)
{
    struct expression expression;
    struct error error = {0};
    struct expression_inputs inputs = {.variable = {[VAR_SIZE] = 100, [VAR_ALIGN] = 16}, .usable_size = twice};
    ck_assert_msg(compile(cases[_i].text, &expression, &error), "%s: %s", cases[_i].text, error.text);
    ck_assert_msg(expression_value(&expression, &inputs) == cases[_i].value, "%s = %zu, expected %zu", cases[_i].text,
                  expression_value(&expression, &inputs), cases[_i].value);
}
END_TEST

static const struct {
    const char *text, *error;
} refusals[] = {
    {"", "found the end of the line, expected a number, size, align, FLAGS, ELSEWHERE, "
         "or lg(), max(), min(), choose(), usable_size()"},
    {"sise", "found \"sise\", expected a number, size, align, FLAGS, ELSEWHERE, "
             "or lg(), max(), min(), choose(), usable_size()"},
    {"ELSEWHERE", "found \"ELSEWHERE\", which has no value on this platform (line 0), expected one that has"},
    {"12k", "found \"12k\", expected a number (decimal, or hexadecimal with 0x)"},
    {"(size", "found the end of the line, expected \")\""},
    {"max(size)", "found \")\", expected \",\""},
    {"lg size", "found \"size\", expected \"(\""},
    {"((((((((((((((((((((((((1))))))))))))))))))))))))", "found parentheses nested deeper than 24, expected fewer"},
};

START_TEST(refuses)
{
    struct expression expression;
    struct error error = {0};
    ck_assert(!compile(refusals[_i].text, &expression, &error));
    ck_assert_str_eq(error.text, refusals[_i].error);
}
END_TEST

START_TEST(numbers_fit_the_platform)
{
    struct expression expression;
    struct error error = {0};
    ck_assert(!compile("0x10000000000000000", &expression, &error));
    ck_assert(strstr(error.text, "expected a number of at most") != NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("expression");
    TCase *tcase = tcase_create("expression");
    tcase_add_loop_test(tcase, evaluates, 0, sizeof cases / sizeof cases[0]);
    tcase_add_loop_test(tcase, refuses, 0, sizeof refusals / sizeof refusals[0]);
    tcase_add_test(tcase, numbers_fit_the_platform);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
