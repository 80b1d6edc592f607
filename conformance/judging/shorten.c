#include "conformance/judging/shorten.h"

#include <stdlib.h>
#include <string.h>

#include "conformance/judging/kept.h"
#include "harness/trace/shrink.h"

struct asking {
    const struct suite_job *job;
    const struct scenario *scenario;
};

static void ask_again(void *context, struct sandbox *sandbox)
{
    const struct asking *asking = context;
    job_ask(asking->job, sandbox, asking->scenario);
}

/* One finding of each clause is shortened, by the worker that sees it first: the others tell the same story. */
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
    struct kept kept;
    struct asking asking = {job, scenario};
    bool has_tape = atomic_load(&sandbox->flight->tape_length) > 0 && sandbox->flight->tape_capacity > 0;
    if (sandbox->flight->finding_count == 0 || job->options->shrink_s <= 0 || !has_tape || !kept_take(&kept, sandbox))
        return;
    sandbox->patience = kept.flight->outcome == OUTCOME_HUNG ? 0.1 : 0;
    for (uint32_t i = 0; i < kept.flight->finding_count; i++)
        shorten(&asking, sandbox, &kept.flight->findings[i], kept.flight->duration_s, kept.tape, kept.length);
    sandbox->patience = 0;
    kept_restore(&kept, sandbox);
}
