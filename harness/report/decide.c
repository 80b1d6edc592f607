/* The one truth table, from clause verdicts to a verdict and an exit status. */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "harness/report/report.h"

enum { MOST_NAMED = 3 };

/* Quality moves the verdict only where it was asked for; observations never do. */
static bool is_level_asked(const struct report *report, const struct clause_result *clause)
{
    return clause->level == LEVEL_MUST || (clause->level == LEVEL_SHOULD && report->level == LEVEL_SHOULD);
}

enum standing clause_standing(const struct report *report, const struct clause_result *clause)
{
    switch (clause->verdict) {
    case CLAUSE_HOLDS: return STANDING_KEPT;
    case CLAUSE_VIOLATED: return is_level_asked(report, clause) ? STANDING_BROKEN : STANDING_ASIDE;
    case CLAUSE_NOT_EXERCISED: return clause->required ? STANDING_OPEN : STANDING_ASIDE;
    case CLAUSE_NOT_APPLICABLE:
    case CLAUSE_OBSERVED:
    case CLAUSE_WAIVED: break;
    }
    return STANDING_ASIDE;
}

/* Writes "LEAD: a, b, c and 2 more" for the clauses that stand so; returns how many there are. */
static size_t name_clauses(const struct report *report, enum standing standing, const char *lead, char *text,
                           size_t size)
{
    size_t count = 0, at = (size_t)snprintf(text, size, "%s", lead);
    for (size_t i = 0; i < report->clause_count; i++) {
        if (clause_standing(report, &report->clauses[i]) != standing)
            continue;
        if (++count <= MOST_NAMED && at < size)
            at += (size_t)snprintf(text + at, size - at, "%s%s", count == 1 ? ": " : ", ", report->clauses[i].id);
    }
    if (count > MOST_NAMED && at < size)
        snprintf(text + at, size - at, " and %zu more", count - MOST_NAMED);
    return count;
}

static bool is_judged(const struct clause_result *clause)
{
    return clause->verdict == CLAUSE_HOLDS || clause->verdict == CLAUSE_VIOLATED || clause->verdict == CLAUSE_WAIVED;
}

static bool is_any_judged(const struct report *report)
{
    for (size_t i = 0; i < report->clause_count; i++)
        if (is_judged(&report->clauses[i]))
            return true;
    return false;
}

static bool was_tested(const struct clause_result *clause)
{
    return is_judged(clause) || clause->verdict == CLAUSE_OBSERVED;
}

/* Writes which glob of --clause has no clause that was put to the test. False: there is none. */
static bool name_untested(const struct report *report, char *text, size_t size)
{
    for (size_t p = 0; p < report->part_count; p++) {
        const struct clause_result *last = NULL;
        bool tested = strcmp(report->part[p].how, "--clause") != 0;
        for (size_t i = 0; i < report->clause_count && !tested; i++) {
            if (fnmatch(report->part[p].what, report->clauses[i].id, 0) != 0)
                continue;
            last = &report->clauses[i];
            tested = was_tested(last);
        }
        if (tested)
            continue;
        snprintf(text, size, "asked for, but not put to the test: %s%s%s", report->part[p].what,
                 last == NULL ? "" : ": ",
                 last == NULL         ? ""
                 : last->note == NULL ? clause_verdict_name(last->verdict)
                                      : last->note);
        return true;
    }
    return false;
}

void report_decide(struct report *report, bool harness_failed)
{
    char broken[512], open[512];
    const char *reason = broken;
    report->verdict = VERDICT_UNDECIDED;
    report->harness_failed = harness_failed;
    if (name_clauses(report, STANDING_BROKEN, report->interrupted ? "interrupted; broken" : "broken", broken,
                     sizeof broken) > 0)
        report->verdict = VERDICT_VIOLATES;
    else if (report->interrupted)
        reason = "interrupted before every scenario had run";
    else if (harness_failed)
        reason = "a scenario did not run to its end, and no clause that was asked for says why";
    else if (name_clauses(report, STANDING_OPEN, "required, but not exercised", open, sizeof open) > 0)
        reason = open;
    else if (name_untested(report, open, sizeof open))
        reason = open;
    else if (!is_any_judged(report))
        reason = report->part_count > 0 ? "none of the clauses that were asked for was judged" : "no clause was judged";
    else {
        report->verdict = VERDICT_CONFORMS;
        reason = "every required clause was exercised, and none is broken";
    }
    free(report->reason);
    report->reason = strdup(reason);
}

int reports_exit_status(const struct report *reports, size_t count, bool stale_waiver)
{
    bool seen[VERDICT_UNJUDGED + 1] = {false};
    for (size_t i = 0; i < count; i++)
        seen[reports[i].verdict] = true;
    if (seen[VERDICT_VIOLATES] || stale_waiver)
        return 1;
    if (seen[VERDICT_UNDECIDED])
        return 3;
    return seen[VERDICT_UNJUDGED] || count == 0 ? 2 : 0;
}
