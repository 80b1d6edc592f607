/* Reducing, with made-up causes in place of an allocator: exactly the cause must be left. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/prng.h"
#include "harness/trace/reduce.h"

enum { MANY = 20000 };

struct question {
    bool (*cause)(const struct event *events, size_t count);
    unsigned asked, most;
    struct reduction *reduction;
};

static bool ask(void *context, const struct event *events, size_t count)
{
    struct question *question = context;
    question->asked++;
    if (question->most != 0 && question->asked > question->most) {
        question->reduction->spent = true;
        return false;
    }
    return question->cause(events, count);
}

/* A long life of many blocks. */
static size_t make_events(struct event *events, struct prng *prng)
{
    uint32_t made = 0;
    for (size_t i = 0; i < MANY; i++) {
        uint8_t kind = (uint8_t)(made < 4 ? OP_ALLOCATE : prng_below(prng, EVENT_VERIFY + 1));
        bool makes = kind == OP_ALLOCATE || kind == OP_ALLOCATE_ZEROED;
        events[i] = (struct event){.kind = kind,
                                   .align_log2 = (uint8_t)prng_below(prng, 12),
                                   .thread = (uint8_t)prng_below(prng, 4),
                                   .size = 1 + prng_below(prng, 5000),
                                   .old_size_place = (uint8_t)prng_below(prng, 3),
                                   .old_size_step = prng_below(prng, 900)};
        if (kind < OP_USABLE_SIZE)
            events[i].block = makes ? 100 + 7 * ++made : (uint32_t)(100 + 7 * prng_between(prng, 1, made));
    }
    return MANY;
}

static size_t reduce_by(bool (*cause)(const struct event *, size_t), struct event *events, unsigned most,
                        unsigned *asked)
{
    struct prng prng = {41};
    size_t count = make_events(events, &prng);
    struct question question = {.cause = cause, .most = most};
    struct reduction reduction = {.still_fails = ask, .context = &question};
    question.reduction = &reduction;
    ck_assert(cause(events, count));
    count = reduce(&reduction, events, count);
    ck_assert(cause(events, count));
    if (asked != NULL)
        *asked = question.asked;
    return count;
}

/* ---- causes ---- */

static bool a_block_above_1234_is_deallocated_after_it_was_reallocated(const struct event *events, size_t count)
{
    static uint8_t stage[MANY * 8];
    memset(stage, 0, sizeof stage);
    for (size_t i = 0; i < count; i++) {
        uint8_t *at = &stage[events[i].block];
        if (events[i].kind == OP_ALLOCATE && events[i].size > 1234)
            *at = 1;
        else if (events[i].kind == OP_REALLOCATE && *at == 1)
            *at = 2;
        else if (events[i].kind == OP_DEALLOCATE && *at == 2 && events[i].old_size_place != OLD_SIZE_REQUESTED)
            return true;
    }
    return false;
}

static bool an_alignment_above_512_in_another_thread(const struct event *events, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (events[i].align_log2 > 9 && events[i].thread > 0 && events[i].kind == OP_ALLOCATE_ZEROED)
            return true;
    return false;
}

/* Forty blocks of one size. */
static bool forty_of_the_same_size_class(const struct event *events, size_t count)
{
    int seen = 0;
    for (size_t i = 0; i < count; i++)
        seen += events[i].kind == OP_ALLOCATE && events[i].size > 4000;
    return seen >= 40;
}

static struct event events[MANY];

START_TEST(what_is_left_is_the_cause)
{
    unsigned asked;
    ck_assert_uint_eq(reduce_by(a_block_above_1234_is_deallocated_after_it_was_reallocated, events, 0, &asked), 3);
    ck_assert_uint_eq(events[0].kind, OP_ALLOCATE);
    ck_assert_uint_eq(events[0].size, 1235);
    ck_assert_uint_eq(events[0].align_log2, 0);
    ck_assert_uint_eq(events[0].block, 1);
    ck_assert_uint_eq(events[1].kind, OP_REALLOCATE);
    ck_assert_uint_eq(events[1].size, 1);
    ck_assert_uint_eq(events[1].old_size_place, OLD_SIZE_REQUESTED);
    ck_assert_uint_eq(events[2].kind, OP_DEALLOCATE);
    ck_assert_uint_eq(events[2].old_size_place, OLD_SIZE_USABLE);
    for (int i = 0; i < 3; i++)
        ck_assert_uint_eq(events[i].thread, 0);
    ck_assert_uint_lt(asked, 400);
}
END_TEST

START_TEST(an_event_is_made_as_plain_as_it_can_be)
{
    ck_assert_uint_eq(reduce_by(an_alignment_above_512_in_another_thread, events, 0, NULL), 1);
    ck_assert_uint_eq(events[0].align_log2, 10);
    ck_assert_uint_ne(events[0].thread, 0);
    ck_assert_uint_eq(events[0].size, 1);
    ck_assert_uint_eq(events[0].kind, OP_ALLOCATE_ZEROED);
}
END_TEST

START_TEST(many_blocks_that_are_all_needed_stay)
{
    ck_assert_uint_eq(reduce_by(forty_of_the_same_size_class, events, 0, NULL), 40);
    for (int i = 0; i < 40; i++) {
        ck_assert_uint_eq(events[i].size, 4001);
        ck_assert_uint_eq(events[i].block, i + 1);
    }
}
END_TEST

START_TEST(no_more_is_asked_than_allowed)
{
    unsigned asked;
    size_t count = reduce_by(forty_of_the_same_size_class, events, 12, &asked);
    ck_assert_uint_le(asked, 13);
    ck_assert_uint_ge(count, 40);
}
END_TEST

static bool a_size_of_4242_is_deallocated(const struct event *events, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count && events[i].size == 4242; j++)
            if (events[j].kind == OP_DEALLOCATE && events[j].block == events[i].block)
                return true;
    return false;
}

static bool a_guard_of_so_many_bytes_at_least(const struct event *events, size_t count)
{
    uint64_t guarded = 0;
    for (size_t i = 0; i < count; i++) {
        guarded = events[i].kind == EVENT_GUARD ? events[i].size : guarded;
        if (events[i].kind == OP_ALLOCATE && events[i].size > 1234 && guarded > 100)
            return true;
    }
    return false;
}

START_TEST(a_guard_takes_the_size_of_what_it_guards)
{
    struct event few[] = {
        {.kind = EVENT_GUARD, .size = 70000}, {.kind = EVENT_VERIFY}, {.kind = OP_ALLOCATE, .block = 1, .size = 5000}};
    struct question question = {.cause = a_guard_of_so_many_bytes_at_least};
    struct reduction reduction = {.still_fails = ask, .context = &question};
    ck_assert_uint_eq(reduce(&reduction, few, 3), 2);
    ck_assert_uint_eq(few[0].kind, EVENT_GUARD);
    ck_assert_uint_eq(few[0].size, 1235);
    ck_assert_uint_eq(few[1].size, 1235);
}
END_TEST

START_TEST(what_is_near_the_end_is_found_cheaply)
{
    struct prng prng = {2};
    struct question question = {.cause = a_size_of_4242_is_deallocated};
    struct reduction reduction = {.still_fails = ask, .context = &question};
    size_t count = make_events(events, &prng);
    for (size_t i = 0; i < count; i++)
        events[i].size = events[i].size == 4242 ? 1 : events[i].size;
    events[70] = (struct event){.kind = OP_ALLOCATE, .block = 3, .size = 4242};
    events[count - 2] = (struct event){.kind = OP_DEALLOCATE, .block = 3};
    count = reduce_to_end(&reduction, events, count);
    ck_assert(a_size_of_4242_is_deallocated(events, count));
    ck_assert_uint_lt(count, 100);
    ck_assert_uint_eq(question.asked, 1);
}
END_TEST

START_TEST(what_is_not_near_the_end_leaves_all)
{
    struct prng prng = {2};
    struct question question = {.cause = forty_of_the_same_size_class};
    struct reduction reduction = {.still_fails = ask, .context = &question};
    size_t count = make_events(events, &prng);
    memset(events + 5000, 0, (count - 5000) * sizeof *events);
    for (size_t i = 5000; i < count; i++)
        events[i].kind = EVENT_VERIFY;
    ck_assert_uint_eq(reduce_to_end(&reduction, events, count), count);
    ck_assert_uint_lt(question.asked, 12);
}
END_TEST

START_TEST(nothing_in_the_result_can_be_dropped)
{
    static struct event shorter[MANY];
    size_t count = reduce_by(forty_of_the_same_size_class, events, 0, NULL);
    for (size_t gone = 0; gone < count; gone++) {
        memcpy(shorter, events, gone * sizeof *events);
        memcpy(shorter + gone, events + gone + 1, (count - gone - 1) * sizeof *events);
        ck_assert(!forty_of_the_same_size_class(shorter, count - 1));
    }
}
END_TEST

START_TEST(blocks_are_renumbered_in_order_of_appearance)
{
    struct event few[] = {{.block = 9}, {.block = 4000000000u}, {.kind = EVENT_VERIFY}, {.block = 9}, {.block = 2}};
    ck_assert_uint_eq(renumber_blocks(few, 5), 3);
    ck_assert_uint_eq(few[0].block, 1);
    ck_assert_uint_eq(few[1].block, 2);
    ck_assert_uint_eq(few[2].block, 0);
    ck_assert_uint_eq(few[3].block, 1);
    ck_assert_uint_eq(few[4].block, 3);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace reduce");
    TCase *tests = tcase_create("reduce");
    tcase_add_test(tests, what_is_left_is_the_cause);
    tcase_add_test(tests, an_event_is_made_as_plain_as_it_can_be);
    tcase_add_test(tests, many_blocks_that_are_all_needed_stay);
    tcase_add_test(tests, no_more_is_asked_than_allowed);
    tcase_add_test(tests, a_guard_takes_the_size_of_what_it_guards);
    tcase_add_test(tests, what_is_near_the_end_is_found_cheaply);
    tcase_add_test(tests, what_is_not_near_the_end_leaves_all);
    tcase_add_test(tests, nothing_in_the_result_can_be_dropped);
    tcase_add_test(tests, blocks_are_renumbered_in_order_of_appearance);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
