/* TAP version 13 (not 14: prove of Perl 5.36 refuses that): plan first, a test a candidate and clause, and
 * one for the verdict where no clause says it. */
#include <stdlib.h>
#include <string.h>

#include "harness/report/report.h"
#include "harness/base/utf8.h"

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
    fprintf(out, "%s: ", key);
    print_quoted(out, text);
    fputc('\n', out);
}

static void print_finding(FILE *out, const struct finding *finding)
{
    print_field(out, "    - message", finding->message);
    print_field(out, "      expected", finding->expected);
    print_field(out, "      actual", finding->actual);
    print_field(out, "      scenario", finding->scenario);
    fprintf(out, "      seed: %llu\n", (unsigned long long)finding->seed);
    print_field(out, "      trace", finding->trace);
    print_field(out, "      reproducer", finding->reproducer);
}

static void print_details(FILE *out, const struct clause_result *clause)
{
    fputs("  ---\n", out);
    print_field(out, "  clause", clause->id);
    print_field(out, "  level", level_name(clause->level));
    print_field(out, "  verdict", clause_verdict_name(clause->verdict));
    print_field(out, "  statement", clause->statement);
    if (clause->finding_count > 0)
        fputs("  findings:\n", out);
    for (size_t i = 0; i < clause->finding_count; i++)
        print_finding(out, &clause->findings[i]);
    fputs("  ...\n", out);
}

/* `#` begins a directive: in a description it is escaped. */
static void print_escaped(FILE *out, const char *text)
{
    char *clean = utf8_clean(text);
    for (const char *at = clean; *at != '\0'; at++) {
        if (*at == '#' || *at == '\\')
            fputc('\\', out);
        fputc(*at == '\n' || *at == '\t' ? ' ' : *at, out);
    }
    free(clean);
}

static void print_name(FILE *out, const struct report *report, const char *rest)
{
    print_escaped(out, report->path);
    if (report->binding[0] != '\0') {
        fputs(" (", out);
        print_escaped(out, report->binding);
        fputc(')', out);
    }
    fputc(' ', out);
    print_escaped(out, rest);
}

static void print_directive(FILE *out, const char *directive, const char *note, const char *otherwise)
{
    fprintf(out, " # %s ", directive);
    print_escaped(out, note == NULL ? otherwise : note);
}

static void print_test(FILE *out, const struct report *report, const struct clause_result *clause,
                       size_t number)
{
    enum standing standing = clause_standing(report, clause);
    bool broken = clause->verdict == CLAUSE_VIOLATED || clause->verdict == CLAUSE_WAIVED;
    fprintf(out, "%s %zu - ", broken || standing == STANDING_OPEN ? "not ok" : "ok", number);
    print_name(out, report, clause->id);
    if (clause->verdict == CLAUSE_WAIVED)
        print_directive(out, "TODO waived:", clause->note, "");
    else if (broken && standing == STANDING_ASIDE)
        print_directive(out, "TODO", NULL, "quality, moves no verdict");
    else if (clause->verdict == CLAUSE_NOT_APPLICABLE)
        print_directive(out, "SKIP not applicable:", clause->note, "");
    else if (clause->verdict == CLAUSE_NOT_EXERCISED && standing == STANDING_ASIDE)
        print_directive(out, "SKIP", clause->note, "not exercised");
    fputc('\n', out);
    if (broken || standing == STANDING_OPEN)
        print_details(out, clause);
}

/* Undecided or unjudged: perhaps no clause says so, and a stream of `ok` and skips would read as a pass. */
static bool has_verdict_test(const struct report *report)
{
    return report->verdict == VERDICT_UNDECIDED || report->verdict == VERDICT_UNJUDGED;
}

static void print_verdict_test(FILE *out, const struct report *report, size_t number)
{
    fprintf(out, "not ok %zu - ", number);
    print_name(out, report, verdict_name(report->verdict));
    fputs("\n  ---\n", out);
    print_field(out, "  reason", report->reason);
    fputs("  ...\n", out);
}

void reports_tap(FILE *out, const struct report *reports, size_t count)
{
    size_t tests = 0, number = 0;
    for (size_t i = 0; i < count; i++)
        tests += reports[i].clause_count + has_verdict_test(&reports[i]);
    fprintf(out, "TAP version 13\n1..%zu\n", tests);
    for (size_t i = 0; i < count; i++) {
        for (size_t c = 0; c < reports[i].clause_count; c++)
            print_test(out, &reports[i], &reports[i].clauses[c], ++number);
        if (has_verdict_test(&reports[i]))
            print_verdict_test(out, &reports[i], ++number);
    }
}
