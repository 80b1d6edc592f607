/* For people: what holds clause by clause, the whole story of what is broken, and the verdict last. */
#include <stdlib.h>
#include <string.h>

#include "harness/report/report.h"
#include "harness/base/utf8.h"

enum { LINE = 96, OTHERS = 4 };

struct page {
    FILE *out;
    const char *good, *bad, *dim, *plain;
};

static struct page page_for(FILE *out, bool color)
{
    return color ? (struct page){out, "\033[32m", "\033[1;31m", "\033[2m", "\033[0m"}
                 : (struct page){out, "", "", "", ""};
}

/* ---- pieces ---- */

/* 1204332 as 1,204,332. */
static const char *grouped(uint64_t number, char *text, size_t size)
{
    char digits[32];
    int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)number), at = 0;
    for (int i = 0; i < length && at + 2 < (int)size; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            text[at++] = ',';
        text[at++] = digits[i];
    }
    text[at] = '\0';
    return text;
}

/* Each line of the text behind `indent`; nothing a terminal would obey. */
static void print_lines(FILE *out, const char *indent, const char *text)
{
    char *clean = utf8_clean(text);
    for (const char *line = clean; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        fprintf(out, "%s%.*s\n", indent, (int)length, line);
        line += length + (line[length] == '\n');
    }
    free(clean);
}

static void print_word(FILE *out, const char *text)
{
    char *clean = utf8_clean(text);
    for (char *at = strchr(clean, '\n'); at != NULL; at = strchr(at, '\n'))
        *at = ' ';
    fputs(clean, out);
    free(clean);
}

/* A sentence of ours, broken between words into lines of at most `LINE` columns. */
static void print_wrapped(FILE *out, const char *indent, const char *text)
{
    while (*text != '\0') {
        size_t length = strlen(text);
        if (length > LINE)
            for (length = LINE; length > 0 && text[length] != ' ';)
                length--;
        length = length == 0 ? strcspn(text, " ") : length;
        fprintf(out, "%s%.*s\n", indent, (int)length, text);
        text += length + strspn(text + length, " ");
    }
}

/* `label  text`, further lines of the text under its first. */
static void print_field(FILE *out, const char *label, const char *text)
{
    char *clean = utf8_clean(text), first[64];
    size_t length = strcspn(clean, "\n");
    snprintf(first, sizeof first, "    %-10s", label);
    fprintf(out, "%s%.*s\n", first, (int)length, clean);
    if (clean[length] == '\n')
        print_lines(out, "              ", clean + length + 1);
    free(clean);
}

/* ---- clause by clause ---- */

static int widest_id(const struct report *report)
{
    size_t widest = 0;
    for (size_t i = 0; i < report->clause_count; i++)
        if (strlen(report->clauses[i].id) > widest)
            widest = strlen(report->clauses[i].id);
    return (int)widest;
}

static const char *tint_of(const struct page *page, const struct report *report, const struct clause_result *clause)
{
    switch (clause_standing(report, clause)) {
    case STANDING_KEPT: return page->good;
    case STANDING_BROKEN:
    case STANDING_OPEN: return page->bad;
    case STANDING_ASIDE: break;
    }
    return page->dim;
}

/* Why the verdict is what it is: the call that broke the clause and what it did, else a note. */
static void print_why(FILE *out, const struct clause_result *clause)
{
    bool is_told = clause->finding_count > 0 && (clause->verdict == CLAUSE_VIOLATED || clause->note == NULL);
    if (clause->note == NULL && !is_told)
        return;
    fputs(clause->exercised > 0 ? ": " : "  ", out);
    print_word(out, is_told ? clause->findings[0].message : clause->note);
    if (is_told)
        fputs(": ", out);
    print_word(out, is_told ? clause->findings[0].actual : "");
}

static void print_clause(const struct page *page, const struct report *report, const struct clause_result *clause,
                         int width)
{
    char number[40];
    fprintf(page->out, "  %s%-14s%s  %-*s", tint_of(page, report, clause), clause_verdict_name(clause->verdict),
            page->plain, clause->exercised > 0 || clause->note != NULL || clause->level == LEVEL_SHOULD ? width : 0,
            clause->id);
    if (clause->exercised == 1)
        fputs("  exercised once", page->out);
    else if (clause->exercised > 1)
        fprintf(page->out, "  exercised %s times", grouped(clause->exercised, number, sizeof number));
    if (clause->level == LEVEL_SHOULD)
        fputs("  (should)", page->out);
    print_why(page->out, clause);
    fputc('\n', page->out);
}

static size_t group_length(const struct clause_result *clause) { return strcspn(clause->id, "/"); }

static void print_clauses(const struct page *page, const struct report *report)
{
    int width = widest_id(report);
    for (size_t i = 0; i < report->clause_count; i++) {
        const struct clause_result *clause = &report->clauses[i];
        if (i == 0 || strncmp(clause[-1].id, clause->id, group_length(clause) + 1) != 0)
            fputc('\n', page->out);
        print_clause(page, report, clause, width);
    }
}

/* ---- scenarios ---- */

static void print_scenario(FILE *out, const struct scenario_result *scenario)
{
    char number[40];
    fprintf(out, "  %-14s  %-32s %7.3f s %12s operations", scenario->outcome, scenario->name, scenario->duration_s,
            grouped(scenario->operations, number, sizeof number));
    if (scenario->detail != NULL) {
        fputs("  ", out);
        print_word(out, scenario->detail);
    }
    fputc('\n', out);
}

/* The first few with the same reason by name, the others by their number; all of them if asked. */
static void print_left_out(FILE *out, const struct report *report, size_t first, bool verbose)
{
    const struct left_out *list = report->left_out_scenarios;
    size_t same = 0;
    for (size_t i = 0; i < first; i++)
        if (strcmp(list[i].why, list[first].why) == 0)
            return;
    fprintf(out, "left out, %s: ", list[first].why);
    for (size_t i = first; i < report->left_out; i++)
        if (strcmp(list[i].why, list[first].why) == 0 && (++same <= OTHERS || verbose))
            fprintf(out, "%s%s", same == 1 ? "" : ", ", list[i].scenario);
    if (same > OTHERS && !verbose)
        fprintf(out, " and %zu more", same - OTHERS);
    fputc('\n', out);
}

static void print_scenarios(const struct page *page, const struct report *report, bool verbose)
{
    char number[40];
    uint64_t operations = 0;
    const struct scenario_result *slowest = report->scenarios;
    fputc('\n', page->out);
    for (size_t i = 0; i < report->scenario_count; i++) {
        const struct scenario_result *scenario = &report->scenarios[i];
        operations += scenario->operations;
        slowest = scenario->duration_s > slowest->duration_s ? scenario : slowest;
        if (verbose || strcmp(scenario->outcome, "completed") != 0)
            print_scenario(page->out, scenario);
    }
    fprintf(page->out, "%zu scenario%s, %s operations, %.1f s", report->scenario_count,
            report->scenario_count == 1 ? "" : "s", grouped(operations, number, sizeof number), report->duration_s);
    if (report->scenario_count > 1)
        fprintf(page->out, "; slowest %s, %.1f s", slowest->name, slowest->duration_s);
    if (report->left_out > 0)
        fprintf(page->out, "; %zu left out", report->left_out);
    fputc('\n', page->out);
    for (size_t i = 0; i < report->left_out && report->left_out_scenarios != NULL; i++)
        print_left_out(page->out, report, i, verbose);
}

/* ---- what is broken ---- */

/* A command goes on where its line ends: a file's name may have a newline, and is to be pasted as it is. */
static void print_command(FILE *out, const char *label, char *command)
{
    fprintf(out, "    %-10s%s\n", label, command == NULL ? "" : command);
    free(command);
}

static bool is_of_results(const struct finding *finding) { return finding->reproducer[0] != '\0'; }

static void print_calls(FILE *out, const struct finding *finding)
{
    print_field(out, "calls", finding->whole_trace ? finding->trace : "(the last ones)");
    if (!finding->whole_trace)
        print_lines(out, "              ", finding->trace);
}

static void print_finding(const struct page *page, const struct report *report, const struct clause_result *clause,
                          const struct finding *finding)
{
    char scenario[320];
    snprintf(scenario, sizeof scenario, "%s, seed %llu", finding->scenario, (unsigned long long)finding->seed);
    fputc('\n', page->out);
    print_lines(page->out, "    ", finding->message);
    print_field(page->out, "expected", finding->expected);
    print_field(page->out, "actual", finding->actual);
    print_field(page->out, "seen in", scenario);
    if (finding->trace[0] != '\0')
        print_calls(page->out, finding);
    print_command(page->out, is_of_results(finding) ? "reproduce" : "again", finding_command(report, clause, finding));
}

/* The scenarios of the findings from `first` on, the first few by name. */
static void print_others(FILE *out, const struct clause_result *clause, size_t first)
{
    size_t last = clause->finding_count - first > OTHERS ? first + OTHERS : clause->finding_count;
    if (first == clause->finding_count)
        return;
    fputs("    also in   ", out);
    for (size_t i = first; i < last; i++)
        fprintf(out, "%s%s", i == first ? "" : ", ", clause->findings[i].scenario);
    if (last < clause->finding_count)
        fprintf(out, " and %zu more", clause->finding_count - last);
    fputc('\n', out);
}

/* Of the findings of a clause the first is told whole, the others if asked. */
static void print_broken_clause(const struct page *page, const struct report *report,
                                const struct clause_result *clause, bool verbose)
{
    size_t told = verbose || clause->finding_count == 0 ? clause->finding_count : 1;
    fprintf(page->out, "\n%s%s%s  %s, %s\n", page->bad, clause->id, page->plain, level_name(clause->level),
            clause_verdict_name(clause->verdict));
    if (clause->follows != NULL)
        fprintf(page->out, "  comes with %s: mend that first\n", clause->follows);
    print_wrapped(page->out, "  ", clause->statement);
    for (size_t i = 0; i < told; i++)
        print_finding(page, report, clause, &clause->findings[i]);
    print_others(page->out, clause, told);
    print_command(page->out, "why", report_why_command(clause->id));
}

/* ---- the verdict ---- */

struct tally {
    size_t broken, open, kept[LEVEL_OBSERVED + 1], faults, waived, observed, inapplicable, unjudged;
};

static struct tally tally_of(const struct report *report)
{
    struct tally tally = {0};
    for (size_t i = 0; i < report->clause_count; i++) {
        const struct clause_result *clause = &report->clauses[i];
        enum standing standing = clause_standing(report, clause);
        tally.broken += standing == STANDING_BROKEN;
        tally.open += standing == STANDING_OPEN;
        tally.kept[clause->level] += standing == STANDING_KEPT;
        tally.faults += clause->verdict == CLAUSE_VIOLATED && standing == STANDING_ASIDE;
        tally.waived += clause->verdict == CLAUSE_WAIVED;
        tally.observed += clause->verdict == CLAUSE_OBSERVED;
        tally.inapplicable += clause->verdict == CLAUSE_NOT_APPLICABLE;
        tally.unjudged += clause->verdict == CLAUSE_NOT_EXERCISED && standing == STANDING_ASIDE;
    }
    return tally;
}

static void print_count(FILE *out, const char **separator, size_t count, const char *one, const char *many)
{
    if (count == 0)
        return;
    fprintf(out, "%s%zu %s", *separator, count, count == 1 ? one : many);
    *separator = ", ";
}

static void print_verdict(const struct page *page, const struct report *report)
{
    struct tally tally = tally_of(report);
    const char *separator = ": ";
    const char *tint = report->verdict == VERDICT_CONFORMS ? page->good : page->bad;
    fputc('\n', page->out);
    if (report->verdict != VERDICT_CONFORMS)
        print_lines(page->out, "", report->reason);
    fprintf(page->out, "%s%s%s%s", tint, verdict_name(report->verdict), page->plain,
            report->part_count > 0 ? " in the part that was asked for" : "");
    print_count(page->out, &separator, tally.broken, "clause is broken", "clauses are broken");
    print_count(page->out, &separator, tally.open, "required clause was not exercised",
                "required clauses were not exercised");
    print_count(page->out, &separator, tally.kept[LEVEL_MUST], "must clause holds", "must clauses hold");
    print_count(page->out, &separator, tally.kept[LEVEL_SHOULD], "should clause holds", "should clauses hold");
    print_count(page->out, &separator, tally.faults, "should clause does not hold", "should clauses do not hold");
    print_count(page->out, &separator, tally.waived, "waived", "waived");
    print_count(page->out, &separator, tally.observed, "observed", "observed");
    print_count(page->out, &separator, tally.inapplicable, "not applicable", "not applicable");
    print_count(page->out, &separator, tally.unjudged, "not judged", "not judged");
    fputc('\n', page->out);
}

/* What the report is about, and what to look at first. */
static void print_heading(const struct page *page, const struct report *report)
{
    char *part = report_part_text(report);
    print_word(page->out, report->path);
    if (report->part_count > 0)
        fputs(": a part of the contract only (", page->out);
    print_word(page->out, part);
    fputs(report->part_count > 0 ? "): binding " : ": binding ", page->out);
    print_word(page->out, report->binding[0] == '\0' ? "none" : report->binding);
    if (report->contract != NULL)
        fprintf(page->out, ", contract %s", report->contract);
    fprintf(page->out, ", %s, level %s, seed %llu, assay %s\n", report->platform, level_name(report->level),
            (unsigned long long)report->seed, ASSAY_VERSION);
    free(part);
}

static bool is_first(const struct report *report, const struct clause_result *clause)
{
    return report->fix_first != NULL && strcmp(clause->id, report->fix_first) == 0;
}

static void print_fix_first(const struct page *page, const struct report *report)
{
    for (size_t i = 0; i < report->clause_count; i++) {
        if (!is_first(report, &report->clauses[i]) || report->clauses[i].finding_count == 0)
            continue;
        fprintf(page->out, "%sfix this first%s: %s: ", page->bad, page->plain, report->fix_first);
        print_word(page->out, report->clauses[i].findings[0].message);
        fputs(": ", page->out);
        print_word(page->out, report->clauses[i].findings[0].actual);
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

/* Does it come with one that is told itself? */
static bool is_told_with_another(const struct report *report, const struct clause_result *clause)
{
    for (size_t i = 0; i < report->clause_count && clause->follows != NULL; i++)
        if (strcmp(report->clauses[i].id, clause->follows) == 0)
            return report->clauses[i].verdict == CLAUSE_VIOLATED && report->clauses[i].follows == NULL;
    return false;
}

/* What to look at first comes first, the others in the contract's order. */
static void print_broken(const struct page *page, const struct report *report, bool verbose)
{
    for (int turn = 0; turn < 2; turn++)
        for (size_t i = 0; i < report->clause_count; i++) {
            const struct clause_result *clause = &report->clauses[i];
            if (clause->verdict == CLAUSE_VIOLATED && !is_told_with_another(report, clause) &&
                is_first(report, clause) == (turn == 0))
                print_family(page, report, clause, verbose);
        }
}

static void print_missing_functions(const struct page *page, const struct report *report)
{
    for (size_t i = 0; i < report->missing_count; i++)
        fprintf(page->out, "%s%s", i == 0 ? "not defined by the library, and so not judged: " : ", ",
                report->missing_functions[i]);
    if (report->missing_count > 0)
        fputc('\n', page->out);
}

void report_text(FILE *out, const struct report *report, bool color, bool verbose)
{
    struct page page = page_for(out, color);
    print_heading(&page, report);
    print_fix_first(&page, report);
    print_missing_functions(&page, report);
    print_clauses(&page, report);
    print_scenarios(&page, report, verbose);
    print_broken(&page, report, verbose);
    print_verdict(&page, report);
}
