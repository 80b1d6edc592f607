/* TAP version 13 (not 14: prove of Perl 5.36 refuses that). The plan comes first, then a test for each candidate and
 * clause, and one for the verdict where no clause says it. */
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

static void print_finding(FILE *out, const struct report *report, const struct clause_result *clause,
                          const struct finding *finding)
{
    char *command = finding_command(report, clause, finding);
    print_field(out, "    - message", finding->message);
    print_field(out, "      expected", finding->expected);
    print_field(out, "      actual", finding->actual);
    print_field(out, "      scenario", finding->scenario);
    fprintf(out, "      seed: %llu\n", (unsigned long long)finding->seed);
    print_field(out, "      trace", finding->trace);
    print_field(out, "      reproducer", command);
    free(command);
}

static void print_details(FILE *out, const struct report *report, const struct clause_result *clause)
{
    fputs("  ---\n", out);
    print_field(out, "  clause", clause->id);
    print_field(out, "  level", level_name(clause->level));
    print_field(out, "  verdict", clause_verdict_name(clause->verdict));
    print_field(out, "  statement", clause->statement);
    if (clause->follows != NULL)
        print_field(out, "  follows", clause->follows);
    if (clause->finding_count > 0)
        fputs("  findings:\n", out);
    for (size_t i = 0; i < clause->finding_count; i++)
        print_finding(out, report, clause, &clause->findings[i]);
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

static void print_test(FILE *out, const struct report *report, const struct clause_result *clause, size_t number)
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
        print_details(out, report, clause);
}

/* If the verdict is undecided or unjudged, perhaps no clause says so, and a stream of `ok` and skips would read as a
 * pass. */
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

/* What people are told about the run as a whole: diagnostics, which a TAP reader shows and does not count. */
static void print_diagnostic(FILE *out, const struct report *report, const char *label, const char *text)
{
    fputs("# ", out);
    print_name(out, report, label);
    print_escaped(out, text);
    fputc('\n', out);
}

static void print_diagnostics(FILE *out, const struct report *report)
{
    char *part = report_part_text(report);
    if (report->part_count > 0)
        print_diagnostic(out, report, "a part of the contract only: ", part);
    if (report->fix_first != NULL)
        print_diagnostic(out, report, "fix this first: ", report->fix_first);
    for (size_t i = 0; i < report->left_out && report->left_out_scenarios != NULL; i++) {
        char text[400];
        snprintf(text, sizeof text, "%s: %s", report->left_out_scenarios[i].scenario,
                 report->left_out_scenarios[i].why);
        print_diagnostic(out, report, "left out: ", text);
    }
    free(part);
}

static void print_waiver(FILE *out, const char *word, const struct report *report, const struct waiver_note *note)
{
    fputs(word, out);
    print_escaped(out, report->waivers_file);
    fprintf(out, ":%d: waiver ", note->line);
    print_escaped(out, note->clause);
    fputs(": ", out);
    print_escaped(out, note->text);
    fputc('\n', out);
}

/* Waivers are the run's, not one candidate's: a stale one is a test that failed. */
static void print_waivers(FILE *out, const struct report *report, size_t *number)
{
    for (size_t i = 0; i < report->unneeded_count; i++)
        print_waiver(out, "# ", report, &report->unneeded[i]);
    for (size_t i = 0; i < report->stale_count; i++) {
        char word[40];
        snprintf(word, sizeof word, "not ok %zu - stale: ", ++*number);
        print_waiver(out, word, report, &report->stale[i]);
    }
}

void reports_tap(FILE *out, const struct report *reports, size_t count)
{
    size_t tests = count == 0 ? 0 : reports[0].stale_count, number = 0;
    for (size_t i = 0; i < count; i++)
        tests += reports[i].clause_count + has_verdict_test(&reports[i]);
    fprintf(out, "TAP version 13\n1..%zu\n", tests);
    for (size_t i = 0; i < count; i++) {
        print_diagnostics(out, &reports[i]);
        for (size_t c = 0; c < reports[i].clause_count; c++)
            print_test(out, &reports[i], &reports[i].clauses[c], ++number);
        if (has_verdict_test(&reports[i]))
            print_verdict_test(out, &reports[i], ++number);
    }
    if (count > 0)
        print_waivers(out, &reports[0], &number);
}
