#include "harness/sandbox/flight.h"

#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Read by the handler of a crash, on whichever thread: no allocation behind it. */
__thread int flight_thread __attribute__((tls_model("initial-exec")));

const char *flight_outcome_name(enum flight_outcome outcome)
{
    static const char *const names[] = {
        [OUTCOME_COMPLETED] = "completed",   [OUTCOME_CRASHED] = "crashed",
        [OUTCOME_HUNG] = "hung",             [OUTCOME_EXITED] = "exited",
        [OUTCOME_NOT_LOADED] = "not-loaded", [OUTCOME_HARNESS_FAILED] = "harness-failed",
    };
    return (unsigned)outcome < sizeof names / sizeof *names ? names[outcome] : "?";
}

static void lock(_Atomic uint32_t *lock)
{
    while (atomic_exchange_explicit(lock, 1, memory_order_acquire) != 0)
        sched_yield();
}

static struct flight_finding *find(struct flight *flight, int clause)
{
    for (uint32_t i = 0; i < flight->finding_count; i++)
        if (flight->findings[i].clause == clause)
            return &flight->findings[i];
    return NULL;
}

/* The last events before now: what a reader sees unless a shorter sequence is found. */
static void keep_recent_events(struct flight *flight, struct flight_finding *finding)
{
    uint64_t length = atomic_load(&flight->tape_length);
    uint64_t kept = length < flight->tape_capacity ? length : flight->tape_capacity;
    uint64_t count = kept < 12 ? kept : 12;
    finding->at_event = length;
    finding->trace_length = (uint32_t)count;
    memcpy(finding->trace, flight->tape + (kept - count), count * sizeof(struct event));
}

static void keep_earlier_breaches(const struct flight *flight, struct flight_finding *finding)
{
    for (uint32_t i = 0; i < flight->finding_count && i < FLIGHT_FINDINGS; i++) {
        uint32_t clause = (uint32_t)flight->findings[i].clause;
        if (clause < FLIGHT_CLAUSES)
            finding->broken_before[clause / 32] |= 1u << clause % 32;
    }
}

static void write_finding(struct flight *flight, int clause, const char *message, const char *expected,
                          const char *actual)
{
    struct flight_finding *finding = find(flight, clause);
    if (finding == NULL && flight->finding_count < FLIGHT_FINDINGS) {
        finding = &flight->findings[flight->finding_count];
        finding->clause = clause;
        snprintf(finding->message, sizeof finding->message, "%s", message);
        snprintf(finding->expected, sizeof finding->expected, "%s", expected);
        snprintf(finding->actual, sizeof finding->actual, "%s", actual);
        keep_recent_events(flight, finding);
        keep_earlier_breaches(flight, finding);
        flight->finding_count++;
    }
    if (finding != NULL)
        finding->count++;
}

void flight_violated(struct flight *flight, int clause, const char *message, const char *expected, const char *actual)
{
    if (clause < 0)
        return;
    lock(&flight->finding_lock);
    write_finding(flight, clause, message, expected, actual);
    atomic_store_explicit(&flight->finding_lock, 0, memory_order_release);
}

static bool is_clause(int32_t clause) { return clause >= 0 && clause < FLIGHT_CLAUSES; }

static void mend_finding(struct flight_finding *finding)
{
    finding->message[sizeof finding->message - 1] = '\0';
    finding->expected[sizeof finding->expected - 1] = '\0';
    finding->actual[sizeof finding->actual - 1] = '\0';
    finding->trace_length = finding->trace_length < FLIGHT_TRACE ? finding->trace_length : FLIGHT_TRACE;
}

void flight_mend(struct flight *flight, uint64_t tape_capacity)
{
    uint32_t kept = 0;
    atomic_store(&flight->finding_lock, 0);
    flight->tape_capacity = tape_capacity;
    for (uint32_t i = 0; i < flight->finding_count && i < FLIGHT_FINDINGS; i++) {
        if (!is_clause(flight->findings[i].clause))
            continue;
        flight->findings[kept] = flight->findings[i];
        mend_finding(&flight->findings[kept++]);
    }
    flight->finding_count = kept;
    for (int clause = 0; clause < FLIGHT_CLAUSES; clause++)
        flight->observed[clause][sizeof flight->observed[clause] - 1] = '\0';
    for (int slot = 0; slot < FLIGHT_THREADS; slot++) {
        struct flight_slot *one = &flight->slots[slot];
        int32_t *blamed[] = {&one->touch_clause, &one->touch_slack_clause, &one->crash_clause};
        for (size_t i = 0; i < sizeof blamed / sizeof *blamed; i++)
            *blamed[i] = is_clause(*blamed[i]) ? *blamed[i] : -1;
        one->hang_clause_plus_1 = is_clause(one->hang_clause_plus_1 - 1) ? one->hang_clause_plus_1 : 0;
        one->refused_clause_plus_1 = is_clause(one->refused_clause_plus_1 - 1) ? one->refused_clause_plus_1 : 0;
    }
    if (flight->fault.slot < 0 || flight->fault.slot >= FLIGHT_THREADS)
        flight->fault.slot = 0;
    flight->setup_error[sizeof flight->setup_error - 1] = '\0';
}

void flight_observe(struct flight *flight, int clause, const char *format, ...)
{
    if (clause < 0 || flight->observed[clause][0] != '\0')
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(flight->observed[clause], sizeof flight->observed[clause], format, arguments);
    va_end(arguments);
}

struct event *flight_tape(struct flight *flight, const struct event *event)
{
    uint64_t at = atomic_fetch_add_explicit(&flight->tape_length, 1, memory_order_relaxed);
    if (at >= flight->tape_capacity)
        return NULL;
    flight->tape[at] = *event;
    return &flight->tape[at];
}
