#include "conformance/judging/root_cause.h"

#include <string.h>

#include "conformance/contract.h"

static bool is_broken(const struct clause_result *clause)
{
    return clause->verdict == CLAUSE_VIOLATED && clause->finding_count > 0;
}

static bool had_broken(const struct finding *finding, int clause)
{
    return (finding->took.broken_before[clause / 32] >> clause % 32 & 1) != 0;
}

/* Was `later` never seen without `earlier`? */
static bool comes_after(const struct clause_result *later, const struct clause_result *earlier)
{
    int index = contract_clause_index(earlier->id);
    bool always = index >= 0;
    for (size_t i = 0; i < later->finding_count && always; i++)
        always = (i > 0 && later->findings[i].whole_trace) || had_broken(&later->findings[i], index);
    return always;
}

static bool is_of_threads(const struct clause_result *clause)
{
    return strncmp(clause->id, "threads/", strlen("threads/")) == 0;
}

/* Did threads break the other clause? A finding of a threads clause can say so. threads/concurrent need not: on a busy
 * machine the same race shows here as one clause and there as another. */
static bool accounts_for(const struct clause_result *threads, const struct clause_result *other)
{
    if (strcmp(threads->id, "threads/concurrent") == 0 && !is_of_threads(other))
        return true;
    for (size_t i = 0; i < threads->finding_count; i++)
        if (threads->findings[i].took.about == contract_clause_index(other->id))
            return true;
    return false;
}

static bool is_only_among_threads(const struct clause_result *clause)
{
    for (size_t i = 0; i < clause->finding_count; i++)
        if (!clause->findings[i].took.among_threads)
            return false;
    return true;
}

static bool comes_with(const struct clause_result *one, const struct clause_result *other)
{
    if (one == other || !is_broken(one) || !is_broken(other))
        return false;
    if (accounts_for(other, one))
        return is_only_among_threads(one);
    if (accounts_for(one, other) && is_only_among_threads(other))
        return false;
    return comes_after(one, other) && !comes_after(other, one);
}

/* The clause at the root of this one: one that it comes with and that itself comes with none. NULL: it is a root. */
static const struct clause_result *root_of(const struct report *report, const struct clause_result *clause)
{
    const struct clause_result *root = clause;
    for (size_t steps = 0; steps < report->clause_count; steps++) {
        const struct clause_result *next = NULL;
        for (size_t i = 0; i < report->clause_count && next == NULL; i++)
            next = comes_with(root, &report->clauses[i]) ? &report->clauses[i] : NULL;
        if (next == NULL)
            return root == clause ? NULL : root;
        root = next;
    }
    return NULL; /* in a circle: nobody's root is known */
}

/* What it takes to see the best finding: less comes first. */
static unsigned long effort_of(const struct clause_result *clause)
{
    const struct finding *best = &clause->findings[0];
    bool is_threads = best->took.among_threads || is_of_threads(clause);
    unsigned long kind = is_threads ? 2 : best->took.refused;
    return kind << 24 | (best->whole_trace ? 0ul : 1ul << 23) | best->took.calls;
}

void root_cause_find(struct report *report)
{
    const struct clause_result *first = NULL;
    report->fix_first = NULL;
    for (size_t i = 0; i < report->clause_count; i++) {
        struct clause_result *clause = &report->clauses[i];
        const struct clause_result *root = is_broken(clause) ? root_of(report, clause) : NULL;
        clause->follows = root == NULL ? NULL : root->id;
        bool decides = is_broken(clause) && clause_standing(report, clause) == STANDING_BROKEN;
        bool stands_for_itself = root == NULL || clause_standing(report, root) != STANDING_BROKEN;
        if (decides && stands_for_itself && (first == NULL || effort_of(clause) < effort_of(first)))
            first = clause;
    }
    report->fix_first = first == NULL ? NULL : first->id;
}
