/* The model: names, the one truth table, and freeing. */
#include <stdlib.h>
#include <string.h>

#include "harness/report/report.h"

const char *level_name(enum level level)
{
    static const char *const names[] = {"must", "should", "observed"};
    return names[level];
}

const char *clause_verdict_name(enum clause_verdict verdict)
{
    static const char *const names[] = {"holds", "violated", "not-exercised", "not-applicable", "observed", "waived"};
    return names[verdict];
}

const char *verdict_name(enum verdict verdict)
{
    static const char *const names[] = {"conforms", "violates", "undecided", "unjudged"};
    return names[verdict];
}

/* Does the clause move the verdict? Quality does only where the level asks for it. */
static bool counts(const struct report *report, const struct clause_result *clause)
{
    return clause->required || (report->level == LEVEL_SHOULD && clause->level == LEVEL_SHOULD);
}

/* The ids of the counting clauses with this verdict, separated by commas, at most three of them. */
static size_t name_clauses(const struct report *report, enum clause_verdict verdict, char *names, size_t size)
{
    size_t count = 0, at = 0;
    names[0] = '\0';
    for (size_t i = 0; i < report->clause_count; i++) {
        if (!counts(report, &report->clauses[i]) || report->clauses[i].verdict != verdict)
            continue;
        if (++count <= 3 && at < size)
            at += (size_t)snprintf(names + at, size - at, "%s%s", count == 1 ? "" : ", ", report->clauses[i].id);
    }
    if (count > 3 && at < size)
        snprintf(names + at, size - at, " and %zu more", count - 3);
    return count;
}

static size_t count_judged(const struct report *report)
{
    size_t judged = 0;
    for (size_t i = 0; i < report->clause_count; i++)
        judged += report->clauses[i].verdict == CLAUSE_HOLDS || report->clauses[i].verdict == CLAUSE_VIOLATED ||
                  report->clauses[i].verdict == CLAUSE_OBSERVED || report->clauses[i].verdict == CLAUSE_WAIVED;
    return judged;
}

void report_decide(struct report *report, bool harness_failed)
{
    char violated[400], missing[400], reason[512];
    size_t broken = name_clauses(report, CLAUSE_VIOLATED, violated, sizeof violated);
    size_t open = name_clauses(report, CLAUSE_NOT_EXERCISED, missing, sizeof missing);
    report->verdict = VERDICT_UNDECIDED;
    if (broken > 0) {
        report->verdict = VERDICT_VIOLATES;
        snprintf(reason, sizeof reason, "broken: %s", violated);
    } else if (harness_failed) {
        snprintf(reason, sizeof reason, "a scenario did not run to its end, for a reason that may not be the candidate's");
    } else if (open > 0) {
        snprintf(reason, sizeof reason, "not exercised: %s", missing);
    } else if (count_judged(report) == 0) {
        snprintf(reason, sizeof reason, "no clause was judged");
    } else {
        report->verdict = VERDICT_CONFORMS;
        snprintf(reason, sizeof reason, "every required clause was exercised and holds");
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
    return seen[VERDICT_UNJUDGED] ? 2 : 0;
}

static void finding_free(struct finding *finding)
{
    free(finding->clause);
    free(finding->scenario);
    free(finding->message);
    free(finding->expected);
    free(finding->actual);
    free(finding->trace);
    free(finding->reproducer);
}

void report_free(struct report *report)
{
    for (size_t i = 0; i < report->clause_count; i++) {
        for (size_t f = 0; f < report->clauses[i].finding_count; f++)
            finding_free(&report->clauses[i].findings[f]);
        free(report->clauses[i].findings);
        free(report->clauses[i].note);
    }
    for (size_t i = 0; i < report->scenario_count; i++) {
        free(report->scenarios[i].name);
        free(report->scenarios[i].outcome);
        free(report->scenarios[i].detail);
    }
    free(report->clauses);
    free(report->scenarios);
    free(report->path);
    free(report->binding);
    free(report->platform);
    free(report->reason);
    *report = (struct report){0};
}
