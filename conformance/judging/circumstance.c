#include "conformance/judging/circumstance.h"

#include <fnmatch.h>

#include "conformance/judging/kept.h"

enum { MOST_STEPS = 5, CALLS_MORE = 64 };

enum circumstance {
    CIRCUMSTANCE_NONE,
    CIRCUMSTANCE_REFUSAL,
    CIRCUMSTANCE_THREADS,
    CIRCUMSTANCE_OLD_SIZE,
    CIRCUMSTANCE_SHRUNK,
    CIRCUMSTANCE_EARLY,
    CIRCUMSTANCE_SMALL_STACKS,
};

/* One run that ended untimely, with its calls. */
struct ended {
    const struct suite_job *job;
    struct sandbox *sandbox;
    const struct scenario *scenario;
    const struct event *tape;
    size_t length;
    uint64_t calls;   /* of all threads, recorded or not */
    bool is_parallel; /* it had several threads: a replay of its tape makes them take turns */
};

static enum circumstance circumstance_of(const char *clause_id)
{
    static const struct {
        const char *glob;
        enum circumstance circumstance;
    } rows[] = {
        {"exhaustion/*", CIRCUMSTANCE_REFUSAL},   {"threads/*-stacks", CIRCUMSTANCE_SMALL_STACKS},
        {"threads/*", CIRCUMSTANCE_THREADS},      {"*/old-size-range", CIRCUMSTANCE_OLD_SIZE},
        {"in-place/shrunk", CIRCUMSTANCE_SHRUNK}, {"early/*", CIRCUMSTANCE_EARLY},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (fnmatch(rows[i].glob, clause_id, 0) == 0)
            return rows[i].circumstance;
    return CIRCUMSTANCE_NONE;
}

static bool is_needed_without(enum circumstance circumstance, const struct event *event)
{
    bool is_refusal = event->kind == EVENT_REFUSE || event->kind == EVENT_REFUSE_ONCE;
    bool is_stack = event->kind == EVENT_SETTING && event->align_log2 == SETTING_STACK;
    return !(circumstance == CIRCUMSTANCE_REFUSAL && is_refusal) &&
           !(circumstance == CIRCUMSTANCE_SMALL_STACKS && is_stack) &&
           !(circumstance == CIRCUMSTANCE_THREADS && event->kind == EVENT_THREAD_END);
}

/* The event without the circumstance. A call that resizes in place is replaced by an allocation, so that the number of
 * calls stays the same. */
static struct event event_without(enum circumstance circumstance, struct event event, uint32_t *spare_block)
{
    if (circumstance == CIRCUMSTANCE_THREADS)
        event.thread = 0;
    if (circumstance == CIRCUMSTANCE_OLD_SIZE)
        event.old_size_place = OLD_SIZE_REQUESTED;
    if (circumstance == CIRCUMSTANCE_SHRUNK && event.kind == OP_REALLOCATE_INPLACE)
        event =
            (struct event){.kind = OP_ALLOCATE, .thread = event.thread, .block = --*spare_block, .size = event.size};
    return event;
}

static void ask(const struct ended *ended, enum circumstance circumstance)
{
    job_ask(ended->job, ended->sandbox, ended->scenario);
    ended->sandbox->flight->grants_all = circumstance == CIRCUMSTANCE_REFUSAL;
}

/* The finding that tells how the process just run came to its untimely end; NULL: it came to none. */
static const struct flight_finding *end_of(const struct flight *flight)
{
    bool is_untimely =
        flight->outcome == OUTCOME_CRASHED || flight->outcome == OUTCOME_HUNG || flight->outcome == OUTCOME_EXITED;
    for (uint32_t i = 0; is_untimely && i < flight->finding_count && i < FLIGHT_FINDINGS; i++)
        if (flight->findings[i].is_end)
            return &flight->findings[i];
    return NULL;
}

/* Makes the recorded calls once more. All of them are made in main, also those that came before a constructor. */
static const struct flight_finding *run_tape(const struct ended *ended, enum circumstance circumstance)
{
    struct flight *flight = ended->sandbox->flight;
    uint32_t spare_block = UINT32_MAX;
    size_t count = 0;
    if (ended->length == 0)
        return NULL;
    ask(ended, circumstance);
    for (size_t i = 0; i < ended->length; i++)
        if (is_needed_without(circumstance, &ended->tape[i]))
            flight_input(flight)[count++] = event_without(circumstance, ended->tape[i], &spare_block);
    flight->input_length = count;
    if (count > 0)
        sandbox_run(ended->sandbox);
    return count > 0 ? end_of(flight) : NULL;
}

/* Runs the scenario itself once more. `alone`: one thread makes as many calls as all of them did. */
static const struct flight_finding *run_scenario(const struct ended *ended, enum circumstance circumstance, bool alone)
{
    ask(ended, circumstance);
    if (alone)
        ended->sandbox->flight->alone_calls = ended->calls + CALLS_MORE;
    sandbox_run(ended->sandbox);
    return end_of(ended->sandbox->flight);
}

static const struct flight_finding *run_without(const struct ended *ended, enum circumstance circumstance)
{
    const struct flight_finding *seen = run_tape(ended, circumstance);
    if (seen == NULL && circumstance == CIRCUMSTANCE_REFUSAL && ended->is_parallel)
        seen = run_scenario(ended, circumstance, false);
    bool may_be_alone =
        circumstance == CIRCUMSTANCE_THREADS || (circumstance == CIRCUMSTANCE_REFUSAL && ended->is_parallel);
    return seen == NULL && may_be_alone ? run_scenario(ended, circumstance, true) : seen;
}

/* Did the calls break another law in main, before they could come to the same end? Then they were wrong at any time. */
static bool is_wrong_at_any_time(const struct ended *ended, enum circumstance circumstance)
{
    const struct flight *flight = ended->sandbox->flight;
    return circumstance == CIRCUMSTANCE_EARLY && flight->outcome == OUTCOME_COMPLETED && flight->finding_count > 0;
}

/* Tries the circumstances one after another, until the process ends well without one or there is none left. */
static void correct(const struct ended *ended, struct flight_finding *finding)
{
    for (int step = 0; step < MOST_STEPS; step++) {
        int clause = finding->clause;
        enum circumstance circumstance = circumstance_of(contract_clause((size_t)clause)->id);
        const struct flight_finding *seen = circumstance == CIRCUMSTANCE_NONE ? NULL : run_without(ended, circumstance);
        if (seen == NULL && ended->length > 0 && is_wrong_at_any_time(ended, circumstance))
            finding->clause = ended->sandbox->flight->returns_clause;
        if (seen == NULL || seen->clause == clause)
            return;
        uint64_t at_event = finding->at_event;
        *finding = *seen;
        finding->at_event = at_event; /* of the tape that is kept */
        int threads = contract_clause_index("threads/concurrent");
        if (circumstance == CIRCUMSTANCE_SMALL_STACKS && threads >= 0)
            finding->clause = threads; /* no matter how much stack: with threads, until it is seen without */
    }
}

static uint64_t calls_of(const struct flight *flight)
{
    uint64_t sum = 0;
    for (int slot = 0; slot < FLIGHT_THREADS; slot++)
        sum += atomic_load(&flight->slots[slot].calls);
    return sum;
}

void circumstance_try_without(const struct suite_job *job, struct sandbox *sandbox, const struct scenario *scenario)
{
    struct flight *flight = sandbox->flight;
    struct kept kept;
    const struct flight_finding *end = end_of(flight);
    if (end == NULL || circumstance_of(contract_clause((size_t)end->clause)->id) == CIRCUMSTANCE_NONE)
        return;
    size_t index = (size_t)(end - flight->findings);
    if (!kept_take(&kept, sandbox))
        return;
    struct ended ended = {
        job, sandbox, scenario, kept.tape, kept.length, calls_of(flight), atomic_load(&flight->threads) > 1};
    correct(&ended, &kept.flight->findings[index]);
    kept_restore(&kept, sandbox);
}
