#include "harness/sandbox/settle.h"

#include <stdio.h>
#include <string.h>

/* Copies once: what is written to the shared record after this is not seen. */
static void copy_told(struct flight *own, const struct flight *shared)
{
    memcpy((char *)own + FLIGHT_ASKED, (const char *)shared + FLIGHT_ASKED, sizeof *own - FLIGHT_ASKED);
    own->outcome = OUTCOME_COMPLETED;
    own->took_too_long = false;
    own->detail[0] = '\0';
    atomic_store(&own->claim, 0);
}

static void copy_tape(struct sandbox *sandbox)
{
    struct flight *own = sandbox->flight;
    uint64_t length = atomic_load(&own->tape_length);
    uint64_t kept = length < sandbox->tape_capacity ? length : sandbox->tape_capacity;
    if (own->finding_count == 0 && atomic_load(&own->completed) == own->nonce && !sandbox->keeps_tape)
        return; /* nobody reads it */
    memcpy(own->tape, sandbox->shared->tape, (size_t)kept * sizeof(struct event));
    size_t sound = flight_sound_events(own->tape, (size_t)kept);
    if (sound < kept)
        atomic_store(&own->tape_length, sound);
}

static struct flight_finding *find(struct flight *flight, int32_t clause)
{
    for (uint32_t i = 0; i < flight->finding_count; i++)
        if (flight->findings[i].clause == clause)
            return &flight->findings[i];
    return NULL;
}

/* Adds a finding that the record does not have any more. Its trace is lost. */
static struct flight_finding *put_back(struct flight *flight, int32_t clause)
{
    if (flight->finding_count == FLIGHT_FINDINGS)
        return NULL;
    struct flight_finding *finding = &flight->findings[flight->finding_count++];
    *finding = (struct flight_finding){.clause = clause, .among_threads = -1, .count = 1};
    return finding;
}

/* False: the record had no such finding, or told something else. */
static bool restore(struct flight *flight, const struct heard *heard)
{
    bool agrees = true;
    for (uint32_t i = 0; i < heard->count; i++) {
        const struct said *said = &heard->said[i];
        struct flight_finding *finding = find(flight, said->clause);
        agrees = agrees && finding != NULL && memcmp(finding->message, said->message, sizeof said->message) == 0 &&
                 memcmp(finding->actual, said->actual, sizeof said->actual) == 0;
        finding = finding != NULL ? finding : put_back(flight, said->clause);
        if (finding == NULL)
            continue;
        memcpy(finding->message, said->message, sizeof finding->message);
        memcpy(finding->expected, said->expected, sizeof finding->expected);
        memcpy(finding->actual, said->actual, sizeof finding->actual);
    }
    return agrees;
}

enum record settle(struct sandbox *sandbox, const struct heard *heard)
{
    struct flight *flight = sandbox->flight;
    copy_told(flight, sandbox->shared);
    bool sound = flight_mend(flight, sandbox->tape_capacity);
    uint32_t told = flight->finding_count;
    bool counts_agree = !heard->ended || (heard->findings == told && told == heard->count);
    bool agrees = restore(flight, heard) && sound && counts_agree;
    flight->capabilities = heard->capabilities; /* they decide which clauses apply, and the record's may be false */
    bool completed = atomic_load(&flight->completed) == flight->nonce;
    copy_tape(sandbox);
    enum record record = !agrees || (heard->ended && !completed) ? RECORD_WRITTEN_OVER
                         : completed && !heard->ended            ? RECORD_UNCONFIRMED
                                                                 : RECORD_AGREES;
    atomic_store(&flight->completed, completed && record == RECORD_AGREES ? flight->nonce : 0);
    return record;
}

void settle_outcome(struct flight *flight, enum record record)
{
    if (record == RECORD_AGREES || flight->outcome == OUTCOME_CRASHED || flight->outcome == OUTCOME_HUNG ||
        flight->outcome == OUTCOME_EXITED)
        return;
    flight->outcome = OUTCOME_HARNESS_FAILED;
    snprintf(
        flight->detail, sizeof flight->detail, "%s",
        record == RECORD_WRITTEN_OVER
            ? "the flight record was written over by the candidate"
            : "the scenario's end was not confirmed: the candidate has closed the harness's descriptor, or wrote over "
              "its memory");
}
