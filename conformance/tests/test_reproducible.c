/* The same seed gives the same trace: exploration run twice, and by a program built by another compiler,
 * leaves the same tape; another seed leaves another. This program is its own sandbox child.
 *
 *     test_reproducible digests CANDIDATE BINDING SEED
 *
 * prints the digest of each exploring scenario's tape.
 */
#include <check.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conformance/judging/child.h"
#include "conformance/judging/job.h"
#include "conformance/scenario/run.h"
#include "harness/base/prng.h"

enum { TAPE = 1 << 20, SCENARIOS = 64 };

/* A hash over the events of a tape without their answers: an answer is an address or follows from one. */
struct digest {
    uint64_t events, hash;
};

static struct sandbox sandbox;
static char reference[PATH_MAX + 32], bindings[PATH_MAX];

/* The index-th scenario that explores. */
static const struct scenario *exploring(size_t index)
{
    for (size_t i = 0; i < contract_scenario_count(); i++)
        if (strncmp(contract_scenario(i)->name, "explore/", 8) == 0 && index-- == 0)
            return contract_scenario(i);
    return NULL;
}

static uint64_t mix_event(uint64_t hash, const struct event *event)
{
    uint64_t small = (uint64_t)event->kind | (uint64_t)event->align_log2 << 8 | (uint64_t)event->thread << 16 |
                     (uint64_t)event->old_size_place << 24 | (uint64_t)event->block << 32;
    return prng_mix(prng_mix(prng_mix(hash ^ small) ^ event->size) ^ event->old_size_step);
}

/* Without events, the digest says nothing: the scenario did not run to its end, or made more calls than fit the tape.
 */
static struct digest run(const char *candidate, const char *binding, const struct scenario *scenario, uint64_t seed)
{
    struct judge_options options = {.bindings_directory = bindings, .effort = EFFORT_QUICK, .time_scale = 100};
    struct fit fit = {0};
    struct suite_job job = {.path = candidate, .fit = &fit, .options = &options, .seed = seed};
    snprintf(fit.binding, sizeof fit.binding, "%s", binding);
    job_ask(&job, &sandbox, scenario);
    sandbox.keeps_tape = true;
    sandbox_run(&sandbox);
    const struct flight *flight = sandbox.flight;
    struct digest digest = {.events = atomic_load(&flight->tape_length)};
    if (flight->outcome != OUTCOME_COMPLETED || flight->cut_short || digest.events > TAPE)
        return (struct digest){0};
    for (uint64_t i = 0; i < digest.events; i++)
        digest.hash = mix_event(digest.hash, &flight->tape[i]);
    return digest;
}

START_TEST(the_same_seed_gives_the_same_tape)
{
    const struct scenario *scenario = exploring((size_t)_i);
    struct digest one = run(reference, "rust-1.19", scenario, 1);
    struct digest two = run(reference, "rust-1.19", scenario, 1);
    ck_assert_msg(one.events > 0, "%s: %s", scenario->name, sandbox.flight->detail);
    ck_assert_msg(one.events == two.events && one.hash == two.hash, "%s: %" PRIu64 " events, then %" PRIu64,
                  scenario->name, one.events, two.events);
}
END_TEST

START_TEST(another_seed_gives_another_tape)
{
    const struct scenario *scenario = exploring((size_t)_i);
    struct digest one = run(reference, "rust-1.19", scenario, 1);
    struct digest two = run(reference, "rust-1.19", scenario, 2);
    ck_assert_msg(one.hash != two.hash, "%s", scenario->name);
}
END_TEST

static int print_digests(const char *candidate, const char *binding, uint64_t seed)
{
    const struct scenario *scenario;
    for (size_t i = 0; (scenario = exploring(i)) != NULL; i++) {
        struct digest digest = run(candidate, binding, scenario, seed);
        printf("%s %" PRIu64 " %016" PRIx64 "\n", scenario->name, digest.events, digest.hash);
    }
    return fflush(stdout) == 0 ? 0 : 1;
}

/* The same program, its drawing of numbers compiled otherwise: conformance/rules.mk. */
START_TEST(another_compiler_gives_the_same_tape)
{
    enum { MOST = 64 };
    char self[PATH_MAX] = "", command[3 * PATH_MAX], lines[MOST][256];
    size_t count = 0;
    const char *prefix = getenv("ASSAY_EXEC_PREFIX");
    const struct scenario *scenario;
    ck_assert_int_gt(readlink("/proc/self/exe", self, sizeof self - 1), 0);
    snprintf(command, sizeof command, "%s '%s-otherwise' digests '%s' rust-1.19 1", prefix == NULL ? "" : prefix, self,
             reference);
    FILE *other = popen(command, "r");
    ck_assert_ptr_nonnull(other);
    while (count < MOST && fgets(lines[count], sizeof lines[count], other) != NULL)
        count++;
    ck_assert_int_eq(pclose(other), 0); /* now: a sandbox ends every process below this one */
    for (size_t i = 0; (scenario = exploring(i)) != NULL; i++) {
        char expected[256];
        struct digest digest = run(reference, "rust-1.19", scenario, 1);
        snprintf(expected, sizeof expected, "%s %" PRIu64 " %016" PRIx64 "\n", scenario->name, digest.events,
                 digest.hash);
        ck_assert_msg(i < count, "%s: no answer from %s", scenario->name, command);
        ck_assert_str_eq(lines[i], expected);
    }
}
END_TEST

/* The build's directory is three above this program. */
static void find_files(void)
{
    char self[PATH_MAX] = "";
    const char *set = getenv("ASSAY_BINDINGS");
    if (readlink("/proc/self/exe", self, sizeof self - 1) > 0)
        for (int i = 0; i < 4; i++)
            *strrchr(self, '/') = '\0';
    snprintf(reference, sizeof reference, "%s/libreference_alloc.so", self);
    snprintf(bindings, sizeof bindings, "%s", set == NULL ? "conformance/bindings" : set);
}

int main(int argc, char **argv)
{
    struct error error = {0};
    int count = 0, failed;
    if (argc == 3 && strcmp(argv[1], SANDBOX_VERB) == 0)
        child_main(atoi(argv[2]));
    find_files();
    if (!sandbox_create(&sandbox, TAPE, &error))
        return fprintf(stderr, "%s\n", error.text), 1;
    if (argc == 5 && strcmp(argv[1], "digests") == 0)
        return print_digests(argv[2], argv[3], strtoull(argv[4], NULL, 0));
    while (exploring((size_t)count) != NULL)
        count++;
    Suite *suite = suite_create("reproducible");
    TCase *tapes = tcase_create("tapes");
    tcase_set_timeout(tapes, 600);
    tcase_add_loop_test(tapes, the_same_seed_gives_the_same_tape, 0, count);
    tcase_add_loop_test(tapes, another_seed_gives_another_tape, 0, count);
    tcase_add_test(tapes, another_compiler_gives_the_same_tape);
    suite_add_tcase(suite, tapes);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
