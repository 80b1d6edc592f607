#include "conformance/judging/soak.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "conformance/judging/interrupt.h"

static struct clause_result *find_clause(struct report *report, const char *id)
{
    for (size_t i = 0; i < report->clause_count; i++)
        if (strcmp(report->clauses[i].id, id) == 0)
            return &report->clauses[i];
    return NULL;
}

/* Which of two verdicts on a clause stays: a violation before all, having been exercised before not. */
static int weight(enum clause_verdict verdict)
{
    static const int weights[] = {[CLAUSE_HOLDS] = 2,          [CLAUSE_VIOLATED] = 3, [CLAUSE_NOT_EXERCISED] = 0,
                                  [CLAUSE_NOT_APPLICABLE] = 1, [CLAUSE_OBSERVED] = 2, [CLAUSE_WAIVED] = 2};
    return weights[verdict];
}

static void merge_clause(struct clause_result *into, struct clause_result *from)
{
    into->exercised += from->exercised;
    into->required = into->required || from->required;
    if (weight(from->verdict) > weight(into->verdict)) {
        into->verdict = from->verdict;
        char *note = into->note;
        into->note = from->note;
        from->note = note;
    }
    if (into->finding_count == 0 && from->finding_count > 0) { /* the first round that saw it tells it */
        into->findings = from->findings;
        into->finding_count = from->finding_count;
        from->findings = NULL;
        from->finding_count = 0;
    }
}

static void merge(struct report *into, struct report *from)
{
    for (size_t i = 0; i < from->clause_count; i++) {
        struct clause_result *row = find_clause(into, from->clauses[i].id);
        if (row != NULL)
            merge_clause(row, &from->clauses[i]);
    }
    into->scenarios =
        realloc(into->scenarios, (into->scenario_count + from->scenario_count + 1) * sizeof *into->scenarios);
    for (size_t i = 0; i < from->scenario_count; i++)
        into->scenarios[into->scenario_count++] = from->scenarios[i];
    from->scenario_count = 0;
    into->duration_s += from->duration_s;
    into->ended_early = into->ended_early || from->ended_early;
    into->interrupted = into->interrupted || from->interrupted;
    report_decide(into, into->harness_failed || from->harness_failed);
}

static uint64_t operations(const struct report *report)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < report->scenario_count; i++)
        sum += report->scenarios[i].operations;
    return sum;
}

static size_t findings(const struct report *report)
{
    size_t sum = 0;
    for (size_t i = 0; i < report->clause_count; i++)
        sum += report->clauses[i].finding_count > 0;
    return sum;
}

static void print_progress(unsigned round, const struct report *reports, size_t count, time_t began)
{
    uint64_t done = 0;
    size_t broken = 0;
    double seconds = difftime(time(NULL), began);
    for (size_t i = 0; i < count; i++) {
        done += operations(&reports[i]);
        broken += findings(&reports[i]);
    }
    fprintf(stderr, "assay: round %u, %.0f s, %llu operations, %.0f a second, %zu clauses broken\n", round, seconds,
            (unsigned long long)done, seconds > 0 ? (double)done / seconds : 0.0, broken);
}

void soak(char *const *paths, size_t count, const struct judge_options *options, unsigned rounds,
          struct report *reports)
{
    struct judge_options own = *options;
    time_t began = time(NULL);
    interrupt_catch(true);
    size_t asked = count;
    bool early = false; /* the round is then the last */
    for (unsigned round = 1; interrupt_signal() == 0 && !early && asked > 0 && (rounds == 0 || round <= rounds);
         round++, own.seed++) {
        asked = 0;
        for (size_t i = 0; i < count && interrupt_signal() == 0; i++) {
            struct report next;
            if (reports[i].path != NULL && reports[i].verdict == VERDICT_UNJUDGED)
                continue; /* asking again gets no other answer */
            asked++;
            judge_candidate(paths[i], &own, &next);
            early = early || next.ended_early;
            if (reports[i].path == NULL) {
                reports[i] = next;
                continue;
            }
            merge(&reports[i], &next);
            report_free(&next);
        }
        print_progress(round, reports, count, began);
    }
    for (size_t i = 0; i < count; i++) /* stopped before its turn */
        if (reports[i].path == NULL)
            judge_unasked(paths[i], "stopped before its first round", &reports[i]);
}
