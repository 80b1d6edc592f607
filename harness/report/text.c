/* For people: what holds, what is broken and how that was seen, and the verdict last. */
#include <string.h>

#include "harness/report/report.h"

struct style {
    const char *good, *bad, *dim, *plain;
};

static struct style style_for(bool color)
{
    return color ? (struct style){"\033[32m", "\033[1;31m", "\033[2m", "\033[0m"} : (struct style){"", "", "", ""};
}

/* 1204332 as 1,204,332. */
static const char *grouped(uint64_t number, char *text, size_t size)
{
    char digits[32];
    int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)number), out = 0;
    for (int i = 0; i < length && out + 2 < (int)size; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            text[out++] = ',';
        text[out++] = digits[i];
    }
    text[out] = '\0';
    return text;
}

static void print_clause(FILE *out, const struct clause_result *clause, const struct style *style)
{
    char number[40];
    const char *tint = clause->verdict == CLAUSE_VIOLATED ? style->bad : clause->verdict == CLAUSE_HOLDS ? style->good : style->dim;
    fprintf(out, "  %s%-15s%s %-28s %-8s", tint, clause_verdict_name(clause->verdict), style->plain, clause->id,
            level_name(clause->level));
    if (clause->exercised > 0)
        fprintf(out, " exercised %s times", grouped(clause->exercised, number, sizeof number));
    if (clause->note != NULL)
        fprintf(out, "%s%s%s%s", clause->exercised > 0 ? ": " : " ", style->dim, clause->note, style->plain);
    fputc('\n', out);
}

static void print_indented(FILE *out, const char *text)
{
    for (const char *line = text; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        fprintf(out, "        %.*s\n", (int)length, line);
        line += length + (line[length] == '\n');
    }
}

static void print_finding(FILE *out, const struct finding *finding)
{
    fprintf(out, "      %s\n        expected  %s\n        actual    %s\n        seen in   %s, seed %llu\n", finding->message,
            finding->expected, finding->actual, finding->scenario, (unsigned long long)finding->seed);
    if (finding->trace[0] != '\0') {
        fputs("      calls\n", out);
        print_indented(out, finding->trace);
    }
    if (finding->reproducer[0] != '\0')
        fprintf(out, "      reproduce  %s\n", finding->reproducer);
}

static void print_broken(FILE *out, const struct report *report, const struct style *style, bool verbose)
{
    for (size_t i = 0; i < report->clause_count; i++) {
        const struct clause_result *clause = &report->clauses[i];
        if (clause->verdict != CLAUSE_VIOLATED || clause->finding_count == 0)
            continue;
        fprintf(out, "\n%s%s%s  %s\n  %s\n", style->bad, clause->id, style->plain, level_name(clause->level), clause->statement);
        for (size_t f = 0; f < clause->finding_count && (verbose || f == 0); f++)
            print_finding(out, &clause->findings[f]);
        for (size_t f = 1; f < clause->finding_count && !verbose; f++)
            fprintf(out, "      %s %s\n", f == 1 ? "also in" : "       ", clause->findings[f].scenario);
    }
}

static void print_scenarios(FILE *out, const struct report *report, bool verbose)
{
    char number[40];
    uint64_t operations = 0;
    for (size_t i = 0; i < report->scenario_count; i++) {
        const struct scenario_result *scenario = &report->scenarios[i];
        operations += scenario->operations;
        if (verbose || strcmp(scenario->outcome, "completed") != 0)
            fprintf(out, "  %-28s %-14s %7.3f s %10s operations  %s\n", scenario->name, scenario->outcome, scenario->duration_s,
                    grouped(scenario->operations, number, sizeof number), scenario->detail != NULL ? scenario->detail : "");
    }
    fprintf(out, "  %zu scenarios, %s operations, %.1f s\n", report->scenario_count,
            grouped(operations, number, sizeof number), report->duration_s);
}

static void print_verdict(FILE *out, const struct report *report, const struct style *style)
{
    size_t count[CLAUSE_WAIVED + 1] = {0};
    for (size_t i = 0; i < report->clause_count; i++)
        count[report->clauses[i].verdict]++;
    const char *tint = report->verdict == VERDICT_CONFORMS ? style->good : report->verdict == VERDICT_VIOLATES ? style->bad : "";
    fprintf(out, "\n%s%s%s: %s\n", tint, verdict_name(report->verdict), style->plain, report->reason);
    fprintf(out, "  %zu hold, %zu violated, %zu not exercised, %zu not applicable, %zu observed, %zu waived\n",
            count[CLAUSE_HOLDS], count[CLAUSE_VIOLATED], count[CLAUSE_NOT_EXERCISED], count[CLAUSE_NOT_APPLICABLE],
            count[CLAUSE_OBSERVED], count[CLAUSE_WAIVED]);
}

void report_text(FILE *out, const struct report *report, bool color, bool verbose)
{
    struct style style = style_for(color);
    fprintf(out, "%s  binding %s, %s, level %s, seed %llu\n\n", report->path, report->binding, report->platform,
            level_name(report->level), (unsigned long long)report->seed);
    for (size_t i = 0; i < report->clause_count; i++)
        print_clause(out, &report->clauses[i], &style);
    fputc('\n', out);
    print_scenarios(out, report, verbose);
    print_broken(out, report, &style, verbose);
    print_verdict(out, report, &style);
}
