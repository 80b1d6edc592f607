/* For people: what holds clause by clause, the whole story of what is broken, and the verdict last. */
#include <stdlib.h>
#include <string.h>

#include "harness/report/text_findings.h"

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

/* Why the clause has its verdict: the call that broke it and what that did, or else a note. */
static void print_why(FILE *out, const struct clause_result *clause)
{
    const struct finding *finding = clause_telling_finding(clause);
    if (clause->note == NULL && finding == NULL)
        return;
    fputs(clause->exercised > 0 ? ": " : "  ", out);
    text_one_line(out, finding != NULL ? finding->message : clause->note);
    if (finding == NULL)
        return;
    fputs(": ", out);
    text_one_line(out, finding->actual);
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
        fprintf(page->out, "  exercised %s times", text_grouped(clause->exercised, number, sizeof number));
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
            text_grouped(scenario->operations, number, sizeof number));
    if (scenario->detail != NULL) {
        fputs("  ", out);
        text_one_line(out, scenario->detail);
    }
    fputc('\n', out);
}

/* The scenarios that were left out for the same reason as the one at `first`: a few by name, and how many there are
 * besides; all by name if that is asked for. Nothing where an earlier one has that reason. */
static void print_left_out(FILE *out, const struct report *report, size_t first, bool verbose)
{
    const struct left_out *list = report->left_out_scenarios;
    size_t same = 0;
    for (size_t i = 0; i < first; i++)
        if (strcmp(list[i].why, list[first].why) == 0)
            return;
    fprintf(out, "left out, %s: ", list[first].why);
    for (size_t i = first; i < report->left_out; i++)
        if (strcmp(list[i].why, list[first].why) == 0 && (++same <= TEXT_NAMED || verbose))
            fprintf(out, "%s%s", same == 1 ? "" : ", ", list[i].scenario);
    if (same > TEXT_NAMED && !verbose)
        fprintf(out, " and %zu more", same - TEXT_NAMED);
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
            report->scenario_count == 1 ? "" : "s", text_grouped(operations, number, sizeof number),
            report->duration_s);
    if (report->scenario_count > 1)
        fprintf(page->out, "; slowest %s, %.1f s", slowest->name, slowest->duration_s);
    if (report->left_out > 0)
        fprintf(page->out, "; %zu left out", report->left_out);
    fputc('\n', page->out);
    for (size_t i = 0; i < report->left_out && report->left_out_scenarios != NULL; i++)
        print_left_out(page->out, report, i, verbose);
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
        text_lines(page->out, "", report->reason);
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

/* ---- the page ---- */

/* What the report is about, and what to look at first. */
static void print_heading(const struct page *page, const struct report *report)
{
    char *part = report_part_text(report);
    text_one_line(page->out, report->path);
    if (report->part_count > 0)
        fputs(": a part of the contract only (", page->out);
    text_one_line(page->out, part);
    fputs(report->part_count > 0 ? "): binding " : ": binding ", page->out);
    text_one_line(page->out, report->binding[0] == '\0' ? "none" : report->binding);
    if (report->contract != NULL)
        fprintf(page->out, ", contract %s", report->contract);
    fprintf(page->out, ", %s, level %s, seed %llu, assay %s\n", report->platform, level_name(report->level),
            (unsigned long long)report->seed, ASSAY_VERSION);
    free(part);
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
    struct page page = text_page(out, color);
    print_heading(&page, report);
    text_fix_first(&page, report);
    print_missing_functions(&page, report);
    print_clauses(&page, report);
    print_scenarios(&page, report, verbose);
    text_broken(&page, report, verbose);
    print_verdict(&page, report);
}
