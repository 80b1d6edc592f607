/* Shrinking for real: long traces over toy allocators with one bug each, re-run in processes of their own. This program
 * is its own sandbox child. */
#include <check.h>
#include <stdlib.h>

#include "harness/base/prng.h"
#include "harness/trace/replay.h"
#include "harness/trace/shrink.h"
#include "harness/trace/tests/toys.h"
#include "harness/trace/text.h"

enum { TAPE = 1 << 16, MANY = 5000 };

static void child(int fd)
{
    static struct heap heap;
    struct error error = {0};
    struct flight *flight = sandbox_enter(fd);
    const struct binding *binding = binding_load("rust-1.19", TOY_BINDINGS, &error);
    const struct candidate *candidate = binding == NULL ? NULL : candidate_open(flight->candidate, binding, &error);
    if (candidate == NULL || !heap_create(&heap, candidate, flight, toy_clause_index, 1 << 16, &error))
        sandbox_not_loaded(flight, &error);
    atomic_store(&flight->loaded, true);
    trace_replay(&heap, flight_input(flight), (size_t)flight->input_length);
    heap_verify_all(&heap);
    sandbox_complete(flight);
}

static void ask(void *context, struct sandbox *sandbox)
{
    sandbox_reset(sandbox);
    snprintf(sandbox->flight->candidate, sizeof sandbox->flight->candidate, "%s", toy_path(context));
    sandbox->flight->returns_clause = LAW_RETURNS;
}

/* Two hundred blocks that come, grow, shrink and go, now and then by other threads. */
static void make_events(struct event *events, size_t count, uint64_t seed)
{
    struct prng prng = {seed};
    for (size_t i = 0; i < count; i++) {
        uint8_t kind = (uint8_t)prng_below(&prng, OP_USABLE_SIZE);
        uint8_t thread = (uint8_t)(prng_chance(&prng, 1, 50) ? 1 + prng_below(&prng, 3) : 0);
        events[i] = (struct event){.kind = kind,
                                   .thread = thread,
                                   .block = (uint32_t)prng_between(&prng, 1, 200),
                                   .align_log2 = (uint8_t)prng_below(&prng, 11),
                                   .old_size_place = (uint8_t)prng_below(&prng, 3),
                                   .old_size_step = prng_below(&prng, 16),
                                   .size = 1 + prng_below(&prng, 3000)};
    }
}

static struct event events[MANY];

/* Runs the long trace once, then shrinks it. */
static bool shrink(const char *toy, int clause, double seconds, struct flight_finding *finding,
                   struct shrink_summary *summary)
{
    struct sandbox sandbox;
    struct error error = {0};
    struct shrink_request request = {.clause = clause, .seconds = seconds, .ask = ask, .context = (void *)toy};
    make_events(events, MANY, 5);
    ck_assert(sandbox_create(&sandbox, TAPE, &error));
    bool shrunk = trace_shrink(&sandbox, &request, events, MANY, finding, summary);
    sandbox_destroy(&sandbox);
    return shrunk;
}

static const struct expectation {
    const char *toy;
    int clause;
    uint32_t length;
    const char *trace;
} expectations[] = {
    {"toy_misaligns", LAW_ALIGN_ALLOCATE, 1, "b1 = allocate(size 1, align 512)"},
    {"toy_dirty", LAW_ZEROED, 3,
     "b1 = allocate(size 1, align 1)\ndeallocate(b1, old_size requested)\nb2 = allocate_zeroed(size 1, align 1)"},
    {"toy_loses_tail", LAW_CONTENTS, 2,
     "b1 = allocate(size 1001, align 1)\nb1 = reallocate(b1, old_size requested, size 1001)"},
    {"toy_crashes", LAW_DEALLOCATE_OLD_SIZE, 2, "b1 = allocate(size 1, align 1)\ndeallocate(b1, old_size usable)"},
    {"toy_forgets_thread", LAW_UNDISTURBED, 2, "thread 1: b1 = allocate(size 1, align 1)\nthread 1: end()"},
    {"toy_dirty_apart", LAW_ZEROED, 1, "thread 3: b1 = allocate_zeroed(size 1, align 1)"}, /* its end tells nothing */
};

static char *text_of(const struct flight_finding *finding)
{
    static char text[4096];
    text[0] = '\0';
    for (uint32_t i = 0; i < finding->trace_length && i < 20; i++) {
        char line[EVENT_TEXT];
        event_text(line, sizeof line, &finding->trace[i]);
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i > 0 ? "\n" : "", line);
    }
    return text;
}

START_TEST(a_long_trace_becomes_the_few_calls_that_matter)
{
    const struct expectation *expected = &expectations[_i];
    static struct flight_finding finding;
    struct shrink_summary summary;
    ck_assert(shrink(expected->toy, expected->clause, 20, &finding, &summary));
    char *text = text_of(&finding);
    printf("%s: %zu events to %u in %u runs, %.2f s\n", expected->toy, summary.before, finding.trace_length,
           summary.runs, summary.seconds);
    ck_assert(finding.trace_is_shrunk);
    ck_assert_int_eq(finding.clause, expected->clause);
    ck_assert_uint_eq(finding.trace_length, expected->length);
    ck_assert_str_eq(text, expected->trace);
}
END_TEST

/* Each question about a hang takes a while if it is answered yes. */
START_TEST(a_hang_is_shortened_in_time)
{
    static struct flight_finding finding;
    struct shrink_summary summary;
    ck_assert(shrink("toy_hangs", LAW_RETURNS, 60, &finding, &summary));
    printf("toy_hangs: %zu events to %u in %u runs, %.2f s\n", summary.before, finding.trace_length, summary.runs,
           summary.seconds);
    ck_assert_str_eq(text_of(&finding), "b1 = allocate(size 1, align 1024)");
}
END_TEST

START_TEST(what_does_not_come_again_is_left_as_it_was)
{
    static struct flight_finding finding = {.clause = LAW_ZEROED, .message = "as it was", .trace_length = 3};
    struct shrink_summary summary;
    ck_assert(!shrink("toy", LAW_ZEROED, 20, &finding, &summary));
    ck_assert_str_eq(finding.message, "as it was");
    ck_assert(!finding.trace_is_shrunk);
    ck_assert_uint_eq(finding.trace_length, 3);
    ck_assert_uint_lt(summary.runs, 3 + 10); /* neighbourhoods of the end, then the whole three times */
    ck_assert_uint_eq(summary.after, MANY);
}
END_TEST

START_TEST(no_time_leaves_it_as_it_was)
{
    static struct flight_finding finding = {.clause = LAW_ZEROED};
    struct shrink_summary summary;
    ck_assert(!shrink("toy_dirty", LAW_ZEROED, 0, &finding, &summary));
    ck_assert_uint_eq(summary.runs, 0);
}
END_TEST

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], SANDBOX_VERB) == 0)
        child(atoi(argv[2]));
    Suite *suite = suite_create("trace shrink");
    TCase *tests = tcase_create("shrink");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, a_long_trace_becomes_the_few_calls_that_matter, 0,
                        sizeof expectations / sizeof *expectations);
    tcase_add_test(tests, a_hang_is_shortened_in_time);
    tcase_add_test(tests, what_does_not_come_again_is_left_as_it_was);
    tcase_add_test(tests, no_time_leaves_it_as_it_was);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
