#include "conformance/judging/findings.h"

#include <stdlib.h>
#include <string.h>

#include "harness/trace/text.h"

enum { FINDINGS_KEPT = 64, TRACE_TEXT = 32 << 10 };

void finding_add(struct report *report, struct clause_result *row, const struct flight_finding *seen,
                 const char *scenario, char *reproducer)
{
    if (row->finding_count == FINDINGS_KEPT && !seen->trace_is_shrunk) {
        free(reproducer);
        return;
    }
    row->findings = realloc(row->findings, (row->finding_count + 1) * sizeof *row->findings);
    char *trace = calloc(1, TRACE_TEXT);
    trace_print(trace, TRACE_TEXT, seen->trace, seen->trace_length);
    size_t place = seen->trace_is_shrunk ? 0 : row->finding_count;
    memmove(&row->findings[place + 1], &row->findings[place],
            (row->finding_count++ - place) * sizeof *row->findings);
    row->findings[place] = (struct finding){.clause = strdup(row->id),
                                            .scenario = strdup(scenario),
                                            .seed = report->seed,
                                            .message = strdup(seen->message),
                                            .expected = strdup(seen->expected),
                                            .actual = strdup(seen->actual),
                                            .trace = trace,
                                            .whole_trace = seen->trace_is_shrunk,
                                            .reproducer = reproducer};
}
