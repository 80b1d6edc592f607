#include "conformance/judging/summary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/judging/findings.h"
#include "conformance/judging/part.h"
#include "conformance/judging/suites.h"
#include "harness/base/platform.h"

/* ---- scenarios that did not run ---- */

/* A scenario that exercises the clause and could be run, but is not in the part that was asked for; NULL: none. */
static const struct scenario *outside_the_part(const struct judge_options *options, unsigned capabilities,
                                               const char *clause_id)
{
    for (size_t i = 0; i < contract_scenario_count(); i++) {
        const struct scenario *scenario = contract_scenario(i);
        if (part_can_run(scenario, capabilities) && !part_has_scenario(options, scenario) &&
            scenario_exercises(scenario, clause_id))
            return scenario;
    }
    return NULL;
}

/* A scenario that was left out and exercises the clause; NULL: none. */
static const struct scenario *left_out(const struct flight *records, const char *clause_id)
{
    for (size_t i = 0; i < contract_scenario_count(); i++)
        if (job_was_left_out(&records[i]) && scenario_exercises(contract_scenario(i), clause_id))
            return contract_scenario(i);
    return NULL;
}

static void note_left_out(struct clause_result *row, const struct scenario *scenario)
{
    char note[200] = "the run ended before its turn";
    if (!suites_can_run(scenario)) {
        row->lacks = scenario->relies_on;
        snprintf(note, sizeof note, "not asked here, where the platform lacks %s: undecided", row->lacks);
    }
    row->note = strdup(note);
}

/* Was a scenario that exercises the clause run, or would it have been? One that Check's own selection leaves out was
 * not asked for. */
static bool was_in_reach(const struct flight *records, const char *clause_id)
{
    for (size_t i = 0; i < contract_scenario_count(); i++)
        if (job_has_run(&records[i]) && scenario_exercises(contract_scenario(i), clause_id))
            return true;
    return left_out(records, clause_id) != NULL;
}

/* ---- which findings count ---- */

/* On a platform that lacks what the clause relies on, a correct candidate may be seen to break it. */
static bool is_excused(const struct clause *clause)
{
    return clause->relies_on != NULL && platform_lacks(clause->relies_on);
}

static void note_excuse(struct clause_result *row, const struct clause *clause)
{
    char note[300];
    snprintf(note, sizeof note,
             "not kept here, where the platform lacks %s, on which a correct allocator may rely: undecided",
             clause->relies_on);
    free(row->note);
    row->note = strdup(note);
    row->lacks = clause->relies_on;
}

/* Was the clause broken in a scenario of one thread? Then its breach among several threads says nothing about threads.
 */
static bool breaks_alone(const struct flight *records, int clause)
{
    for (size_t i = 0; i < contract_scenario_count(); i++)
        for (uint32_t f = 0;
             job_has_run(&records[i]) && atomic_load(&records[i].threads) < 2 && f < records[i].finding_count; f++)
            if (records[i].findings[f].clause == clause)
                return true;
    return false;
}

static bool is_waived(const struct suite_job *job, const struct clause *clause, const struct flight_finding *finding)
{
    return job->options->waivers != NULL &&
           waivers_cover(job->options->waivers, job->path, clause->id, finding->message);
}

bool summary_decides(const struct suite_job *job, const struct flight *record)
{
    for (uint32_t f = 0; job->options->fail_fast && f < record->finding_count; f++) {
        const struct flight_finding *finding = &record->findings[f];
        const struct clause *clause = contract_clause((size_t)finding->clause);
        if (part_has_clause(job->options, clause->id) && clause->level <= job->options->level && !is_excused(clause) &&
            !breaks_alone(job->records, finding->among_threads) && !is_waived(job, clause, finding))
            return true;
    }
    return false;
}

/* ---- from flight records to a clause ---- */

static void add_finding(struct report *report, struct clause_result *row, const struct flight *record,
                        const char *scenario, const struct flight_finding *seen)
{
    struct finding *added = finding_add(report, row, seen, scenario);
    if (added != NULL)
        finding_note_what_it_took(added, seen, record);
}

/* Adds what one scenario found about the clause. True: it found something that is excused. */
static bool add_findings(struct report *report, struct clause_result *row, int clause, const struct flight *records,
                         size_t scenario)
{
    const struct flight *record = &records[scenario];
    bool excused = false;
    for (uint32_t f = 0; f < record->finding_count; f++) {
        const struct flight_finding *seen = &record->findings[f];
        if (seen->clause != clause)
            continue;
        if (is_excused(contract_clause((size_t)clause)))
            excused = true;
        else if (!breaks_alone(records, seen->among_threads))
            add_finding(report, row, record, contract_scenario(scenario)->name, seen);
    }
    return excused;
}

static void sum_up(struct report *report, struct clause_result *row, size_t clause, const struct flight *records)
{
    bool excused = false;
    for (size_t i = 0; i < contract_scenario_count(); i++) {
        if (!job_has_run(&records[i]))
            continue;
        row->exercised += atomic_load(&records[i].exercised[clause]);
        if (row->note == NULL && records[i].observed[clause][0] != '\0')
            row->note = strdup(records[i].observed[clause]);
        excused = add_findings(report, row, (int)clause, records, i) || excused;
    }
    if (excused) {
        note_excuse(row, contract_clause(clause));
        row->exercised = 0;
    } else if (row->finding_count > 0 && row->exercised == 0) {
        row->exercised = row->finding_count;
    }
}

static uint64_t exercised_in_all(const struct flight *records, const char *clause_id)
{
    uint64_t sum = 0;
    int clause = contract_clause_index(clause_id);
    for (size_t i = 0; clause >= 0 && i < contract_scenario_count(); i++)
        sum += job_has_run(&records[i]) ? atomic_load(&records[i].exercised[clause]) : 0;
    return sum;
}

/* The candidate was asked and never did what the clause is about, so there was nothing to break. */
static bool is_moot(const struct clause_result *row, const struct clause *clause, const struct flight *records)
{
    return row->exercised == 0 && row->finding_count == 0 && clause->moot_if != NULL &&
           exercised_in_all(records, clause->moot_if) > 0 && left_out(records, clause->id) == NULL;
}

/* Where several needs are missing, the first of these rows is told. */
static const char *why_not_applicable(unsigned missing)
{
    static const struct {
        unsigned need;
        const char *why;
    } reasons[] = {
        {NEEDS_ANOTHER_KIND, "about other artifacts than allocators: `assay linkage` judges those"},
        {NEEDS_REGISTER_GATE, "registers cannot be checked on this platform"},
        {NEEDS_EARLY_CALLS,
         "about libraries that take malloc's place: nobody calls another one before its constructor"},
        {NEEDS_MALLOC_REPLACED, "the library is not the process's malloc"},
        {NEEDS_RUST_SYMBOLS, "about the contract's own symbols"},
        {NEEDS_ALLOCATE_ZEROED, "the binding does not have the operation allocate_zeroed"},
        {NEEDS_IN_PLACE, "the binding does not have the operation reallocate_inplace"},
        {NEEDS_USABLE_SIZE, "the binding does not have the operation usable_size"},
        {NEEDS_PURE_USABLE_SIZE, "the binding does not have the operation usable_size of (size, align)"},
        {NEEDS_USABLE_SIZE_ASKED, "the binding works usable_size out; the library is not asked"},
        {NEEDS_OLD_SIZE_RANGE, "the binding has no range of old_size: it is the requested size alone"},
        {NEEDS_ALIGNMENT, "the binding allows no alignment but 1 (max_align)"},
        {NEEDS_ABOVE_PAGE, "the binding allows no alignment above the page size (max_align)"},
    };
    if (missing >= NEEDS_C_FUNCTION(0))
        return "the library does not define the function";
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (missing & reasons[i].need)
            return reasons[i].why;
    return "the binding does not have the operation";
}

/* A clause that was asked for by name or glob must have been put to the test, or the run is no pass. Of the others this
 * holds for those in reach. */
static bool is_required(const struct clause *clause, const struct judge_options *options, const struct flight *records)
{
    if (options->glob_count > 0)
        return clause->level != LEVEL_OBSERVED && contract_is_judged(clause);
    return clause->level <= options->level && was_in_reach(records, clause->id);
}

static void note_out_of_reach(struct clause_result *row, const struct scenario *scenario)
{
    char note[200];
    snprintf(note, sizeof note, "out of reach of what was asked for: %s exercises it, say", scenario->name);
    row->note = strdup(note);
}

static enum clause_verdict verdict_of(const struct clause_result *row, const struct clause *clause, bool applies)
{
    bool is_observed = clause->level == LEVEL_OBSERVED;
    if (row->finding_count > 0)
        return is_observed ? CLAUSE_OBSERVED : CLAUSE_VIOLATED;
    if (!applies)
        return CLAUSE_NOT_APPLICABLE;
    if (row->exercised == 0)
        return CLAUSE_NOT_EXERCISED;
    return is_observed ? CLAUSE_OBSERVED : CLAUSE_HOLDS;
}

static void decide_clause(struct clause_result *row, const struct clause *clause, const struct judge_options *options,
                          unsigned capabilities, const struct flight *records)
{
    unsigned missing = clause->needs & ~capabilities;
    if (clause->needs_any != 0 && (clause->needs_any & capabilities) == 0)
        missing |= clause->needs_any;
    row->required = missing == 0 && is_required(clause, options, records);
    row->verdict = verdict_of(row, clause, missing == 0);
    if (row->note == NULL && missing != 0)
        row->note = strdup(why_not_applicable(missing));
    if (row->note == NULL && !contract_is_judged(clause))
        row->note = strdup("not judged yet: no scenario exercises it");
    if (row->note == NULL && row->verdict == CLAUSE_NOT_EXERCISED && left_out(records, clause->id) != NULL)
        note_left_out(row, left_out(records, clause->id));
    const struct scenario *outside = outside_the_part(options, capabilities, clause->id);
    if (row->note == NULL && row->verdict == CLAUSE_NOT_EXERCISED && outside != NULL)
        note_out_of_reach(row, outside);
}

void summary_clauses(struct report *report, const struct judge_options *options, const struct flight *records,
                     unsigned capabilities)
{
    report->clauses = calloc(contract_clause_count(), sizeof *report->clauses);
    for (size_t i = 0; i < contract_clause_count(); i++) {
        const struct clause *clause = contract_clause(i);
        if (!part_has_clause(options, clause->id))
            continue;
        struct clause_result *row = &report->clauses[report->clause_count++];
        *row = (struct clause_result){.id = clause->id, .statement = clause->statement, .level = clause->level};
        sum_up(report, row, i, records);
        decide_clause(row, clause, options, capabilities, records);
        if (row->verdict == CLAUSE_NOT_EXERCISED && is_moot(row, clause, records)) {
            row->verdict = CLAUSE_NOT_APPLICABLE;
            row->note = row->note != NULL ? row->note : strdup(clause->moot_note);
        }
    }
}
