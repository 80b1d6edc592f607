#include "conformance/judging/early.h"

#include <stdlib.h>
#include <string.h>

/* The first `count` events once more, all of them in main. Returns the first clause that they break there; -1: none. */
static int32_t clause_in_main(const struct suite_job *job, struct sandbox *sandbox, const struct scenario *scenario,
                              const struct event *events, size_t count)
{
    suites_ask(job, sandbox, scenario);
    memcpy(flight_input(sandbox->flight), events, count * sizeof *events);
    sandbox->flight->input_length = count;
    sandbox_run(sandbox);
    return sandbox->flight->finding_count > 0 ? sandbox->flight->findings[0].clause : -1;
}

void early_confirm(const struct suite_job *job, struct sandbox *sandbox, const struct scenario *scenario)
{
    struct flight *flight = sandbox->flight;
    size_t length = (size_t)atomic_load(&flight->tape_length);
    length = length < flight->tape_capacity ? length : (size_t)flight->tape_capacity;
    if (scenario->early == NULL || flight->finding_count == 0 || length == 0)
        return;
    struct flight *kept = malloc(sizeof *kept);
    struct event *events = malloc(length * sizeof *events);
    if (kept != NULL && events != NULL) {
        memcpy(kept, flight, sizeof *kept);
        memcpy(events, flight->tape, length * sizeof *events);
        struct flight_finding *last = &kept->findings[kept->finding_count - 1]; /* the end of the process, where it is one */
        int32_t clause = clause_in_main(job, sandbox, scenario, events, last->at_event < length ? (size_t)last->at_event : length);
        if (clause >= 0)
            last->clause = clause;
        memcpy(flight, kept, sizeof *kept);
        memcpy(flight->tape, events, length * sizeof *events);
    }
    free(events);
    free(kept);
}
