#include "conformance/judging/suites.h"

#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "conformance/judging/circumstance.h"
#include "conformance/judging/part.h"
#include "conformance/judging/shorten.h"
#include "harness/base/platform.h"
#include "harness/sandbox/descend.h"

enum { TAPE_EVENTS = sizeof(void *) == 8 ? 4 << 20 : 1 << 20, WAIT_NS = 10000000, ENDING_S = 10 };

/* The tests of Check take an index and no other argument. Each worker is a process with its own job and sandbox. */
static const struct suite_job *own_job;
static struct sandbox own_sandbox;

/* What the workers of the current run share: suites_stop writes to it. */
static struct suite_shared *_Atomic shared_now;

void suites_stop(void)
{
    struct suite_shared *shared = atomic_load(&shared_now);
    if (shared != NULL)
        atomic_store(&shared->stopped, 1);
}

static volatile sig_atomic_t is_aborted;

void suites_abort(void)
{
    is_aborted = 1;
    suites_stop();
}

bool suites_were_aborted(void) { return is_aborted; }

/* A candidate that hung HANGS_ENDURED times is convicted, and one that took too long as often cannot be judged. Waiting
 * for it again would tell nothing new. */
static bool goes_on(const struct suite_shared *shared)
{
    return atomic_load(&shared->stopped) == 0 && atomic_load(&shared->hangs) < HANGS_ENDURED;
}

bool suites_can_run(const struct scenario *scenario)
{
    return scenario->relies_on == NULL || !platform_lacks(scenario->relies_on);
}

static bool claim(struct flight *record, enum suite_claim as)
{
    uint32_t free = CLAIM_NONE;
    return atomic_compare_exchange_strong(&record->claim, &free, as);
}

/* Keeps the flight record without its tape. */
static void keep(struct flight *record, const struct flight *flight)
{
    memcpy(record, flight, sizeof *record);
    atomic_store(&record->claim, CLAIM_KEPT);
}

START_TEST(one_scenario)
{
    const struct scenario *scenario = contract_scenario((size_t)_i);
    struct flight *record = &own_job->records[_i];
    if (!own_job->selected(own_job, scenario))
        return;
    bool runs = goes_on(own_job->shared) && suites_can_run(scenario);
    if (!claim(record, runs ? CLAIM_RUNS : CLAIM_LEFT_OUT) || !runs)
        return;
    job_ask(own_job, &own_sandbox, scenario);
    sandbox_run(&own_sandbox);
    circumstance_try_without(own_job, &own_sandbox, scenario);
    atomic_fetch_add(&own_job->shared->hangs,
                     own_sandbox.flight->outcome == OUTCOME_HUNG || own_sandbox.flight->took_too_long);
    shorten_findings(own_job, &own_sandbox, scenario);
    if (own_job->decided(own_job, own_sandbox.flight)) {
        atomic_store(&own_job->shared->decided, 1);
        atomic_store(&own_job->shared->stopped, 1);
    }
    keep(record, own_sandbox.flight);
    ck_assert_msg(record->outcome == OUTCOME_COMPLETED, "%s", record->detail);
    ck_assert_msg(record->finding_count == 0, "%s", record->findings[0].message);
}
END_TEST

static bool is_same_suite(const struct scenario *a, const struct scenario *b)
{
    return part_suite_length(a) == part_suite_length(b) && memcmp(a->name, b->name, part_suite_length(a)) == 0;
}

static Suite *new_suite(SRunner *runner, const struct scenario *scenario)
{
    char *name = strndup(scenario->name, part_suite_length(scenario)); /* Check keeps it */
    Suite *suite = suite_create(name);
    srunner_add_suite(runner, suite);
    return suite;
}

static SRunner *build_suites(void)
{
    SRunner *runner = srunner_create(NULL);
    Suite *suite = NULL;
    for (size_t i = 0; i < contract_scenario_count(); i++) {
        const struct scenario *scenario = contract_scenario(i);
        if (i == 0 || !is_same_suite(scenario, contract_scenario(i - 1)))
            suite = new_suite(runner, scenario);
        TCase *test_case = tcase_create(part_case_of(scenario));
        if (scenario->tags != NULL)
            tcase_set_tags(test_case, scenario->tags);
        tcase_add_loop_test(test_case, one_scenario, (int)i, (int)i + 1);
        suite_add_tcase(suite, test_case);
    }
    srunner_set_fork_status(runner, CK_NOFORK); /* the sandbox forks; Check's process stays whole */
    return runner;
}

static void work(const struct suite_job *job, pid_t first)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct error error = {0};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        signal(signals[i], SIG_DFL);
    /* The first process decides when to stop, and ends the workers then. In a process group of its own a worker is
     * not reached by a terminal's Ctrl-C, nor by the signals that Check sends to its process group. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setpgid(0, 0);
    if (getppid() != first)
        _exit(3);
    own_job = job;
    if (!sandbox_create(&own_sandbox, TAPE_EVENTS, &error)) {
        fprintf(stderr, "assay: %s\n", error.text);
        _exit(3);
    }
    SRunner *runner = build_suites();
    srunner_run_all(runner, CK_SILENT);
    srunner_free(runner);
    sandbox_destroy(&own_sandbox);
    _exit(0);
}

/* True once the worker is gone; `well` stays true if it left in order. Continues a worker that a candidate stopped. */
static bool is_gone(pid_t worker, bool *well)
{
    int status = 0;
    pid_t seen = waitpid(worker, &status, WNOHANG | WUNTRACED);
    if (seen == worker && WIFSTOPPED(status))
        kill(worker, SIGCONT);
    if (seen == 0 || (seen < 0 && errno == EINTR) || (seen == worker && WIFSTOPPED(status)))
        return false;
    *well = *well && seen == worker && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    return true;
}

/* Waits until all are gone, or the run is aborted. */
static bool await_workers(pid_t *workers, int count)
{
    bool well = true;
    for (int left = count; left > 0 && !is_aborted;) {
        left = 0;
        for (int i = 0; i < count; i++) {
            if (workers[i] > 0 && is_gone(workers[i], &well))
                workers[i] = 0;
            left += workers[i] > 0;
        }
        if (left > 0)
            nanosleep(&(struct timespec){0, WAIT_NS}, NULL);
    }
    return well && !is_aborted;
}

bool suites_run(const struct suite_job *job)
{
    bool well = true;
    pid_t workers[64], first = getpid();
    int count = job->options->jobs < 1 ? 1 : job->options->jobs > 64 ? 64 : job->options->jobs;
    fflush(NULL);
    descendants_adopt();
    atomic_store(&shared_now, job->shared);
    for (int i = 0; i < count; i++) {
        workers[i] = is_aborted ? -1 : fork();
        if (workers[i] == 0)
            work(job, first);
        well = well && workers[i] > 0;
    }
    well = await_workers(workers, count) && well;
    atomic_store(&shared_now, NULL);
    return descendants_end(ENDING_S) && well; /* some are left if a worker was killed, or the run aborted */
}
