/* The model: names, and freeing. */
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

const struct finding *clause_telling_finding(const struct clause_result *clause)
{
    bool tells = clause->finding_count > 0 && (clause->verdict == CLAUSE_VIOLATED || clause->note == NULL);
    return tells ? &clause->findings[0] : NULL;
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

static void notes_free(struct waiver_note *notes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(notes[i].clause);
        free(notes[i].text);
    }
    free(notes);
}

void report_free(struct report *report)
{
    for (size_t i = 0; i < report->clause_count; i++) {
        for (size_t f = 0; f < report->clauses[i].finding_count; f++)
            finding_free(&report->clauses[i].findings[f]);
        free(report->clauses[i].findings);
        free(report->clauses[i].note);
        if (report->owns_clause_text) {
            free((char *)report->clauses[i].id);
            free((char *)report->clauses[i].statement);
            free((char *)report->clauses[i].lacks);
            free((char *)report->clauses[i].follows);
        }
    }
    for (size_t i = 0; i < report->scenario_count; i++) {
        free(report->scenarios[i].name);
        free(report->scenarios[i].outcome);
        free(report->scenarios[i].detail);
    }
    for (size_t i = 0; i < report->part_count; i++) {
        free(report->part[i].how);
        free(report->part[i].what);
    }
    for (size_t i = 0; i < report->left_out && report->left_out_scenarios != NULL; i++) {
        free(report->left_out_scenarios[i].scenario);
        free(report->left_out_scenarios[i].why);
    }
    notes_free(report->stale, report->stale_count);
    notes_free(report->unneeded, report->unneeded_count);
    free(report->part);
    free(report->left_out_scenarios);
    free(report->waivers_file);
    free(report->effort);
    free(report->clauses);
    free(report->scenarios);
    free(report->path);
    free(report->binding);
    free(report->platform);
    free(report->reason);
    *report = (struct report){0};
}
