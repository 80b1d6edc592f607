#include "conformance/judging/shorten.h"

#include <stdlib.h>
#include <string.h>

#include "harness/trace/shrink.h"

struct asking {
    const struct suite_job *job;
    const struct scenario *scenario;
};

static void ask_again(void *context, struct sandbox *sandbox)
{
    const struct asking *asking = context;
    suites_ask(asking->job, sandbox, asking->scenario);
}

/* One finding a clause is shortened, whichever worker sees it first: the others tell the same story. */
static bool is_first(const struct suite_job *job, int clause)
{
    uint32_t free = 0;
    return atomic_compare_exchange_strong(&job->shared->shortened[clause], &free, 1);
}

static void shorten(struct asking *asking, struct sandbox *sandbox, struct flight_finding *finding, double first_run_s,
                    const struct event *tape, size_t length)
{
    size_t count = finding->at_event < length ? (size_t)finding->at_event : length;
    struct event *events = malloc(count * sizeof *events + 1);
    if (count == 0 || events == NULL || !is_first(asking->job, finding->clause)) {
        free(events);
        return;
    }
    memcpy(events, tape, count * sizeof *events);
    struct shrink_request request = {.clause = finding->clause,
                                     .seconds = asking->job->options->shrink_s,
                                     .first_run_s = first_run_s,
                                     .ask = ask_again,
                                     .context = asking};
    trace_shrink(sandbox, &request, events, count, finding, NULL);
    free(events);
}

void shorten_findings(const struct suite_job *job, struct sandbox *sandbox, const struct scenario *scenario)
{
    struct flight *flight = sandbox->flight;
    size_t length = (size_t)atomic_load(&flight->tape_length);
    length = length < flight->tape_capacity ? length : (size_t)flight->tape_capacity;
    if (flight->finding_count == 0 || job->options->shrink_s <= 0 || length == 0)
        return;
    struct flight *kept = malloc(sizeof *kept);
    struct event *tape = malloc(length * sizeof *tape);
    struct asking asking = {job, scenario};
    if (kept != NULL && tape != NULL) {
        memcpy(kept, flight, sizeof *kept);
        memcpy(tape, flight->tape, length * sizeof *tape);
        sandbox->patience = kept->outcome == OUTCOME_HUNG ? 0.1 : 0;
        for (uint32_t i = 0; i < kept->finding_count; i++)
            shorten(&asking, sandbox, &kept->findings[i], kept->duration_s, tape, length);
        sandbox->patience = 0;
        memcpy(flight, kept, sizeof *kept);
    }
    free(tape);
    free(kept);
}
