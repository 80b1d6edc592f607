/* The set of live blocks, against a list that is searched from end to end. */
#include <check.h>
#include <stdlib.h>

#include "harness/base/prng.h"
#include "harness/oracle/block.h"

enum { MOST = 300, SPACE = 4000 };

static struct block_set set;
static struct block *listed[MOST];
static size_t count;

static struct block *naive_overlap(uintptr_t address, size_t extent)
{
    for (size_t i = 0; i < count; i++)
        if (listed[i]->address < address + extent && address < listed[i]->address + listed[i]->extent)
            return listed[i];
    return NULL;
}

static struct block *naive_at_or_below(uintptr_t address)
{
    struct block *best = NULL;
    for (size_t i = 0; i < count; i++)
        if (listed[i]->address <= address && (best == NULL || listed[i]->address > best->address))
            best = listed[i];
    return best;
}

static struct block *naive_above(uintptr_t address)
{
    struct block *best = NULL;
    for (size_t i = 0; i < count; i++)
        if (listed[i]->address > address && (best == NULL || listed[i]->address < best->address))
            best = listed[i];
    return best;
}

static void insert(uintptr_t address, size_t extent)
{
    struct block *block = block_new(&set), *expected = naive_overlap(address, extent);
    ck_assert_ptr_nonnull(block);
    block->address = address;
    block->extent = extent;
    struct block *other = block_insert(&set, block);
    ck_assert_int_eq(other == NULL, expected == NULL);
    if (other == NULL) {
        listed[count++] = block;
        return;
    }
    ck_assert_msg(other->address < address + extent && address < other->address + other->extent, "it does not overlap");
    block_free(&set, block);
}

static void drop(size_t index)
{
    struct block *block = listed[index];
    listed[index] = listed[--count];
    block_remove(&set, block);
    block_free(&set, block);
}

static void compare_everywhere(void)
{
    size_t walked = 0;
    for (uintptr_t address = 0; address < SPACE + 100; address += 7) {
        ck_assert_ptr_eq(block_at_or_below(&set, address), naive_at_or_below(address));
        ck_assert_ptr_eq(block_above(&set, address), naive_above(address));
    }
    for (struct block *block = block_first(&set); block != NULL; block = block_next(&set, block))
        walked++;
    ck_assert_uint_eq(walked, count);
    ck_assert_uint_eq(set.count, count);
}

START_TEST(agrees_with_a_list)
{
    struct prng prng = {.state = (uint64_t)_i};
    ck_assert(block_set_create(&set, MOST));
    for (int step = 0; step < 20000; step++) {
        if (count < MOST - 1 && prng_chance(&prng, 3, 5))
            insert(prng_between(&prng, 1, SPACE), 1 + prng_below(&prng, _i % 2 ? 30 : 3));
        else if (count > 0)
            drop(prng_below(&prng, count));
        if (step % 1000 == 0)
            compare_everywhere();
    }
    while (count > 0)
        drop(count - 1);
    compare_everywhere();
    block_set_destroy(&set);
}
END_TEST

/* One block inside another, around it, at its start, at its end, at the ends of the address space. */
START_TEST(sees_every_kind_of_overlap)
{
    ck_assert(block_set_create(&set, 16));
    insert(1000, 100);
    const struct {
        uintptr_t address;
        size_t extent;
        bool overlaps;
    } others[] = {
        {1000, 100, true}, {1000, 1, true},   {1050, 10, true},  {990, 200, true}, {999, 2, true},
        {1099, 1, true},   {1099, 500, true}, {1100, 10, false}, {990, 10, false}, {UINTPTR_MAX - 15, 16, false},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct block *block = block_new(&set);
        block->address = others[i].address;
        block->extent = others[i].extent;
        struct block *other = block_insert(&set, block);
        ck_assert_msg((other == listed[0]) == others[i].overlaps, "at %zu, %zu bytes", (size_t)others[i].address,
                      others[i].extent);
        if (other == NULL)
            block_remove(&set, block);
        block_free(&set, block);
    }
}
END_TEST

START_TEST(ends_at_its_capacity)
{
    ck_assert(block_set_create(&set, 3));
    struct block *blocks[3];
    for (int i = 0; i < 3; i++)
        ck_assert_ptr_nonnull(blocks[i] = block_new(&set));
    ck_assert_ptr_null(block_new(&set));
    block_free(&set, blocks[1]);
    ck_assert_ptr_eq(block_new(&set), blocks[1]);
    ck_assert_ptr_null(block_new(&set));
}
END_TEST

/* 64 bytes a live block and 1 MiB are what is promised. */
START_TEST(keeps_to_its_memory)
{
    ck_assert_uint_le(sizeof(struct block), 48);
    ck_assert(block_set_create(&set, 100000));
    ck_assert_uint_le(set.arena.reserve, 100000 * 64 + (1 << 20));
}
END_TEST

/* A candidate has written over the table: the search ends, and the process with it. */
START_TEST(a_table_that_leads_in_a_circle_is_given_up)
{
    struct block_set damaged;
    ck_assert(block_set_create(&damaged, 8));
    struct block *block = block_new(&damaged);
    block->address = 4096;
    block->extent = 16;
    ck_assert_ptr_null(block_insert(&damaged, block));
    block->left = block->right = damaged.root;
    if (_i == 0)
        block_at_or_below(&damaged, 5000);
    else
        block_above(&damaged, 5000);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("oracle/block");
    TCase *all = tcase_create("all");
    tcase_add_loop_test(all, agrees_with_a_list, 1, 9);
    tcase_add_test(all, sees_every_kind_of_overlap);
    tcase_add_test(all, ends_at_its_capacity);
    tcase_add_test(all, keeps_to_its_memory);
    tcase_add_loop_exit_test(all, a_table_that_leads_in_a_circle_is_given_up, 3, 0, 2);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
