#include "harness/trace/shrink.h"

#include <string.h>
#include <time.h>

#include "harness/trace/reduce.h"

enum { CONFIRM_RUNS = 3, CONFIRM_SEEN = 2 };

struct shrinking {
    struct sandbox *sandbox;
    const struct shrink_request *request;
    struct reduction reduction;
    double until;
    unsigned runs;
};

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static const struct flight_finding *finding_of(const struct flight *flight, int clause)
{
    for (uint32_t i = 0; i < flight->finding_count && i < FLIGHT_FINDINGS; i++)
        if (flight->findings[i].clause == clause)
            return &flight->findings[i];
    return NULL;
}

/* Makes the calls in a fresh process. NULL: the clause was not broken there. */
static const struct flight_finding *run(struct shrinking *shrinking, const struct event *events, size_t count)
{
    struct sandbox *sandbox = shrinking->sandbox;
    shrinking->runs++;
    shrinking->request->ask(shrinking->request->context, sandbox);
    memcpy(flight_input(sandbox->flight), events, count * sizeof *events);
    sandbox->flight->input_length = count;
    sandbox_run(sandbox);
    return finding_of(sandbox->flight, shrinking->request->clause);
}

static bool is_spent(const struct shrinking *shrinking)
{
    return now_s() >= shrinking->until || (shrinking->request->runs != 0 && shrinking->runs >= shrinking->request->runs);
}

static bool still_fails(void *context, const struct event *events, size_t count)
{
    struct shrinking *shrinking = context;
    if (is_spent(shrinking)) {
        shrinking->reduction.spent = true;
        return false;
    }
    return count > 0 && run(shrinking, events, count) != NULL;
}

/* Does it come again, twice in three runs? A hang is asked about once: each takes seconds, and nothing comes by chance. */
static bool comes_again(struct shrinking *shrinking, const struct event *events, size_t count)
{
    int seen = 0;
    for (int i = 0; i < CONFIRM_RUNS && seen < CONFIRM_SEEN && !is_spent(shrinking); i++)
        if (run(shrinking, events, count) != NULL)
            seen += shrinking->sandbox->flight->outcome == OUTCOME_HUNG ? CONFIRM_SEEN : 1;
    return seen >= CONFIRM_SEEN;
}

/* The calls as they were made: the tape of the last run, without the verification every replay ends with. */
static bool keep(const struct flight *flight, const struct flight_finding *seen, struct flight_finding *finding)
{
    uint64_t length = atomic_load(&flight->tape_length);
    if (length > 0 && length <= flight->tape_capacity && flight->tape[length - 1].kind == EVENT_VERIFY)
        length--;
    if (length > FLIGHT_TRACE || length == 0)
        return false;
    *finding = *seen;
    finding->trace_length = (uint32_t)length;
    finding->trace_is_shrunk = true;
    memcpy(finding->trace, flight->tape, length * sizeof(struct event));
    return true;
}

/* One more run of the result, for its tape and its message. */
static bool record(struct shrinking *shrinking, const struct event *events, size_t count, struct flight_finding *finding)
{
    for (int i = 0; i < CONFIRM_RUNS; i++) {
        const struct flight_finding *seen = run(shrinking, events, count);
        if (seen != NULL)
            return keep(shrinking->sandbox->flight, seen, finding);
    }
    return false;
}

bool trace_shrink(struct sandbox *sandbox, const struct shrink_request *request, struct event *events, size_t count,
                  struct flight_finding *finding, struct shrink_summary *summary)
{
    double started = now_s();
    struct shrinking shrinking = {.sandbox = sandbox, .request = request, .until = started + request->seconds};
    shrinking.reduction = (struct reduction){.still_fails = still_fails, .context = &shrinking};
    size_t before = count;
    bool shrunk = count > 0 && count <= sandbox->flight->tape_capacity && comes_again(&shrinking, events, count);
    if (shrunk) {
        count = reduce(&shrinking.reduction, events, count);
        shrunk = count <= FLIGHT_TRACE && record(&shrinking, events, count, finding);
    }
    if (summary != NULL)
        *summary = (struct shrink_summary){shrinking.runs, now_s() - started, before, shrunk ? count : before};
    return shrunk;
}
