/* Whole files: what is read, and what is refused with which line. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/text_file.h"

enum { MOST = 100 };

static char path[] = "/tmp/assay-text-XXXXXX";

static void make_file(void)
{
    strcpy(path + sizeof path - 7, "XXXXXX");
    close(mkstemp(path));
}

static void remove_file(void) { unlink(path); }

static void fill(const char *bytes, size_t length)
{
    FILE *file = fopen(path, "w");
    ck_assert_uint_eq(fwrite(bytes, 1, length, file), length);
    fclose(file);
}

/* Both readers of text, which say the same of a regular file. The text, to be freed; NULL with the line in `error`. */
static char *read_both(struct error *error)
{
    char into[MOST + 1];
    struct error of_into = {0};
    *error = (struct error){0};
    bool well = text_file_read_into(path, "a letter", into, sizeof into, &of_into);
    char *text = text_file_read(path, "a letter", MOST, error);
    ck_assert_int_eq(well, text != NULL);
    ck_assert_str_eq(of_into.text, error->text);
    if (well)
        ck_assert_str_eq(into, text);
    return text;
}

static void expect_refused(const char *rest)
{
    struct error error;
    ck_assert_ptr_null(read_both(&error));
    ck_assert_uint_eq(strncmp(error.text, path, strlen(path)), 0);
    ck_assert_str_eq(error.text + strlen(path), rest);
}

START_TEST(a_text_may_have_any_length_to_the_limit)
{
    char bytes[MOST + 1];
    struct error error;
    memset(bytes, 'a', sizeof bytes);
    for (size_t length = 0; length <= MOST; length += length < MOST - 1 ? MOST - 1 : 1) {
        fill(bytes, length);
        char *text = read_both(&error);
        ck_assert_ptr_nonnull(text);
        ck_assert_uint_eq(strlen(text), length);
        free(text);
    }
    fill(bytes, sizeof bytes);
    expect_refused(": is larger than 100 bytes, expected a letter");
}
END_TEST

START_TEST(a_file_of_several_pieces_is_whole)
{
    enum { LARGE = 1 << 20 };
    struct error error = {0};
    char *bytes = malloc(LARGE + 1);
    size_t length = 0;
    for (size_t i = 0; i <= LARGE; i++)
        bytes[i] = (char)(i % 251);
    fill(bytes, LARGE);
    char *read = text_file_read_bytes(path, "bytes", LARGE, &length, &error);
    ck_assert_ptr_nonnull(read);
    ck_assert_uint_eq(length, LARGE);
    ck_assert_mem_eq(read, bytes, LARGE);
    free(read);
    fill(bytes, LARGE + 1);
    ck_assert_ptr_null(text_file_read_bytes(path, "bytes", LARGE, &length, &error));
    ck_assert_ptr_nonnull(strstr(error.text, ": is larger than 1 MiB, expected bytes"));
    free(bytes);
}
END_TEST

START_TEST(a_nul_is_no_text)
{
    fill("a\0b", 3);
    expect_refused(": is no text file, expected a letter");
}
END_TEST

START_TEST(what_is_missing_or_a_directory_is_refused)
{
    unlink(path);
    expect_refused(": cannot be read: No such file or directory");
    mkdir(path, 0700);
    expect_refused(": is a directory, expected a letter");
    rmdir(path);
}
END_TEST

/* Nobody would end the wait for a writer. */
START_TEST(a_pipe_without_a_writer_is_refused_at_once)
{
    struct error error = {0};
    unlink(path);
    mkfifo(path, 0600);
    ck_assert_ptr_null(text_file_read(path, "a letter", MOST, &error));
    ck_assert_ptr_nonnull(strstr(error.text, ": is a pipe that nobody writes to, expected a letter"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("text_file");
    TCase *all = tcase_create("all");
    tcase_add_checked_fixture(all, make_file, remove_file);
    tcase_add_test(all, a_text_may_have_any_length_to_the_limit);
    tcase_add_test(all, a_file_of_several_pieces_is_whole);
    tcase_add_test(all, a_nul_is_no_text);
    tcase_add_test(all, what_is_missing_or_a_directory_is_refused);
    tcase_add_test(all, a_pipe_without_a_writer_is_refused_at_once);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
