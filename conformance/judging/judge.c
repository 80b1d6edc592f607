#include "conformance/judging/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "conformance/judging/file_clauses.h"
#include "conformance/judging/findings.h"
#include "conformance/judging/evidence.h"
#include "conformance/judging/part.h"
#include "conformance/judging/suites.h"
#include "harness/base/platform.h"
#include "harness/candidate/artifact.h"
#include "harness/candidate/binding.h"
#include "harness/candidate/c_function.h"

enum { MOST_FITS = 64 };

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* ---- what is asked ---- */

static bool is_possible(const struct scenario *scenario, unsigned capabilities)
{
    return (scenario->needs & ~capabilities) == 0;
}

static bool is_selected(const struct suite_job *job, const struct scenario *scenario)
{
    return is_possible(scenario, job->fit->capabilities) && part_has_scenario(job->options, scenario);
}

/* A scenario that exercises the clause, could be run, and is not in the part that was asked for; NULL: there is none.
 */
static const struct scenario *outside_the_part(const struct judge_options *options, unsigned capabilities,
                                               const char *clause_id)
{
    for (size_t i = 0; i < contract_scenario_count(); i++) {
        const struct scenario *scenario = contract_scenario(i);
        if (is_possible(scenario, capabilities) && !part_has_scenario(options, scenario) &&
            scenario_exercises(scenario, clause_id))
            return scenario;
    }
    return NULL;
}

/* ---- from flight records to clauses ---- */

static bool was_run(const struct flight *result) { return atomic_load(&result->claim) == CLAIM_KEPT; }

static bool was_left_out(const struct flight *result) { return atomic_load(&result->claim) == CLAIM_LEFT_OUT; }

/* Of those that were left out, one that exercises the clause; NULL: none does. */
static const struct scenario *left_out(const struct flight *results, const char *clause_id)
{
    for (size_t i = 0; i < contract_scenario_count(); i++)
        if (was_left_out(&results[i]) && scenario_exercises(contract_scenario(i), clause_id))
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

/* Was a scenario that exercises the clause among those that ran, or that would have run otherwise? Check's own
 * selection may leave some out: those were not asked for. */
static bool was_in_reach(const struct flight *results, const char *clause_id)
{
    for (size_t i = 0; i < contract_scenario_count(); i++)
        if (was_run(&results[i]) && scenario_exercises(contract_scenario(i), clause_id))
            return true;
    return left_out(results, clause_id) != NULL;
}

/* An innocent candidate may do what is seen where the platform lacks what it relies on: that convicts nobody. */
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

/* Did it break in a scenario of one thread? Then that it breaks among several says nothing about threads. */
static bool breaks_alone(const struct flight *results, int clause)
{
    for (size_t i = 0; i < contract_scenario_count(); i++)
        for (uint32_t f = 0;
             was_run(&results[i]) && atomic_load(&results[i].threads) < 2 && f < results[i].finding_count; f++)
            if (results[i].findings[f].clause == clause)
                return true;
    return false;
}

static void add_seen(struct report *report, struct clause_result *row, const struct judge_options *options,
                     const struct flight *result, size_t scenario, uint32_t number)
{
    const struct flight_finding *seen = &result->findings[number];
    const char *name = contract_scenario(scenario)->name;
    char *command = results_write(options, report->path, report->binding, row->id, name, number, seen);
    struct finding *added = finding_add(report, row, seen, name, command);
    if (added != NULL)
        finding_note_what_it_took(added, seen, result);
}

static void sum_up(struct report *report, struct clause_result *row, size_t clause, const struct flight *results,
                   const struct judge_options *options)
{
    bool excused = false;
    for (size_t i = 0; i < contract_scenario_count(); i++) {
        if (!was_run(&results[i]))
            continue;
        row->exercised += atomic_load(&results[i].exercised[clause]);
        if (row->note == NULL && results[i].observed[clause][0] != '\0')
            row->note = strdup(results[i].observed[clause]);
        for (uint32_t f = 0; f < results[i].finding_count; f++)
            if (results[i].findings[f].clause != (int32_t)clause)
                continue;
            else if (is_excused(contract_clause(clause)))
                excused = true;
            else if (breaks_alone(results, results[i].findings[f].among_threads))
                continue;
            else
                add_seen(report, row, options, &results[i], i, f);
    }
    if (excused) {
        note_excuse(row, contract_clause(clause));
        row->exercised = 0;
    } else if (row->finding_count > 0 && row->exercised == 0) {
        row->exercised = row->finding_count;
    }
}

static bool is_waived(const struct suite_job *job, const struct clause *clause, const struct flight_finding *finding)
{
    return job->options->waivers != NULL &&
           waivers_cover(job->options->waivers, job->path, clause->id, finding->message);
}

/* Does what the scenario found make the verdict, whatever others find? */
static bool is_decided(const struct suite_job *job, const struct flight *result)
{
    for (uint32_t f = 0; job->options->fail_fast && f < result->finding_count; f++) {
        const struct flight_finding *finding = &result->findings[f];
        const struct clause *clause = contract_clause((size_t)finding->clause);
        if (part_has_clause(job->options, clause->id) && clause->level <= job->options->level && !is_excused(clause) &&
            !breaks_alone(job->results, finding->among_threads) && !is_waived(job, clause, finding))
            return true;
    }
    return false;
}

static uint64_t exercised_in_all(const struct flight *results, const char *clause_id)
{
    uint64_t sum = 0;
    int clause = contract_clause_index(clause_id);
    for (size_t i = 0; clause >= 0 && i < contract_scenario_count(); i++)
        sum += was_run(&results[i]) ? atomic_load(&results[i].exercised[clause]) : 0;
    return sum;
}

/* The candidate was asked, and never did what the clause is about: there is nothing to break. */
static bool is_moot(const struct clause_result *row, const struct clause *clause, const struct flight *results)
{
    return row->exercised == 0 && row->finding_count == 0 && clause->moot_if != NULL &&
           exercised_in_all(results, clause->moot_if) > 0 && left_out(results, clause->id) == NULL;
}

/* What stands first here is the reason that is told where several are missing. */
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

/* Who asks for a clause by name or glob gets an answer on it, or no pass; of the others those in reach must have been
 * put to the test. */
static bool is_required(const struct clause *clause, const struct judge_options *options, const struct flight *results)
{
    if (options->glob_count > 0)
        return clause->level != LEVEL_OBSERVED && contract_is_judged(clause);
    return clause->level <= options->level && was_in_reach(results, clause->id);
}

static void note_out_of_reach(struct clause_result *row, const struct scenario *scenario)
{
    char note[200];
    snprintf(note, sizeof note, "out of reach of what was asked for: %s exercises it, say", scenario->name);
    row->note = strdup(note);
}

static void decide_clause(struct clause_result *row, const struct clause *clause, const struct judge_options *options,
                          unsigned capabilities, const struct flight *results)
{
    unsigned missing = clause->needs & ~capabilities;
    if (clause->needs_any != 0 && (clause->needs_any & capabilities) == 0)
        missing |= clause->needs_any;
    row->required = missing == 0 && is_required(clause, options, results);
    if (row->finding_count > 0)
        row->verdict = clause->level == LEVEL_OBSERVED ? CLAUSE_OBSERVED : CLAUSE_VIOLATED;
    else if (missing != 0)
        row->verdict = CLAUSE_NOT_APPLICABLE;
    else if (row->exercised == 0)
        row->verdict = CLAUSE_NOT_EXERCISED;
    else
        row->verdict = clause->level == LEVEL_OBSERVED ? CLAUSE_OBSERVED : CLAUSE_HOLDS;
    if (row->note == NULL && missing != 0)
        row->note = strdup(why_not_applicable(missing));
    if (row->note == NULL && !contract_is_judged(clause))
        row->note = strdup("not judged yet: no scenario exercises it");
    if (row->note == NULL && row->verdict == CLAUSE_NOT_EXERCISED && left_out(results, clause->id) != NULL)
        note_left_out(row, left_out(results, clause->id));
    const struct scenario *outside = outside_the_part(options, capabilities, clause->id);
    if (row->note == NULL && row->verdict == CLAUSE_NOT_EXERCISED && outside != NULL)
        note_out_of_reach(row, outside);
}

static void fill_clauses(struct report *report, const struct judge_options *options, const struct flight *results,
                         unsigned capabilities)
{
    report->clauses = calloc(contract_clause_count(), sizeof *report->clauses);
    for (size_t i = 0; i < contract_clause_count(); i++) {
        const struct clause *clause = contract_clause(i);
        if (!part_has_clause(options, clause->id))
            continue;
        struct clause_result *row = &report->clauses[report->clause_count++];
        *row = (struct clause_result){.id = clause->id, .statement = clause->statement, .level = clause->level};
        sum_up(report, row, i, results, options);
        decide_clause(row, clause, options, capabilities, results);
        if (row->verdict == CLAUSE_NOT_EXERCISED && is_moot(row, clause, results)) {
            row->verdict = CLAUSE_NOT_APPLICABLE;
            row->note = row->note != NULL ? row->note : strdup(clause->moot_note);
        }
    }
}

/* Does a clause that was asked for say how the scenario ended? */
static bool is_told(const struct judge_options *options, const struct flight *result)
{
    for (uint32_t f = 0; f < result->finding_count && f < FLIGHT_FINDINGS; f++)
        if (part_has_clause(options, contract_clause((size_t)result->findings[f].clause)->id))
            return true;
    return false;
}

static void tell_left_out(struct report *report, const struct scenario *scenario)
{
    char why[160] = "the run ended before its turn";
    if (!suites_can_run(scenario))
        snprintf(why, sizeof why, "the platform lacks %s", scenario->relies_on);
    report->left_out_scenarios =
        realloc(report->left_out_scenarios, (report->left_out + 1) * sizeof *report->left_out_scenarios);
    report->left_out_scenarios[report->left_out++] = (struct left_out){strdup(scenario->name), strdup(why)};
}

/* True when some scenario that was run did not end as one should, and no clause asked for says why: silence is no pass.
 */
static bool fill_scenarios(struct report *report, const struct judge_options *options, const struct flight *results)
{
    bool failed = false;
    report->scenarios = calloc(contract_scenario_count(), sizeof *report->scenarios);
    for (size_t i = 0; i < contract_scenario_count(); i++) {
        const struct flight *result = &results[i];
        if (was_left_out(result))
            tell_left_out(report, contract_scenario(i));
        if (!was_run(result))
            continue;
        const char *outcome = result->outcome == OUTCOME_COMPLETED && result->cut_short
                                  ? "cut-short"
                                  : flight_outcome_name((enum flight_outcome)result->outcome);
        report->scenarios[report->scenario_count++] =
            (struct scenario_result){.name = strdup(contract_scenario(i)->name),
                                     .outcome = strdup(outcome),
                                     .detail = result->detail[0] ? strdup(result->detail) : NULL,
                                     .duration_s = result->duration_s,
                                     .operations = atomic_load(&result->tape_length)};
        failed = failed || (result->outcome != OUTCOME_COMPLETED && !is_told(options, result));
    }
    return failed;
}

/* The binding whose symbols are the contract itself, NULL if the one named is another. */
static const struct binding *contract_binding(const struct judge_options *options)
{
    const struct binding *bindings[MOST_FITS];
    struct error ignored = {0};
    int count = 1;
    if (options->binding != NULL)
        bindings[0] = binding_load(options->binding, options->bindings_directory, &ignored);
    else
        count = binding_load_all(options->bindings_directory, bindings, MOST_FITS, &ignored);
    for (int i = 0; i < count; i++)
        if (bindings[i] != NULL && binding_symbols_are_contract(bindings[i]))
            return bindings[i];
    return NULL;
}

/* A library that defines some of the contract's symbols and not all breaks abi/complete: there is nothing more to ask.
 */
static bool is_incomplete(const char *path, const struct judge_options *options, struct report *report)
{
    char bad[256] = "";
    int right;
    const struct binding *binding = contract_binding(options);
    if (binding == NULL || file_count_defined(path, binding, &right, bad, sizeof bad) == 0 || bad[0] == '\0')
        return false;
    struct flight *none = calloc(contract_scenario_count(), sizeof *none);
    free(report->binding);
    report->binding = strdup(binding_name(binding));
    part_tell(options, report);
    fill_clauses(report, options, none, NEEDS_RUST_SYMBOLS);
    file_clauses_judge(report, path, binding);
    report_decide(report, false);
    free(none);
    return true;
}

/* ---- judging ---- */

/* What had not begun when the signal came, or not come to its end, is left out. */
static void note_interruption(const struct suite_job *job, struct report *report)
{
    for (size_t i = 0; i < contract_scenario_count(); i++)
        if (!was_run(&job->results[i]) && is_selected(job, contract_scenario(i))) {
            atomic_store(&job->results[i].claim, CLAIM_LEFT_OUT);
            report->interrupted = true;
        }
}

static void judge_bound(const char *path, const struct judge_options *options, const struct fit *fit,
                        struct report *report)
{
    size_t size = contract_scenario_count() * sizeof(struct flight);
    struct flight *results =
        mmap(NULL, size + sizeof(struct suite_shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (results == MAP_FAILED) {
        report_decide(report, true);
        return;
    }
    struct suite_job job = {.path = path,
                            .fit = fit,
                            .options = options,
                            .seed = options->seed,
                            .selected = is_selected,
                            .decided = is_decided,
                            .results = results,
                            .shared = (void *)(results + contract_scenario_count())};
    bool well = suites_run(&job);
    if (suites_were_aborted())
        note_interruption(&job, report);
    fill_clauses(report, options, results, fit->capabilities);
    bool failed = fill_scenarios(report, options, results);
    report->ended_early = atomic_load(&job.shared->decided) != 0;
    const struct binding *contract = contract_binding(options);
    if ((fit->capabilities & NEEDS_RUST_SYMBOLS) != 0 && contract != NULL)
        file_clauses_judge(report, path, contract);
    report_decide(report, failed || !well);
    munmap(results, size + sizeof(struct suite_shared));
}

static void cannot_ask(struct report *report, const char *reason)
{
    report->verdict = VERDICT_UNJUDGED;
    report->reason = strdup(reason);
}

void judge_unasked(const char *path, const char *reason, struct report *report)
{
    *report = (struct report){.path = strdup(path), .binding = strdup(""), .platform = strdup(platform_name())};
    cannot_ask(report, reason);
}

static bool serves(const struct fit *fit, const struct judge_options *options)
{
    struct error ignored = {0};
    const struct binding *binding = binding_load(fit->binding, options->bindings_directory, &ignored);
    return options->contract == NULL || (binding != NULL && binding_serves(binding, options->contract));
}

/* The first that fits, of those that serve the contract asked for if there is one. */
static const struct fit *choose_fit(const struct fit *fits, int count, const struct judge_options *options)
{
    const struct fit *first = NULL;
    for (int i = 0; i < count; i++) {
        if (fits[i].fits && serves(&fits[i], options))
            return &fits[i];
        first = first == NULL && fits[i].fits ? &fits[i] : first;
    }
    return first;
}

/* What keeps the library itself from being loaded is said of every binding that loads it; NULL: there is no such thing.
 * Those that preload it have other words for the same. */
static const char *common_reason(const struct fit *fits, int count)
{
    const char *reason = NULL;
    for (int i = 0; i < count; i++) {
        if (!fits[i].preload && reason != NULL && strcmp(fits[i].why, reason) != 0)
            return NULL;
        if (!fits[i].preload)
            reason = fits[i].why;
    }
    return reason;
}

/* Adds "BINDING: REASON" behind what was said. The reason is shortened by what is said already: the file and the
 * binding. */
static void add_reason(char *text, size_t size, const char *path, const struct fit *fit, bool more)
{
    char behind[300];
    const char *why = fit->why;
    size_t length = strlen(path), said = strlen(text);
    if (strncmp(why, path, length) == 0 && strncmp(why + length, ": ", 2) == 0)
        why += length + 2;
    snprintf(behind, sizeof behind, ", which binding %s needs", fit->binding);
    const char *end = strstr(why, behind);
    int shown = end != NULL ? (int)(end - why) : 200;
    snprintf(text + said, size - said, "%s%s: %.*s", more ? "; " : "", fit->binding, shown, why);
}

void judge_why_none_fits(const char *path, const struct judge_options *options, const struct fit *fits, int count,
                         char *text, size_t size)
{
    const char *why = options->binding != NULL ? fits[0].why : common_reason(fits, count);
    if (why != NULL) {
        snprintf(text, size, "%s", why);
        return;
    }
    char *probe = report_probe_command(path);
    snprintf(text, size, "%s: no shipped binding fits (`%s`): ", path, probe);
    free(probe);
    for (int i = 0; i < count; i++)
        add_reason(text, size, path, &fits[i], i > 0);
}

/* Puts the contract in force that is asked for, or else the one that the binding names first. False: the binding does
 * not serve it. */
static bool choose_contract(const struct judge_options *options, const struct fit *fit, struct error *error)
{
    const struct binding *binding = binding_load(fit->binding, options->bindings_directory, error);
    if (binding == NULL)
        return false;
    const char *name = options->contract != NULL ? options->contract : binding_contract(binding, 0);
    if (!binding_serves(binding, name))
        return error_set(error, "binding %s does not serve contract %s: it names %s", binding_name(binding), name,
                         binding_contract(binding, 0));
    if (contract_select(name))
        return part_is_something(options, error); /* of several contracts one may have what was asked for */
    return error_set(error, "binding %s names contract %s, and there is none of that name", binding_name(binding),
                     name);
}

/* The functions that the contract speaks of and the library lacks. */
static void note_missing_functions(struct report *report, unsigned capabilities)
{
    for (int f = 0; f < C_FUNCTIONS && contract_speaks_of_c(); f++)
        if ((capabilities & NEEDS_C_FUNCTION(f)) == 0)
            report->missing_functions[report->missing_count++] = c_function_name((unsigned)f);
}

void judge_candidate(const char *path, const struct judge_options *options, struct report *report)
{
    static struct fit fits[MOST_FITS];
    struct error error = {0};
    contract_select(options->contract != NULL ? options->contract : CONTRACT_RUST);
    double started = now_s();
    *report =
        (struct report){.path = strdup(path),
                        .binding = strdup(""),
                        .platform = strdup(platform_name()),
                        .level = options->level,
                        .effort = options->effort == EFFORT_STANDARD ? NULL : strdup(effort_name(options->effort)),
                        .seed = options->seed};
    int count = artifact_check(path, &error) ? judge_probe(path, options, fits, MOST_FITS, &error) : -1;
    const struct fit *fit = count < 0 ? NULL : choose_fit(fits, count, options);
    if (count < 0) {
        cannot_ask(report, error.text);
    } else if (suites_were_aborted()) {
        cannot_ask(report, "interrupted before any scenario had run");
    } else if (fit != NULL && !choose_contract(options, fit, &error)) {
        cannot_ask(report, error.text);
    } else if (fit != NULL) {
        free(report->binding);
        report->binding = strdup(fit->binding);
        report->contract = contract_in_force()->name;
        note_missing_functions(report, fit->capabilities);
        part_tell(options, report);
        judge_bound(path, options, fit, report);
    } else if (strcmp(contract_in_force()->name, CONTRACT_RUST) != 0 || !is_incomplete(path, options, report)) {
        char reason[1400];
        judge_why_none_fits(path, options, fits, count, reason, sizeof reason);
        cannot_ask(report, reason);
    }
    report->duration_s = now_s() - started;
}
