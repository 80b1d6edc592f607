/* The reader of binding files: the exact message for each mistake, and the meaning of a file without one. */
#include <check.h>
#include <stdlib.h>

#include "harness/candidate/binding.h"
#include "harness/candidate/tests/fixture.h"

#define ALLOCATE "[allocate]\ncall = f(size, align)\n"
#define OTHERS "[deallocate]\ncall = g(ptr)\n[reallocate]\ncall = h(ptr, size)\n"

static const struct {
    const char *text, *error;
} refusals[] = {
    {"", ":1: found no [allocate] in the whole file, expected allocate, deallocate and reallocate at least"},
    {ALLOCATE, ":2: found no [deallocate] in the whole file, expected allocate, deallocate and reallocate at least"},
    {OTHERS, ":4: found no [allocate] in the whole file, expected allocate, deallocate and reallocate at least"},
    {"[binding]\nabuot = x\n", ":2: found \"abuot\", expected about, specificity, load, old_size, symbols, max_align, "
                               "contracts, prefix, init, thread_init or thread_exit"},
    {"[binding]\nload = static\n", ":2: found \"static\", expected dlopen or preload"},
    {"[binding]\nold_size = any\n", ":2: found \"any\", expected range or exact or ignored"},
    {"[binding]\nload = dlopen\nload = dlopen\n", ":3: found a second \"load\", expected one"},
    {"[binding]\nmax_align = 48\n", ":2: found a largest alignment of 48, expected a power of two"},
    {"[binding]\nmax_align = size\n",
     ":2: found \"size\", expected a number, sizeof_pointer, page_size, or lg(), max(), "
     "min(), choose()"},
    {"[binding]\nspecificity = 2000\n", ":2: found 2000, expected a number up to 1000"},
    {"[binding]\ninit = start\n", ":2: found the end of the line, expected \"(\""},
    {"[bindign]\nload = dlopen\n",
     ":2: found section [bindign], expected binding, constants, functions or an operation: "
     "allocate, allocate_zeroed, deallocate, reallocate, reallocate_inplace, usable_size"},
    {"[alloc]\ncall = malloc(size)\n",
     ":2: found section [alloc], expected binding, constants, functions or an operation: "
     "allocate, allocate_zeroed, deallocate, reallocate, reallocate_inplace, usable_size"},
    {"\n\nhello\n", ":3: found a line that is none of [section], key = value, # comment; expected one of these"},
    {"[constants]\nA = 1 on x86_65\n",
     ":2: found \"x86_65\", expected an architecture such as x86_64, x86, arm, aarch64, "
     "powerpc64"},
    {"[constants]\nA = 1\nA = 2\n", ":3: found a second value of A for this platform, expected one (line 2)"},
    {"[constants]\n1A = 1\n", ":2: found \"1A\", expected a name of letters, digits and _, shorter than 32"},
    {"[constants]\nA = 1 2\n",
     ":2: found \"2\", expected an operator, \"on\" and architectures, or the end of the line"},
    {"[functions]\nf = long (size)\n", ":2: found \"long\", expected a type: pointer, size, int, bool or void"},
    {"[functions]\nf = size (void)\n", ":2: found \"void\", expected a type: pointer, size, int, bool or out"},
    {"[functions]\nf = size size\n", ":2: found \"size\", expected \"(\""},
    {"[functions]\nf = size (size)\nf = size (size)\n", ":3: found a second type of f, expected one (line 2)"},
    {"[functions]\nf = size (size, size, size, size, size, size, size, size, size)\n",
     ":2: found more than 8 arguments, expected fewer"},
    {ALLOCATE OTHERS "[functions]\nunused = size (size)\n",
     ":8: found the type of unused, which no operation calls, expected a use of it"},
    {"[allocate]\ncall = f(sise)\nhello\n[constants]\nA = 1\n",
     ":2: found \"sise\", expected a number, size, align, sizeof_pointer, page_size, A, or "
     "lg(), max(), min(), choose()"},
    {"[allocate]\ncall = f(size)\n[constants]\nA = B\nB = 1\n",
     ":4: found \"B\", expected a number, size, align, old_size, sizeof_pointer, page_size, or lg(), max(), "
     "min(), choose()"},
    {"[allocate]\ncall = f(size, A)\n[functions]\nf = pointer (size)\n[constants]\nA = 1\n",
     ":2: found 2 arguments of f, expected 1 (line 4)"},
    {"[allocate]\ncal = f(size)\n", ":2: found \"cal\", expected call, steps"},
    {"[allocate]\nvalue = size\n", ":2: found \"value\", expected call, steps"},
    {"[usable_size]\ncal = f(size)\n", ":2: found \"cal\", expected call, value or block"},
    {"[allocate]\ncall = (size)\n", ":2: found \"(\", expected a function and its arguments, as malloc(size)"},
    {"[allocate]\ncall = f(sise)\n",
     ":2: found \"sise\", expected a number, size, align, sizeof_pointer, page_size, or "
     "lg(), max(), min(), choose()"},
    {"[allocate]\ncall = f(old_size)\n",
     ":2: found \"old_size\", expected a number, size, align, sizeof_pointer, page_size, "
     "or lg(), max(), min(), choose()"},
    {"[allocate]\ncall = f(size align)\n", ":2: found \"align\", expected \",\""},
    {"[allocate]\ncall = f(size) when align\n",
     ":2: found \"when\", expected \"if\" and a condition or the end of the line"},
    {"[allocate]\ncall = f(size) if align <\n", ":2: found the end of the line, expected a number, size, align, "
                                                "sizeof_pointer, page_size, or lg(), max(), min(), choose()"},
    {"[allocate]\ncall = f(size)\ncall = f(size, align)\n", ":3: found 2 arguments of f, expected 1 (line 2)"},
    {ALLOCATE "[deallocate]\ncall = g(ptr)\n[reallocate]\ncall = g(size)\n",
     ":6: found another type of argument 1 of g than at line 4, expected the same; [functions] can say its "
     "type"},
    {ALLOCATE "[usable_size]\ncall = f(size, align)\n",
     ":4: found f, whose result (line 2) is no size, expected one that answers usable_size, or \"? a : b\""},
    {"[functions]\nf = int (size)\n[allocate]\ncall = f(size)\n",
     ":4: found f, whose result (line 2) is no pointer, expected one that answers allocate, or \"? a : b\""},
    {"[reallocate_inplace]\ncall = f(ptr, size) ? size : old_size\n",
     ":2: found \"?\" after f, expected its type in [functions]"},
    {"[allocate]\ncall = f(size) ? size : align\n", ":2: found \"?\", expected it only where the answer is a size"},
    {"[allocate]\nsteps = allocate, zero\n",
     ":2: found \"steps\", expected it in [allocate_zeroed] or [reallocate] only"},
    {"[reallocate]\nsteps = allocate, zero\n", ":2: found \"zero\", expected \"copy\""},
    {"[allocate]\ncall = f(size) if align <= 8\n[deallocate]\ncall = g(ptr)\n[reallocate]\ncall = h(ptr, "
     "size)\n",
     ":2: found no alternative of allocate for size 1, old_size 1 and align 16, expected one for every case, "
     "such as a last "
     "one without \"if\""},
    {"[allocate]\ncall = f(size) if align == 3\ncall = k(size)\n" OTHERS,
     ":2: found a condition that never holds, expected one that can"},
    {"[allocate]\ncall = f(size)\ncall = f(align)\n" OTHERS,
     ":3: found an alternative that is never reached, expected the ones above it to leave it a case"},
    {"[allocate]\ncall = f(size) if align <= 16\ncall = f(align) if align <= 8\ncall = f(1)\n" OTHERS,
     ":3: found an alternative that is never reached, expected the ones above it to leave it a case"},
};

/* Loads a file that holds the text, and gives the error without its path. */
static const struct binding *load_text(const char *text, struct error *error)
{
    const char *path = file_write(".binding", text, strlen(text));
    const struct binding *binding = binding_load(path, "", error);
    if (binding == NULL) {
        ck_assert_msg(strncmp(error->text, path, strlen(path)) == 0, "%s", error->text);
        memmove(error->text, error->text + strlen(path), strlen(error->text) - strlen(path) + 1);
    }
    file_remove(path);
    return binding;
}

START_TEST(refuses)
{
    struct error error = {0};
    ck_assert_ptr_null(load_text(refusals[_i].text, &error));
    ck_assert_str_eq(error.text, refusals[_i].error);
}
END_TEST

START_TEST(names_may_stand_behind_their_use)
{
    struct error error = {0};
    const struct binding *binding = load_text("[binding]\ninit = start(LEVEL)\n" ALLOCATE OTHERS
                                              "[reallocate_inplace]\ncall = k(ptr, size) ? size : old_size\n"
                                              "[constants]\nLEVEL = 3\n[functions]\nk = bool (pointer, size)\n"
                                              "start = int (int)\n",
                                              &error);
    ck_assert_msg(binding != NULL, "%s", error.text);
    ck_assert(binding_has(binding, OP_REALLOCATE_INPLACE));
    bool start = false;
    for (int i = 0; binding_symbol(binding, i) != NULL; i++)
        start = start || strcmp(binding_symbol(binding, i), "start") == 0;
    ck_assert(start);
}
END_TEST

START_TEST(refuses_what_is_too_long)
{
    struct error error = {0};
    static char text[70000];
    memset(text, '\n', sizeof text);
    const char *path = file_write(".binding", text, sizeof text);
    ck_assert_ptr_null(binding_load(path, "", &error));
    ck_assert_ptr_nonnull(strstr(error.text, ": is larger than 65536 bytes, expected a binding"));
    file_remove(path);
}
END_TEST

START_TEST(refuses_a_line_that_would_be_split)
{
    struct error error = {0};
    char text[400] = "[binding]\nabout = ";
    memset(text + strlen(text), 'x', 250);
    ck_assert_ptr_null(load_text(text, &error));
    ck_assert_str_eq(error.text, ":2: found a line of 258 characters, expected at most 197");
}
END_TEST

START_TEST(refuses_what_is_no_text)
{
    struct error error = {0};
    const char *path = file_write(".binding", "[binding]\n\0", 11);
    ck_assert_ptr_null(binding_load(path, "", &error));
    ck_assert_ptr_nonnull(strstr(error.text, ": is no text file"));
    file_remove(path);
}
END_TEST

START_TEST(names_a_file_that_is_not_there)
{
    struct error error = {0};
    ck_assert_ptr_null(binding_load("none/of.binding", "", &error));
    ck_assert_str_eq(error.text, "none/of.binding: cannot be read: No such file or directory");
    error = (struct error){0};
    ck_assert_ptr_null(binding_load("jemaloc", "conformance/bindings", &error));
    ck_assert_ptr_nonnull(strstr(error.text, "no binding \"jemaloc\" in conformance/bindings"));
}
END_TEST

START_TEST(tells_what_a_file_declares)
{
    struct error error = {0};
    const struct binding *binding =
        load_text("# a comment\n[binding]\nabout = some text\nload = preload\nold_size = exact\nsymbols = "
                  "contract\n" ALLOCATE OTHERS,
                  &error);
    ck_assert_msg(binding != NULL, "%s", error.text);
    ck_assert_str_eq(binding_about(binding), "some text");
    ck_assert_int_eq(binding_load_mode(binding), BINDING_PRELOAD);
    ck_assert_int_eq(binding_old_size(binding), OLD_SIZE_EXACT);
    ck_assert(binding_symbols_are_contract(binding));
    ck_assert(binding_has(binding, OP_REALLOCATE) && !binding_has(binding, OP_USABLE_SIZE));
    ck_assert_str_eq(binding_symbol(binding, 0), "f");
    ck_assert_str_eq(binding_symbol(binding, 2), "h");
    ck_assert_ptr_null(binding_symbol(binding, 3));
    ck_assert_ptr_null(binding_symbol(binding, -1));
}
END_TEST

START_TEST(a_usable_size_of_blocks_alone_is_none_of_sizes)
{
    struct error error = {0};
    const struct binding *binding = load_text(ALLOCATE OTHERS "[usable_size]\nblock = r(ptr)\n", &error);
    ck_assert_msg(binding != NULL, "%s", error.text);
    ck_assert(!binding_has(binding, OP_USABLE_SIZE));
}
END_TEST

START_TEST(the_shipped_ones_are_right)
{
    static const char *const names[] = {"rust-1.19",        "jemalloc", "mimalloc",
                                        "rpmalloc",         "snmalloc", "tbbmalloc",
                                        "tcmalloc",         "malloc",   "alloc_jemalloc-1.19",
                                        "alloc_system-1.19"};
    struct error error = {0};
    const struct binding *bindings[32];
    int count = binding_load_all(bindings_directory(), bindings, 32, &error);
    ck_assert_msg(count >= 10, "%s", error.text);
    for (int i = 0, j = 0; i < count && j < 10; i++) /* most specific first, then by name; others may stand between */
        if (strcmp(binding_name(bindings[i]), names[j]) == 0 && ++j == 10)
            return;
    ck_abort_msg("the shipped bindings are not all there in their order");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("binding");
    TCase *tcase = tcase_create("binding");
    tcase_add_loop_test(tcase, refuses, 0, sizeof refusals / sizeof refusals[0]);
    tcase_add_test(tcase, names_may_stand_behind_their_use);
    tcase_add_test(tcase, refuses_what_is_too_long);
    tcase_add_test(tcase, refuses_a_line_that_would_be_split);
    tcase_add_test(tcase, refuses_what_is_no_text);
    tcase_add_test(tcase, names_a_file_that_is_not_there);
    tcase_add_test(tcase, tells_what_a_file_declares);
    tcase_add_test(tcase, a_usable_size_of_blocks_alone_is_none_of_sizes);
    tcase_add_test(tcase, the_shipped_ones_are_right);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
