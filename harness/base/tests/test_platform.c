/* The table of platforms: the row of this one is true, and no two rows can be taken for each other. */
#include <check.h>
#include <elf.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "harness/base/platform.h"

START_TEST(this_programs_own_file_is_of_this_platform)
{
    ElfW(Ehdr) own = {0};
    FILE *file = fopen("/proc/self/exe", "rb");
    ck_assert_uint_eq(fread(&own, sizeof own, 1, file), 1);
    fclose(file);
    int bits = own.e_ident[EI_CLASS] == ELFCLASS64 ? 64 : 32;
    ck_assert_uint_eq(platform_here()->machine, own.e_machine);
    ck_assert_int_eq(platform_here()->bits, bits);
    ck_assert_str_eq(platform_of_file(own.e_machine, bits), platform_here()->in_message);
    ck_assert_str_eq(platform_name(), platform_here()->name);
}
END_TEST

START_TEST(the_filter_knows_the_call_that_maps)
{
#ifdef SYS_mmap2
    int expected = SYS_mmap2;
#else
    int expected = SYS_mmap;
#endif
    ck_assert_int_eq(platform_here()->filter_mmap, platform_here()->filter_arch == 0 ? 0 : expected);
}
END_TEST

START_TEST(a_name_or_a_file_has_one_row)
{
    const struct platform *one, *other;
    for (size_t i = 0; (one = platform_at(i)) != NULL; i++) {
        ck_assert_ptr_nonnull(one->in_binding);
        for (size_t j = i + 1; (other = platform_at(j)) != NULL; j++) {
            ck_assert_str_ne(one->in_binding, other->in_binding);
            ck_assert(one->name == NULL || other->name == NULL || strcmp(one->name, other->name) != 0);
            ck_assert(one->machine != other->machine || one->bits != other->bits);
        }
    }
}
END_TEST

START_TEST(a_file_of_no_row_is_of_an_unknown_machine)
{
    ck_assert_str_eq(platform_of_file(EM_AVR, 32), "an unknown machine");
    ck_assert_str_eq(platform_of_file(0, 32), "an unknown machine");
    ck_assert_str_eq(platform_of_file(EM_S390, 32), "s390"); /* the only row of that number is the wider one */
}
END_TEST

/* The runners build each platform that the program can be called by, and no other. */
START_TEST(the_runners_have_the_same_platforms)
{
    char line[1000], name[100];
    FILE *file = fopen("runners/platforms/platforms.tsv", "r");
    size_t named = 0, rows = 0;
    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof line, file) != NULL) {
        if (line[0] == '#' || sscanf(line, "%99s", name) != 1)
            continue;
        size_t i = 0;
        const struct platform *platform;
        while ((platform = platform_at(i)) != NULL && (platform->name == NULL || strcmp(platform->name, name) != 0))
            i++;
        ck_assert_msg(platform != NULL, "%s is in platforms.tsv, and not in platform.c", name);
        rows++;
    }
    fclose(file);
    for (size_t i = 0; platform_at(i) != NULL; i++)
        named += platform_at(i)->name != NULL;
    ck_assert_uint_eq(rows, named);
}
END_TEST

START_TEST(there_is_a_processor) { ck_assert_int_ge(platform_processors(), 1); }
END_TEST

int main(void)
{
    Suite *suite = suite_create("platform");
    TCase *all = tcase_create("all");
    tcase_add_test(all, this_programs_own_file_is_of_this_platform);
    tcase_add_test(all, the_filter_knows_the_call_that_maps);
    tcase_add_test(all, a_name_or_a_file_has_one_row);
    tcase_add_test(all, a_file_of_no_row_is_of_an_unknown_machine);
    tcase_add_test(all, the_runners_have_the_same_platforms);
    tcase_add_test(all, there_is_a_processor);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
