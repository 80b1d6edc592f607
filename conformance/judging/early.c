#include "conformance/judging/early.h"

#include <stdlib.h>
#include <string.h>

/* Makes the first `count` calls once more, all of them in main. Returns the clause to charge, -1 where nothing was
 * broken: the clause of the process's end, or abi/returns where it broke another law before it could come to that
 * end. */
static int32_t clause_in_main(const struct suite_job *job, struct sandbox *sandbox, const struct scenario *scenario,
                              const struct event *events, size_t count)
{
    struct flight *flight = sandbox->flight;
    suites_ask(job, sandbox, scenario);
    memcpy(flight_input(flight), events, count * sizeof *events);
    flight->input_length = count;
    sandbox_run(sandbox);
    if (flight->finding_count == 0)
        return -1;
    bool ended = flight->outcome == OUTCOME_COMPLETED;
    return ended ? flight->returns_clause : flight->findings[flight->finding_count - 1].clause;
}

/* The finding about the process's end; NULL: it has another clause, which is true at any time. */
static struct flight_finding *early_end(struct flight *flight)
{
    struct flight_finding *last = flight->finding_count > 0 ? &flight->findings[flight->finding_count - 1] : NULL;
    bool early = last != NULL && (contract_clause((size_t)last->clause)->needs & NEEDS_EARLY_CALLS) != 0;
    return early ? last : NULL;
}

void early_confirm(const struct suite_job *job, struct sandbox *sandbox, const struct scenario *scenario)
{
    struct flight *flight = sandbox->flight;
    size_t length = (size_t)atomic_load(&flight->tape_length);
    length = length < flight->tape_capacity ? length : (size_t)flight->tape_capacity;
    if (early_end(flight) == NULL || length == 0)
        return;
    struct flight *kept = malloc(sizeof *kept);
    struct event *events = malloc(length * sizeof *events);
    if (kept != NULL && events != NULL) {
        memcpy(kept, flight, sizeof *kept);
        memcpy(events, flight->tape, length * sizeof *events);
        struct flight_finding *end = early_end(kept);
        size_t count = end->at_event < length ? (size_t)end->at_event : length;
        int32_t clause = clause_in_main(job, sandbox, scenario, events, count);
        end->clause = clause >= 0 ? clause : end->clause;
        memcpy(flight, kept, sizeof *kept);
        memcpy(flight->tape, events, length * sizeof *events);
    }
    free(events);
    free(kept);
}
