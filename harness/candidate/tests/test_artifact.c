/* Every kind of file that is no library for this program, and every kind of symbol, is recognised without loading
 * anything. */
#include <check.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "harness/candidate/artifact.h"
#include "harness/candidate/tests/fixture.h"

static unsigned char image[1 << 20]; /* of the fixture `twins`, to be spoilt */
static size_t image_size;

static void read_image(void)
{
    int descriptor = open(fixture("twins"), O_RDONLY);
    ssize_t got = read(descriptor, image, sizeof image);
    ck_assert_msg(got > 0, "cannot read %s", fixture("twins"));
    image_size = (size_t)got;
    close(descriptor);
}

/* Checks a file of these bytes. Its error, without the path, must begin with `expected`; NULL: there must be none. */
static void assert_check(const void *bytes, size_t length, const char *expected)
{
    struct error error = {0};
    const char *path = file_write(".so", bytes, length);
    bool good = artifact_check(path, &error);
    file_remove(path);
    ck_assert_int_eq(good, expected == NULL);
    if (expected == NULL)
        return;
    ck_assert_int_eq(strncmp(error.text, path, strlen(path)), 0);
    ck_assert_msg(strncmp(error.text + strlen(path), expected, strlen(expected)) == 0, "%s: expected \"%s\"",
                  error.text, expected);
    ck_assert_ptr_null(strchr(error.text, '\n'));
}

static void assert_path(const char *path, const char *expected)
{
    struct error error = {0};
    ck_assert(!artifact_check(path, &error));
    ck_assert_msg(strncmp(error.text + strlen(path), expected, strlen(expected)) == 0, "%s", error.text);
}

START_TEST(a_library_is_one) { assert_check(image, image_size, NULL); }
END_TEST

START_TEST(files_that_are_something_else)
{
    static const char archive[] = "!<arch>\n", script[] = "/* GNU ld script */\nGROUP ( libc.so.6 )\n";
    assert_check("", 0, ": is empty, expected a shared library");
    assert_check("#!/bin/sh\n", 10, ": is no ELF file, expected a shared library (.so)");
    assert_check(archive, sizeof archive - 1,
                 ": is a static archive, expected a shared library: make one with `cc -shared");
    assert_check(script, sizeof script - 1, ": is a text for the linker, expected a shared library: name the file");
    assert_path("/", ": is a directory, expected a shared library in it");
    assert_path("/dev/null", ": is no regular file, expected a shared library");
    assert_path("./no-such-file", ": cannot be read: No such file or directory");
    assert_path("/proc/self/exe", ": is an executable, which cannot be loaded");
}
END_TEST

START_TEST(every_way_of_being_cut_short)
{
    for (size_t length = 1; length < image_size; length += length < 4096 ? 7 : 499) {
        struct error error = {0};
        const char *path = file_write(".so", image, length);
        ck_assert_msg(!artifact_check(path, &error), "cut to %zu of %zu", length, image_size);
        file_remove(path);
    }
    assert_check(image, image_size - 1, ": is cut short: the section header table lies past its end");
    ElfW(Ehdr) *header = (ElfW(Ehdr) *)image; /* without section headers, as sstrip leaves it */
    header->e_shoff = header->e_shnum = header->e_shstrndx = 0;
    assert_check(image, image_size, NULL);
    assert_check(image, sizeof(ElfW(Ehdr)) + 10, ": is cut short: the program header table lies past its end");
    assert_check(image, 4096, ": is cut short: a loadable segment lies past its end");
    assert_check(image, 20, ": is cut short or damaged: its ELF header cannot be read");
}
END_TEST

START_TEST(another_platform)
{
    ElfW(Ehdr) *header = (ElfW(Ehdr) *)image;
    header->e_machine = EM_AVR;
    assert_check(image, image_size, ": is for an unknown machine (");
    header->e_machine = header->e_ident[EI_CLASS] == ELFCLASS64 ? EM_PPC64 : EM_PPC;
    assert_check(image, image_size, ": is for PowerPC");
}
END_TEST

START_TEST(other_kinds_of_elf)
{
    ElfW(Ehdr) *header = (ElfW(Ehdr) *)image;
    header->e_type = ET_REL;
    assert_check(image, image_size, ": is an object file, expected a shared library: make one with `cc -shared");
    header->e_type = ET_EXEC;
    assert_check(image, image_size, ": is an executable, which cannot be loaded");
    header->e_type = ET_CORE;
    assert_check(image, image_size, ": is no shared library (a core dump), expected one");
}
END_TEST

START_TEST(kinds_of_symbols)
{
    const char *library = fixture("twins");
    ck_assert_int_eq(artifact_find_symbol(library, "twin_a"), SYMBOL_FUNCTION);
    ck_assert_int_eq(artifact_find_symbol(library, "untyped"), SYMBOL_FUNCTION);
    ck_assert_int_eq(artifact_find_symbol(library, "data"), SYMBOL_OBJECT);
    ck_assert_int_eq(artifact_find_symbol(library, "hidden"), SYMBOL_ABSENT);
    ck_assert_int_eq(artifact_find_symbol(library, "twin"), SYMBOL_ABSENT);
    ck_assert_int_eq(artifact_find_symbol("/dev/null", "twin_a"), SYMBOL_UNKNOWN);
    ck_assert_str_eq(artifact_symbol_text(SYMBOL_DUPLICATE), "is defined more than once");
}
END_TEST

START_TEST(a_symbol_that_is_there_twice)
{
    unsigned char *name = memmem(image, image_size, "\0twin_b", 8);
    ck_assert_ptr_nonnull(name);
    name[6] = 'a';
    const char *path = file_write(".so", image, image_size);
    ck_assert_int_eq(artifact_find_symbol(path, "twin_a"), SYMBOL_DUPLICATE);
    file_remove(path);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("artifact");
    TCase *tcase = tcase_create("artifact");
    tcase_add_checked_fixture(tcase, read_image, NULL);
    tcase_add_test(tcase, a_library_is_one);
    tcase_add_test(tcase, files_that_are_something_else);
    tcase_add_test(tcase, every_way_of_being_cut_short);
    tcase_add_test(tcase, another_platform);
    tcase_add_test(tcase, other_kinds_of_elf);
    tcase_add_test(tcase, kinds_of_symbols);
    tcase_add_test(tcase, a_symbol_that_is_there_twice);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
