#include "harness/sandbox/flight.h"

#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/prng.h"
#include "harness/base/utf8.h"
#include "harness/candidate/c_function.h"
#include "harness/sandbox/channel.h"

/* The handler of a crash reads it, on whichever thread: it must not be allocated on first use. */
__thread int flight_thread __attribute__((tls_model("initial-exec")));

const char *flight_outcome_name(enum flight_outcome outcome)
{
    static const char *const names[] = {
        [OUTCOME_COMPLETED] = "completed",
        [OUTCOME_CRASHED] = "crashed",
        [OUTCOME_HUNG] = "hung",
        [OUTCOME_EXITED] = "exited",
        [OUTCOME_NOT_LOADED] = "not-loaded",
        [OUTCOME_HARNESS_FAILED] = "harness-failed",
    };
    return (unsigned)outcome < sizeof names / sizeof *names ? names[outcome] : "?";
}

void flight_blame_none(struct flight *flight)
{
    for (int i = 0; i < FLIGHT_THREADS; i++) {
        struct flight_slot *slot = &flight->slots[i];
        slot->touch_clause = slot->touch_slack_clause = slot->crash_clause = slot->hang_clause = slot->refused_clause =
            -1;
    }
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

/* Keeps the last events before now. A reader sees them unless a shorter sequence is found. */
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

static uint64_t seal_bytes(uint64_t seal, const void *bytes, size_t size)
{
    for (size_t at = 0; at < size; at += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, (const char *)bytes + at, sizeof word);
        seal = prng_mix(seal + word);
    }
    return seal;
}

uint64_t flight_seal_finding(uint64_t nonce, const struct flight_finding *finding)
{
    uint64_t seal = prng_mix(nonce + (uint64_t)(uint32_t)finding->clause);
    seal = seal_bytes(seal, finding->message, sizeof finding->message);
    seal = seal_bytes(seal, finding->expected, sizeof finding->expected);
    return seal_bytes(seal, finding->actual, sizeof finding->actual);
}

static void write_finding(struct flight *flight, int clause, const char *message, const char *expected,
                          const char *actual)
{
    struct flight_finding *finding = find(flight, clause);
    if (finding == NULL && flight->finding_count < FLIGHT_FINDINGS) {
        finding = &flight->findings[flight->finding_count];
        finding->clause = clause;
        finding->among_threads = -1;
        snprintf(finding->message, sizeof finding->message, "%s", message);
        snprintf(finding->expected, sizeof finding->expected, "%s", expected);
        snprintf(finding->actual, sizeof finding->actual, "%s", actual);
        finding->seal = flight_seal_finding(flight->nonce, finding);
        keep_recent_events(flight, finding);
        keep_earlier_breaches(flight, finding);
        flight->finding_count++;
        channel_say_finding(finding);
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

/* What the child told may end in a terminal. */
static void clean(char *text, size_t size, bool keeps_lines)
{
    text[size - 1] = '\0';
    utf8_clean_here(text, keeps_lines);
}

/* A clause that may be missing (-1). */
static bool mend_clause(int32_t *clause)
{
    bool sound = *clause == -1 || is_clause(*clause);
    *clause = sound ? *clause : -1;
    return sound;
}

static bool mend_finding(const struct flight *flight, struct flight_finding *finding)
{
    bool sound = finding->trace_length <= FLIGHT_TRACE && finding->seal == flight_seal_finding(flight->nonce, finding);
    sound = mend_clause(&finding->among_threads) && sound;
    clean(finding->message, sizeof finding->message, true);
    clean(finding->expected, sizeof finding->expected, true);
    clean(finding->actual, sizeof finding->actual, true);
    finding->trace_length = finding->trace_length < FLIGHT_TRACE ? finding->trace_length : FLIGHT_TRACE;
    finding->trace_length = (uint32_t)flight_sound_events(finding->trace, finding->trace_length);
    finding->trace_is_shrunk = finding->is_end = false; /* the supervisor says so later */
    return sound;
}

static bool mend_findings(struct flight *flight)
{
    uint32_t kept = 0;
    bool sound = flight->finding_count <= FLIGHT_FINDINGS;
    for (uint32_t i = 0; i < flight->finding_count && i < FLIGHT_FINDINGS; i++) {
        sound = sound && is_clause(flight->findings[i].clause);
        if (!is_clause(flight->findings[i].clause))
            continue;
        flight->findings[kept] = flight->findings[i];
        sound = mend_finding(flight, &flight->findings[kept++]) && sound;
    }
    flight->finding_count = kept;
    return sound;
}

static bool mend_counts(struct flight *flight)
{
    bool sound = true;
    for (int clause = 0; clause < FLIGHT_CLAUSES; clause++) {
        uint64_t count = flight_count(flight, clause), told = atomic_load(&flight->exercised[clause]);
        bool holds = told == 0 || told == flight_sealed(flight, clause, count);
        atomic_store(&flight->exercised[clause], holds ? count : 0);
        sound = sound && holds;
    }
    return sound;
}

enum { CALLS = OPERATIONS + C_FUNCTIONS }; /* that a slot may name: C's functions come after the six operations */

static bool mend_slot(struct flight_slot *slot)
{
    bool sound = slot->operation < CALLS;
    int32_t *blamed[] = {&slot->touch_clause, &slot->touch_slack_clause, &slot->crash_clause, &slot->hang_clause,
                         &slot->refused_clause};
    for (size_t i = 0; i < sizeof blamed / sizeof *blamed; i++)
        sound = mend_clause(blamed[i]) && sound;
    slot->operation = slot->operation < CALLS ? slot->operation : 0;
    return sound;
}

bool flight_mend(struct flight *flight, uint64_t tape_capacity)
{
    atomic_store(&flight->finding_lock, 0);
    flight->tape_capacity = tape_capacity;
    bool sound = mend_findings(flight);
    sound = mend_counts(flight) && sound;
    for (int clause = 0; clause < FLIGHT_CLAUSES; clause++)
        clean(flight->observed[clause], sizeof flight->observed[clause], false);
    for (int slot = 0; slot < FLIGHT_THREADS; slot++)
        sound = mend_slot(&flight->slots[slot]) && sound;
    sound = sound && flight->fault.slot >= 0 && flight->fault.slot < FLIGHT_THREADS;
    if (flight->fault.slot < 0 || flight->fault.slot >= FLIGHT_THREADS)
        flight->fault.slot = 0;
    clean(flight->setup_error, sizeof flight->setup_error, false);
    return sound;
}

static bool is_sound_event(const struct event *event)
{
    return event->kind < EVENT_KINDS && event->align_log2 < 64 && event->old_size_place <= OLD_SIZE_WITHIN &&
           event->thread < FLIGHT_THREADS;
}

size_t flight_sound_events(const struct event *events, size_t count)
{
    size_t sound = 0;
    while (sound < count && is_sound_event(&events[sound]))
        sound++;
    return sound;
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
