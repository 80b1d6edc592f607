#include "conformance/judging/findings.h"

#include <stdlib.h>
#include <string.h>

#include "harness/trace/text.h"

enum { FINDINGS_KEPT = 64, TRACE_TEXT = 32 << 10 };

struct finding *finding_add(struct report *report, struct clause_result *row, const struct flight_finding *seen,
                            const char *scenario)
{
    if (row->finding_count == FINDINGS_KEPT && !seen->trace_is_shrunk)
        return NULL;
    row->findings = realloc(row->findings, (row->finding_count + 1) * sizeof *row->findings);
    char *trace = calloc(1, TRACE_TEXT);
    trace_print(trace, TRACE_TEXT, seen->trace, seen->trace_length);
    size_t place = seen->trace_is_shrunk ? 0 : row->finding_count;
    memmove(&row->findings[place + 1], &row->findings[place], (row->finding_count++ - place) * sizeof *row->findings);
    row->findings[place] = (struct finding){.clause = strdup(row->id),
                                            .took.about = -1,
                                            .scenario = strdup(scenario),
                                            .seed = report->seed,
                                            .message = strdup(seen->message),
                                            .expected = strdup(seen->expected),
                                            .actual = strdup(seen->actual),
                                            .trace = trace,
                                            .whole_trace = seen->trace_is_shrunk,
                                            .reproducer = strdup("")};
    return &row->findings[place];
}

/* A whole trace tells it by its calls. Otherwise the process in which it was seen tells it. */
void finding_note_what_it_took(struct finding *finding, const struct flight_finding *seen, const struct flight *process)
{
    bool is_whole = seen->trace_is_shrunk;
    finding->took.among_threads = !is_whole && atomic_load(&process->threads) > 1;
    finding->took.refused = !is_whole && atomic_load(&process->refusals) > 0;
    finding->took.calls = is_whole ? seen->trace_length : 0;
    finding->took.about = seen->among_threads;
    memcpy(finding->took.broken_before, seen->broken_before, sizeof seen->broken_before);
    for (uint32_t i = 0; is_whole && i < seen->trace_length; i++) {
        const struct event *event = &seen->trace[i];
        finding->took.among_threads = finding->took.among_threads || event->thread != seen->trace[0].thread;
        finding->took.refused =
            finding->took.refused || event->kind == EVENT_REFUSE || event->kind == EVENT_REFUSE_ONCE;
    }
}
