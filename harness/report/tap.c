/* TAP version 13 (not 14: prove of Perl 5.36 refuses that): plan first, a test a candidate and clause. */
#include <stdlib.h>
#include <string.h>

#include "harness/report/report.h"
#include "harness/report/utf8.h"

/* As a YAML double-quoted scalar on one line. */
static void print_quoted(FILE *out, const char *text)
{
    char *clean = utf8_clean(text);
    fputc('"', out);
    for (const char *at = clean; *at != '\0'; at++) {
        if (*at == '"' || *at == '\\')
            fputc('\\', out);
        if (*at == '\n')
            fputs("\\n", out);
        else if (*at == '\t')
            fputs("\\t", out);
        else
            fputc(*at, out);
    }
    fputc('"', out);
    free(clean);
}

static void print_field(FILE *out, const char *key, const char *text)
{
    fprintf(out, "  %s: ", key);
    print_quoted(out, text);
    fputc('\n', out);
}

static void print_details(FILE *out, const struct clause_result *clause)
{
    fputs("  ---\n", out);
    print_field(out, "statement", clause->statement);
    if (clause->finding_count > 0) {
        print_field(out, "message", clause->findings[0].message);
        print_field(out, "expected", clause->findings[0].expected);
        print_field(out, "actual", clause->findings[0].actual);
        print_field(out, "trace", clause->findings[0].trace);
    }
    fputs("  ...\n", out);
}

/* `#` begins a directive: in a description it is escaped. */
static void print_escaped(FILE *out, const char *text)
{
    char *clean = utf8_clean(text);
    for (const char *at = clean; *at != '\0'; at++) {
        if (*at == '#' || *at == '\\')
            fputc('\\', out);
        fputc(*at == '\n' ? ' ' : *at, out);
    }
    free(clean);
}

static void print_test(FILE *out, const struct report *report, const struct clause_result *clause, size_t number)
{
    bool open = clause->verdict == CLAUSE_NOT_EXERCISED;
    bool fine = clause->verdict != CLAUSE_VIOLATED && clause->verdict != CLAUSE_WAIVED && !(open && clause->required);
    fprintf(out, "%s %zu - ", fine ? "ok" : "not ok", number);
    print_escaped(out, report->path);
    fputc(' ', out);
    print_escaped(out, clause->id);
    if (clause->verdict == CLAUSE_WAIVED || (clause->verdict == CLAUSE_VIOLATED && clause->level != LEVEL_MUST && report->level == LEVEL_MUST)) {
        fputs(" # TODO ", out);
        print_escaped(out, clause->verdict == CLAUSE_WAIVED && clause->note != NULL ? clause->note : "quality, moves no verdict");
    } else if (clause->verdict == CLAUSE_NOT_APPLICABLE || (open && !clause->required)) {
        fputs(" # SKIP ", out);
        print_escaped(out, clause->note != NULL ? clause->note : "not exercised");
    }
    fputc('\n', out);
    if (!fine)
        print_details(out, clause);
}

void reports_tap(FILE *out, const struct report *reports, size_t count)
{
    size_t tests = 0, number = 0;
    for (size_t i = 0; i < count; i++)
        tests += reports[i].clause_count > 0 ? reports[i].clause_count + (reports[i].verdict == VERDICT_UNDECIDED) : 1;
    fprintf(out, "TAP version 13\n1..%zu\n", tests);
    for (size_t i = 0; i < count; i++) {
        for (size_t c = 0; c < reports[i].clause_count; c++)
            print_test(out, &reports[i], &reports[i].clauses[c], ++number);
        if (reports[i].clause_count > 0 && reports[i].verdict != VERDICT_UNDECIDED)
            continue;
        fprintf(out, "not ok %zu - ", ++number);
        print_escaped(out, reports[i].path);
        fprintf(out, " %s\n  ---\n", verdict_name(reports[i].verdict));
        print_field(out, "reason", reports[i].reason);
        fputs("  ...\n", out);
    }
}
