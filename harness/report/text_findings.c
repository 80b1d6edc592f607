#include "harness/report/text_findings.h"

#include <string.h>

static bool is_of_results(const struct finding *finding) { return finding->reproducer[0] != '\0'; }

static void print_calls(FILE *out, const struct finding *finding)
{
    text_field(out, "calls", finding->whole_trace ? finding->trace : "(the last ones)");
    if (!finding->whole_trace)
        text_lines(out, "              ", finding->trace);
}

static void print_finding(const struct page *page, const struct report *report, const struct clause_result *clause,
                          const struct finding *finding)
{
    char scenario[320];
    snprintf(scenario, sizeof scenario, "%s, seed %llu", finding->scenario, (unsigned long long)finding->seed);
    fputc('\n', page->out);
    text_lines(page->out, "    ", finding->message);
    text_field(page->out, "expected", finding->expected);
    text_field(page->out, "actual", finding->actual);
    text_field(page->out, "seen in", scenario);
    if (finding->trace[0] != '\0')
        print_calls(page->out, finding);
    text_command(page->out, is_of_results(finding) ? "reproduce" : "again", finding_command(report, clause, finding));
}

/* The scenarios of the findings from `first` on: a few by name, and how many there are besides. */
static void print_others(FILE *out, const struct clause_result *clause, size_t first)
{
    size_t last = clause->finding_count - first > TEXT_NAMED ? first + TEXT_NAMED : clause->finding_count;
    if (first == clause->finding_count)
        return;
    fputs("    also in   ", out);
    for (size_t i = first; i < last; i++)
        fprintf(out, "%s%s", i == first ? "" : ", ", clause->findings[i].scenario);
    if (last < clause->finding_count)
        fprintf(out, " and %zu more", clause->finding_count - last);
    fputc('\n', out);
}

/* The first finding of the clause is told whole; the others only if that is asked for. */
static void print_broken_clause(const struct page *page, const struct report *report,
                                const struct clause_result *clause, bool verbose)
{
    size_t told = verbose || clause->finding_count == 0 ? clause->finding_count : 1;
    fprintf(page->out, "\n%s%s%s  %s, %s\n", page->bad, clause->id, page->plain, level_name(clause->level),
            clause_verdict_name(clause->verdict));
    if (clause->follows != NULL)
        fprintf(page->out, "  comes with %s: mend that first\n", clause->follows);
    text_wrapped(page->out, "  ", clause->statement);
    for (size_t i = 0; i < told; i++)
        print_finding(page, report, clause, &clause->findings[i]);
    print_others(page->out, clause, told);
    text_command(page->out, "why", report_why_command(clause->id));
}

/* ---- in which order ---- */

static bool is_first(const struct report *report, const struct clause_result *clause)
{
    return report->fix_first != NULL && strcmp(clause->id, report->fix_first) == 0;
}

void text_fix_first(const struct page *page, const struct report *report)
{
    for (size_t i = 0; i < report->clause_count; i++) {
        if (!is_first(report, &report->clauses[i]) || report->clauses[i].finding_count == 0)
            continue;
        fprintf(page->out, "%sfix this first%s: %s: ", page->bad, page->plain, report->fix_first);
        text_one_line(page->out, report->clauses[i].findings[0].message);
        fputs(": ", page->out);
        text_one_line(page->out, report->clauses[i].findings[0].actual);
        fputc('\n', page->out);
    }
}

/* A broken clause, and below it those that come with it. */
static void print_family(const struct page *page, const struct report *report, const struct clause_result *clause,
                         bool verbose)
{
    print_broken_clause(page, report, clause, verbose);
    for (size_t i = 0; i < report->clause_count; i++) {
        const struct clause_result *other = &report->clauses[i];
        if (other->verdict == CLAUSE_VIOLATED && other->follows != NULL && strcmp(other->follows, clause->id) == 0)
            print_broken_clause(page, report, other, verbose);
    }
}

/* Is it told below another clause, the one that it comes with? */
static bool is_told_with_another(const struct report *report, const struct clause_result *clause)
{
    for (size_t i = 0; i < report->clause_count && clause->follows != NULL; i++)
        if (strcmp(report->clauses[i].id, clause->follows) == 0)
            return report->clauses[i].verdict == CLAUSE_VIOLATED && report->clauses[i].follows == NULL;
    return false;
}

void text_broken(const struct page *page, const struct report *report, bool verbose)
{
    for (int turn = 0; turn < 2; turn++)
        for (size_t i = 0; i < report->clause_count; i++) {
            const struct clause_result *clause = &report->clauses[i];
            if (clause->verdict == CLAUSE_VIOLATED && !is_told_with_another(report, clause) &&
                is_first(report, clause) == (turn == 0))
                print_family(page, report, clause, verbose);
        }
}
