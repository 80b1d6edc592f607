#include "harness/trace/shrink.h"

#include <string.h>

#include "harness/base/clock.h"
#include "harness/trace/reduce.h"

enum { CONFIRM_RUNS = 3, CONFIRM_SEEN = 2 };

/* A replay makes no call that the first run did not make. One that takes longer than this many such runs, and the time
 * of a start, is stuck. */
static const double RUNS_PATIENCE = 4, START_PATIENCE_S = 5;

/* Reducing a hang asks about it many times. It does no harm if a call is taken for hung too soon: the result is run
 * again with full patience. */
static const double IMPATIENCE = 0.1;

struct shrinking {
    struct sandbox *sandbox;
    const struct shrink_request *request;
    struct reduction reduction;
    double until;
    double patience; /* the sandbox's patience with hangs: lower while reducing */
    unsigned runs;
};

static const struct flight_finding *finding_of(const struct flight *flight, int clause)
{
    for (uint32_t i = 0; i < flight->finding_count && i < FLIGHT_FINDINGS; i++)
        if (flight->findings[i].clause == clause)
            return &flight->findings[i];
    return NULL;
}

static double deadline_s(const struct shrink_request *request)
{
    return request->first_run_s > 0 ? START_PATIENCE_S + RUNS_PATIENCE * request->first_run_s : 0;
}

/* Makes the calls in a fresh process. NULL: the clause was not broken there. */
static const struct flight_finding *run(struct shrinking *shrinking, const struct event *events, size_t count)
{
    struct sandbox *sandbox = shrinking->sandbox;
    shrinking->runs++;
    shrinking->request->ask(shrinking->request->context, sandbox);
    memcpy(flight_input(sandbox->flight), events, count * sizeof *events);
    sandbox->flight->input_length = count;
    sandbox->patience = shrinking->patience;
    sandbox->deadline_s = deadline_s(shrinking->request);
    sandbox_run(sandbox);
    sandbox->deadline_s = 0;
    return finding_of(sandbox->flight, shrinking->request->clause);
}

static bool is_spent(const struct shrinking *shrinking)
{
    return clock_now_s() >= shrinking->until ||
           (shrinking->request->runs != 0 && shrinking->runs >= shrinking->request->runs);
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

/* Does the finding come again, twice in three runs? A hang is asked about once: each takes seconds, and none comes by
 * chance. */
static bool comes_again(struct shrinking *shrinking, const struct event *events, size_t count)
{
    int seen = 0;
    for (int i = 0; i < CONFIRM_RUNS && seen < CONFIRM_SEEN && !is_spent(shrinking); i++)
        if (run(shrinking, events, count) != NULL)
            seen += shrinking->sandbox->flight->outcome == OUTCOME_HUNG ? CONFIRM_SEEN : 1;
    return seen >= CONFIRM_SEEN;
}

/* Is this the end of a thread on which nothing depends? Every replay ends a thread behind its last event. The line
 * tells the reader nothing if the thread made the last call, and ended when the finding had been made. Other ends are
 * kept: what comes next may follow from an end before it, and a late end says that the thread lived through the calls
 * of others. */
static bool is_idle_end(const struct event *tape, uint64_t at, uint64_t found_at)
{
    if (tape[at].kind != EVENT_THREAD_END || at < found_at)
        return false;
    uint64_t last = at;
    while (last > 0 && tape[last].kind == EVENT_THREAD_END)
        last--;
    return tape[last].thread == tape[at].thread;
}

/* The calls as they were made: the tape of the last run, without the verification that every replay ends with. */
static bool keep(const struct flight *flight, const struct flight_finding *seen, struct flight_finding *finding)
{
    uint64_t length = atomic_load(&flight->tape_length), kept = 0;
    if (length > 0 && length <= flight->tape_capacity && flight->tape[length - 1].kind == EVENT_VERIFY)
        length--;
    if (length > 2 * FLIGHT_TRACE)
        return false;
    struct event trace[2 * FLIGHT_TRACE];
    for (uint64_t i = 0; i < length; i++)
        if (!is_idle_end(flight->tape, i, seen->at_event))
            trace[kept++] = flight->tape[i];
    if (kept == 0 || kept > FLIGHT_TRACE)
        return false;
    *finding = *seen;
    finding->trace_length = (uint32_t)kept;
    finding->trace_is_shrunk = true;
    memcpy(finding->trace, trace, kept * sizeof *trace);
    return true;
}

/* One more run of the result, for its tape and its message. */
static bool record(struct shrinking *shrinking, const struct event *events, size_t count,
                   struct flight_finding *finding)
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
    double started = clock_now_s();
    struct shrinking shrinking = {.sandbox = sandbox, .request = request, .until = started + request->seconds};
    shrinking.reduction = (struct reduction){.still_fails = still_fails, .context = &shrinking};
    size_t before = count;
    if (count == 0 || count > sandbox->flight->tape_capacity)
        return false;
    shrinking.patience = IMPATIENCE;
    count = reduce_to_end(&shrinking.reduction, events, count);
    shrinking.patience = 0;
    bool shrunk = comes_again(&shrinking, events, count);
    if (shrunk) {
        shrinking.patience = IMPATIENCE;
        count = reduce(&shrinking.reduction, events, count);
        shrinking.patience = 0;
        shrunk = count <= FLIGHT_TRACE && record(&shrinking, events, count, finding);
    }
    if (summary != NULL)
        *summary = (struct shrink_summary){shrinking.runs, clock_now_s() - started, before, shrunk ? count : before};
    return shrunk;
}
