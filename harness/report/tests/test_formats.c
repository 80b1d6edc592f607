/* The renderings, as far as C reads them back. `test_formats --render FORMAT` prints the samples for the readers in
 * test_readers.py. */
#include <check.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/report/tests/sample.h"
#include "harness/base/utf8.h"

static struct report samples[SAMPLES];
static char directory[] = "/tmp/assay-report-XXXXXX";
static char file[64], other[64];

static void prepare(void)
{
    samples_make(samples);
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(file, sizeof file, "%s/file", directory);
    snprintf(other, sizeof other, "%s/other", directory);
}

static void clean_up(void)
{
    samples_free(samples);
    unlink(file);
    unlink(other);
    ck_assert_msg(rmdir(directory) == 0, "something was left behind in %s", directory);
    strcpy(directory + strlen(directory) - 6, "XXXXXX");
}

/* malloc'd; NULL when it cannot be read. */
static char *content(const char *path)
{
    FILE *in = fopen(path, "r");
    char *text = calloc(1, 1 << 20);
    if (in == NULL || fread(text, 1, (1 << 20) - 1, in) == 0) {
        free(text);
        text = NULL;
    }
    if (in != NULL)
        fclose(in);
    return text;
}

/* ---- text ---- */

START_TEST(what_is_no_text_is_shown_as_question_marks)
{
    static const char *const cases[][2] = {{"plain\ttext\n", "plain\ttext\n"},
                                           {"\x1b[31m", "?[31m"},
                                           {"\r\x7f\x01", "???"},
                                           {"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
                                           {"\xc0\xaf", "??"},
                                           {"\xe0\x80\xaf", "???"},
                                           {"\xed\xa0\x80", "???"},
                                           {"\xf4\x90\x80\x80", "????"},
                                           {"\xe2\x82", "??"},
                                           {"\xf0\x9f\x99\x82", "\xf0\x9f\x99\x82"},
                                           {"\xef\xbf\xbf", "???"},
                                           {"\xc2\x9b", "??"},
                                           {"\xc2\xa0", "\xc2\xa0"},
                                           {NULL, ""}};
    char *clean = utf8_clean(cases[_i][0]);
    ck_assert_str_eq(clean, cases[_i][1]);
    free(clean);
}
END_TEST

START_TEST(no_text_reaches_a_terminal_raw)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    report_text(out, &samples[1], false, true);
    fclose(out);
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        ck_assert_msg((byte >= ' ' || byte == '\n') && byte != 0x7f, "byte %d at %zu", byte, i);
    }
    ck_assert_ptr_nonnull(strstr(text, "gr\xc3\xbc\xc3\x9f"));
    free(text);
}
END_TEST

START_TEST(color_is_only_where_it_was_asked_for)
{
    for (int color = 0; color <= 1; color++) {
        char *text = NULL;
        size_t length;
        FILE *out = open_memstream(&text, &length);
        report_text(out, &samples[0], color, false);
        fclose(out);
        ck_assert_int_eq(strchr(text, '\033') != NULL, color);
        free(text);
    }
}
END_TEST

/* ---- JSON ---- */

START_TEST(json_read_back_is_the_same)
{
    struct report *read = NULL;
    struct error error = {0};
    size_t count = _i == 0 ? 1 : SAMPLES;
    ck_assert(reports_write(file, reports_json, samples + _i % SAMPLES, count, &error));
    ck_assert_msg(reports_read_json(file, &read, &error) == (int)count, "%s", error.text);
    ck_assert(reports_write(other, reports_json, read, count, &error));
    char *first = content(file), *second = content(other);
    ck_assert_str_eq(first, second);
    ck_assert_int_eq(first[0], count == 1 ? '{' : '[');
    ck_assert_int_eq(reports_exit_status(read, count, false),
                     reports_exit_status(samples + _i % SAMPLES, count, false));
    for (size_t i = 0; i < count; i++)
        report_free(&read[i]);
    free(read);
    free(first);
    free(second);
}
END_TEST

START_TEST(json_that_is_no_report_is_refused_in_one_line)
{
    static const char *const cases[][2] = {
        {"", ":1: "},
        {"[{]", ":1: "},
        {"{}", "no report of `assay run --json`"},
        {"[1]", "no report"},
        {"{\"candidate\": {}, \"clauses\": [], \"verdict\": \"fine\", \"level\": \"must\"}", "no report"},
        {"{\"candidate\": {}, \"clauses\": [{\"id\": \"a/b\"}], "
         "\"verdict\": \"violates\", \"level\": \"must\"}",
         "clause 'a/b' has no"},
        {"{\"candidate\": {}, \"clauses\": [7], \"verdict\": \"violates\", \"level\": \"must\"}", "clause '' has no"}};
    struct report *read = NULL;
    struct error error = {0};
    FILE *out = fopen(file, "w");
    fputs(cases[_i][0], out);
    fclose(out);
    ck_assert_int_eq(reports_read_json(file, &read, &error), -1);
    ck_assert_msg(strstr(error.text, cases[_i][1]) != NULL && strstr(error.text, file) == error.text, "%s", error.text);
    ck_assert_ptr_null(strchr(error.text, '\n'));
}
END_TEST

START_TEST(a_missing_report_is_named)
{
    struct report *read = NULL;
    struct error error = {0};
    ck_assert_int_eq(reports_read_json(other, &read, &error), -1);
    ck_assert_msg(strstr(error.text, other) == error.text && strstr(error.text, "No such file") != NULL, "%s",
                  error.text);
}
END_TEST

/* ---- files ---- */

static bool fail_midway(FILE *out, const struct report *reports, size_t count)
{
    (void)reports;
    fprintf(out, "half of %zu", count);
    return false;
}

START_TEST(a_file_is_whole_or_as_it_was)
{
    struct error error = {0};
    ck_assert(reports_write(file, reports_json, samples, 1, &error));
    char *before = content(file);
    ck_assert(!reports_write(file, fail_midway, samples, 1, &error));
    ck_assert_msg(strstr(error.text, file) == error.text, "%s", error.text);
    char *after = content(file);
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
}
END_TEST

START_TEST(a_place_that_cannot_be_written_is_named)
{
    const char *const places[] = {"/nonexistent/dir/out.json", directory, "/dev/full"};
    struct error error = {0};
    ck_assert(!reports_write(places[_i], reports_json, samples, 1, &error));
    ck_assert_msg(strstr(error.text, places[_i]) == error.text && strstr(error.text, "cannot be written: ") != NULL,
                  "%s", error.text);
}
END_TEST

START_TEST(a_new_file_has_the_permissions_of_any)
{
    struct error error = {0};
    struct stat status;
    umask(027);
    ck_assert(reports_write(file, reports_junit, samples, 1, &error));
    ck_assert(stat(file, &status) == 0 && (status.st_mode & 0777) == 0640);
}
END_TEST

/* ---- compare ---- */

static char *compared(bool differences)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    reports_compare(out, samples, SAMPLES, differences);
    fclose(out);
    return text;
}

START_TEST(each_clause_is_one_row)
{
    char *text = compared(false);
    size_t rows = 0;
    for (const char *at = text; (at = strstr(at, "\nalignment/allocate ")) != NULL; at++)
        rows++;
    ck_assert_uint_eq(rows, 1);
    ck_assert_ptr_nonnull(
        strstr(text, "must      holds           violated        holds           -               -\n"));
    free(text);
}
END_TEST

START_TEST(differences_leave_out_what_all_agree_on)
{
    struct report same[2] = {sample_conforms(), sample_conforms()};
    char *text = NULL;
    size_t length;
    same[1].clauses[1].verdict = CLAUSE_VIOLATED;
    FILE *out = open_memstream(&text, &length);
    reports_compare(out, same, 2, true);
    fclose(out);
    ck_assert_ptr_null(strstr(text, "alignment/allocate "));
    ck_assert_ptr_nonnull(strstr(text, "alignment/reallocate "));
    free(text);
    report_free(&same[0]);
    report_free(&same[1]);
}
END_TEST

/* ---- for the readers in Python ---- */

static int render(const char *format)
{
    samples_make(samples);
    if (strcmp(format, "json") == 0)
        return !reports_json(stdout, samples, SAMPLES);
    if (strcmp(format, "json-one") == 0)
        return !reports_json(stdout, samples, 1);
    if (strcmp(format, "junit") == 0)
        return !reports_junit(stdout, samples, SAMPLES);
    if (strcmp(format, "junit-twice") == 0)
        return !reports_junit(stdout, (struct report[]){samples[0], samples[0]}, 2);
    if (strcmp(format, "tap") == 0)
        return reports_tap(stdout, samples, SAMPLES), 0;
    if (strcmp(format, "compare") == 0)
        return reports_compare(stdout, samples, SAMPLES, false), 0;
    for (int i = 0; i < SAMPLES; i++)
        if (strncmp(format, "text-", 5) == 0 && format[5] - '0' == i)
            return report_text(stdout, &samples[i], false, strstr(format, "-verbose") != NULL), 0;
    fprintf(stderr, "no format '%s'\n", format);
    return 2;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--render") == 0)
        return render(argv[2]);
    Suite *suite = suite_create("report formats");
    TCase *tests = tcase_create("formats");
    tcase_add_checked_fixture(tests, prepare, clean_up);
    tcase_add_loop_test(tests, what_is_no_text_is_shown_as_question_marks, 0, 14);
    tcase_add_test(tests, no_text_reaches_a_terminal_raw);
    tcase_add_test(tests, color_is_only_where_it_was_asked_for);
    tcase_add_loop_test(tests, json_read_back_is_the_same, 0, 1);
    tcase_add_loop_test(tests, json_read_back_is_the_same, SAMPLES, SAMPLES + 1);
    tcase_add_loop_test(tests, json_that_is_no_report_is_refused_in_one_line, 0, 7);
    tcase_add_test(tests, a_missing_report_is_named);
    tcase_add_test(tests, a_file_is_whole_or_as_it_was);
    tcase_add_loop_test(tests, a_place_that_cannot_be_written_is_named, 0, 3);
    tcase_add_test(tests, a_new_file_has_the_permissions_of_any);
    tcase_add_test(tests, each_clause_is_one_row);
    tcase_add_test(tests, differences_leave_out_what_all_agree_on);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
