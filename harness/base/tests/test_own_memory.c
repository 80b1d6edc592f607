/* The harness's own memory is known, guarded, and forgotten when it is given back. */
#include <check.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>

#include "harness/base/arena.h"
#include "harness/base/own_memory.h"
#include "harness/base/utf8.h"

enum { RESERVE = 100000 };

START_TEST(an_arena_is_known_while_it_is_there)
{
    struct arena arena;
    ck_assert(arena_create(&arena, RESERVE));
    uintptr_t base = (uintptr_t)arena.base;
    ck_assert(own_memory_meets(base, 1));
    ck_assert(own_memory_meets(base + RESERVE - 1, 1));
    ck_assert(own_memory_meets(base - 70000, 200000)); /* around all of it, and beyond */
    ck_assert(own_memory_meets(base, SIZE_MAX));       /* a size that wraps */
    arena_destroy(&arena);
    ck_assert(!own_memory_meets(base, 1));
}
END_TEST

START_TEST(neighbours_that_only_touch_do_not_meet)
{
    static char range[64];
    own_memory_add(range + 16, 32);
    ck_assert(!own_memory_meets((uintptr_t)range, 16));
    ck_assert(own_memory_meets((uintptr_t)range, 17));
    ck_assert(!own_memory_meets((uintptr_t)range + 48, 16));
    ck_assert(own_memory_meets((uintptr_t)range + 47, 16));
    own_memory_remove(range + 16);
    ck_assert(!own_memory_meets((uintptr_t)range, 64));
}
END_TEST

START_TEST(the_program_is_its_own)
{
    static char variable;
    ck_assert(!own_memory_meets((uintptr_t)&variable, 1));
    own_memory_add_program();
    ck_assert(own_memory_meets((uintptr_t)&variable, 1));
    ck_assert(own_memory_meets((uintptr_t)&own_memory_meets, 1));
}
END_TEST

/* _i: 0 before, 1 behind. */
START_TEST(a_page_on_either_side_cannot_be_written)
{
    struct arena arena;
    ck_assert(arena_create(&arena, (size_t)sysconf(_SC_PAGESIZE)));
    arena.base[0] = arena.base[arena.reserve - 1] = 1;
    *(volatile unsigned char *)(_i == 0 ? arena.base - 1 : arena.base + arena.reserve) = 1;
}
END_TEST

START_TEST(a_text_is_cleaned_where_it_stands)
{
    char line[] = "a\033[2J\nb\tc\xc2\x9b"
                  "d\xff"
                  "\xc3\xa9",
         lines[] = "a\nb\r";
    utf8_clean_here(line, false);
    ck_assert_str_eq(line, "a?[2J b c??d?\xc3\xa9");
    utf8_clean_here(lines, true);
    ck_assert_str_eq(lines, "a\nb?");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("own memory");
    TCase *all = tcase_create("all");
    tcase_add_test(all, an_arena_is_known_while_it_is_there);
    tcase_add_test(all, neighbours_that_only_touch_do_not_meet);
    tcase_add_test(all, the_program_is_its_own);
    tcase_add_loop_test_raise_signal(all, a_page_on_either_side_cannot_be_written, SIGSEGV, 0, 2);
    tcase_add_test(all, a_text_is_cleaned_where_it_stands);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
