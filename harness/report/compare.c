/* Side by side: a row a clause, a column a report. */
#include <string.h>

#include "harness/report/report.h"

static const char *verdict_in(const struct report *report, const char *id)
{
    for (size_t i = 0; i < report->clause_count; i++)
        if (strcmp(report->clauses[i].id, id) == 0)
            return clause_verdict_name(report->clauses[i].verdict);
    return "-";
}

/* Is this the first report that has the clause? Each clause is one row. */
static bool is_first(const struct report *reports, size_t report, const char *id)
{
    for (size_t i = 0; i < report; i++)
        if (strcmp(verdict_in(&reports[i], id), "-") != 0)
            return false;
    return true;
}

static bool differs(const struct report *reports, size_t count, const char *id)
{
    for (size_t i = 1; i < count; i++)
        if (strcmp(verdict_in(&reports[0], id), verdict_in(&reports[i], id)) != 0)
            return true;
    return false;
}

static void print_row(FILE *out, const struct report *reports, size_t count, const char *id)
{
    fprintf(out, "%-28s", id);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "  %-14s", verdict_in(&reports[i], id));
    fputc('\n', out);
}

static void print_legend(FILE *out, const struct report *reports, size_t count)
{
    for (size_t i = 0; i < count; i++)
        fprintf(out, "[%zu] %s (%s, %s): %s\n", i + 1, reports[i].path, reports[i].binding, reports[i].platform,
                verdict_name(reports[i].verdict));
    fprintf(out, "\n%-28s", "clause");
    for (size_t i = 0; i < count; i++)
        fprintf(out, "  [%zu]%*s", i + 1, i + 1 < 10 ? 11 : 10, "");
    fputc('\n', out);
}

void reports_compare(FILE *out, const struct report *reports, size_t count, bool differences)
{
    print_legend(out, reports, count);
    for (size_t i = 0; i < count; i++)
        for (size_t c = 0; c < reports[i].clause_count; c++) {
            const char *id = reports[i].clauses[c].id;
            if (is_first(reports, i, id) && (!differences || differs(reports, count, id)))
                print_row(out, reports, count, id);
        }
}
