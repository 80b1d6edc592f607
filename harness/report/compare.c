/* Side by side: a row for each clause, a column for each report. What is behind a cell stands in the report itself. */
#include <stdlib.h>
#include <string.h>

#include "harness/report/report.h"
#include "harness/base/utf8.h"

/* NULL: the report does not speak of it. */
static const struct clause_result *find_clause(const struct report *report, const char *id)
{
    for (size_t i = 0; i < report->clause_count; i++)
        if (strcmp(report->clauses[i].id, id) == 0)
            return &report->clauses[i];
    return NULL;
}

static const char *verdict_in(const struct report *report, const char *id)
{
    const struct clause_result *clause = find_clause(report, id);
    return clause == NULL ? "-" : clause_verdict_name(clause->verdict);
}

/* Each clause has one row, at its place in the first report that has it. */
static bool was_before(const struct report *reports, size_t report, const char *id)
{
    for (size_t i = 0; i < report; i++)
        if (find_clause(&reports[i], id) != NULL)
            return true;
    return false;
}

static bool differs(const struct report *reports, size_t count, const char *id)
{
    for (size_t i = 1; i < count; i++)
        if (strcmp(verdict_in(&reports[0], id), verdict_in(&reports[i], id)) != 0)
            return true;
    return false;
}

static int widest_id(const struct report *reports, size_t count)
{
    size_t widest = strlen("verdict");
    for (size_t i = 0; i < count; i++)
        for (size_t c = 0; c < reports[i].clause_count; c++)
            if (strlen(reports[i].clauses[c].id) > widest)
                widest = strlen(reports[i].clauses[c].id);
    return (int)widest;
}

static void print_legend(FILE *out, const struct report *reports, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *path = utf8_clean(reports[i].path), *binding = utf8_clean(reports[i].binding),
             *reason = utf8_clean(reports[i].reason);
        fprintf(out, "[%zu] %s (%s%s%s): %s; %s\n", i + 1, path, binding, binding[0] == '\0' ? "" : ", ",
                reports[i].platform, verdict_name(reports[i].verdict), reason);
        free(path);
        free(binding);
        free(reason);
    }
}

static void print_head(FILE *out, size_t count, int width)
{
    char number[32];
    fprintf(out, "\n%-*s  %-8s", width, "", "");
    for (size_t i = 0; i < count; i++) {
        snprintf(number, sizeof number, "[%zu]", i + 1);
        fprintf(out, i + 1 < count ? "  %-14s" : "  %s", number);
    }
    fputc('\n', out);
}

static void print_row(FILE *out, const struct report *reports, size_t count, const struct clause_result *clause,
                      int width)
{
    fprintf(out, "%-*s  %-8s", width, clause->id, level_name(clause->level));
    for (size_t i = 0; i < count; i++)
        fprintf(out, i + 1 < count ? "  %-14s" : "  %s", verdict_in(&reports[i], clause->id));
    fputc('\n', out);
}

static void print_verdicts(FILE *out, const struct report *reports, size_t count, int width)
{
    fprintf(out, "\n%-*s  %-8s", width, "verdict", "");
    for (size_t i = 0; i < count; i++)
        fprintf(out, i + 1 < count ? "  %-14s" : "  %s", verdict_name(reports[i].verdict));
    fputc('\n', out);
}

void reports_compare(FILE *out, const struct report *reports, size_t count, bool differences)
{
    int width = widest_id(reports, count);
    print_legend(out, reports, count);
    print_head(out, count, width);
    for (size_t i = 0; i < count; i++)
        for (size_t c = 0; c < reports[i].clause_count; c++) {
            const struct clause_result *clause = &reports[i].clauses[c];
            if (!was_before(reports, i, clause->id) && (!differences || differs(reports, count, clause->id)))
                print_row(out, reports, count, clause, width);
        }
    print_verdicts(out, reports, count, width);
}
