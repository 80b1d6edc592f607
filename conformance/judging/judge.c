#include "conformance/judging/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "conformance/judging/evidence.h"
#include "conformance/judging/file_clauses.h"
#include "conformance/judging/part.h"
#include "conformance/judging/probe.h"
#include "conformance/judging/suites.h"
#include "conformance/judging/summary.h"
#include "harness/base/clock.h"
#include "harness/base/platform.h"
#include "harness/candidate/artifact.h"
#include "harness/candidate/binding.h"
#include "harness/candidate/c_function.h"

/* ---- a candidate that cannot be asked ---- */

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

/* The binding whose symbols are the contract itself; NULL: another binding was asked for. */
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

/* A library that defines some of the contract's symbols and not all breaks abi/complete, and nothing else can be asked.
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
    summary_clauses(report, options, none, NEEDS_RUST_SYMBOLS);
    file_clauses_judge(report, path, binding);
    report_decide(report, false);
    free(none);
    return true;
}

/* ---- a candidate that is bound ---- */

static bool is_selected(const struct suite_job *job, const struct scenario *scenario)
{
    return part_can_run(scenario, job->fit->capabilities) && part_has_scenario(job->options, scenario);
}

/* After a signal: the scenarios that had not begun, or had not come to their end, are left out. */
static void note_interruption(const struct suite_job *job, struct report *report)
{
    for (size_t i = 0; i < contract_scenario_count(); i++)
        if (!job_has_run(&job->records[i]) && is_selected(job, contract_scenario(i))) {
            atomic_store(&job->records[i].claim, CLAIM_LEFT_OUT);
            report->interrupted = true;
        }
}

/* Does a clause that was asked for say how the scenario ended? */
static bool is_told(const struct judge_options *options, const struct flight *record)
{
    for (uint32_t f = 0; f < record->finding_count && f < FLIGHT_FINDINGS; f++)
        if (part_has_clause(options, contract_clause((size_t)record->findings[f].clause)->id))
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

/* True when a scenario did not end as it should and no clause that was asked for says why: the verdict must not read as
 * if all went well. */
static bool fill_scenarios(struct report *report, const struct judge_options *options, const struct flight *records)
{
    bool failed = false;
    report->scenarios = calloc(contract_scenario_count(), sizeof *report->scenarios);
    for (size_t i = 0; i < contract_scenario_count(); i++) {
        const struct flight *record = &records[i];
        if (job_was_left_out(record))
            tell_left_out(report, contract_scenario(i));
        if (!job_has_run(record))
            continue;
        const char *outcome = record->outcome == OUTCOME_COMPLETED && record->cut_short
                                  ? "cut-short"
                                  : flight_outcome_name((enum flight_outcome)record->outcome);
        report->scenarios[report->scenario_count++] =
            (struct scenario_result){.name = strdup(contract_scenario(i)->name),
                                     .outcome = strdup(outcome),
                                     .detail = record->detail[0] ? strdup(record->detail) : NULL,
                                     .duration_s = record->duration_s,
                                     .operations = atomic_load(&record->tape_length)};
        failed = failed || (record->outcome != OUTCOME_COMPLETED && !is_told(options, record));
    }
    return failed;
}

static void judge_bound(const char *path, const struct judge_options *options, const struct fit *fit,
                        struct report *report)
{
    size_t size = contract_scenario_count() * sizeof(struct flight);
    struct flight *records =
        mmap(NULL, size + sizeof(struct suite_shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (records == MAP_FAILED) {
        report_decide(report, true);
        return;
    }
    struct suite_job job = {.path = path,
                            .fit = fit,
                            .options = options,
                            .seed = options->seed,
                            .selected = is_selected,
                            .decided = summary_decides,
                            .records = records,
                            .shared = (void *)(records + contract_scenario_count())};
    bool well = suites_run(&job);
    if (suites_were_aborted())
        note_interruption(&job, report);
    summary_clauses(report, options, records, fit->capabilities);
    bool failed = fill_scenarios(report, options, records);
    evidence_write(report, options, records);
    report->ended_early = atomic_load(&job.shared->decided) != 0;
    const struct binding *contract = contract_binding(options);
    if ((fit->capabilities & NEEDS_RUST_SYMBOLS) != 0 && contract != NULL)
        file_clauses_judge(report, path, contract);
    report_decide(report, failed || !well);
    munmap(records, size + sizeof(struct suite_shared));
}

/* ---- from a file to a verdict ---- */

/* Puts the contract in force that is asked for, or else the one that the binding names first. False with `error`: the
 * binding does not serve it. */
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

/* Notes the functions that the contract speaks of and the library lacks. */
static void note_missing_functions(struct report *report, unsigned capabilities)
{
    for (int f = 0; f < C_FUNCTIONS && contract_speaks_of_c(); f++)
        if ((capabilities & NEEDS_C_FUNCTION(f)) == 0)
            report->missing_functions[report->missing_count++] = c_function_name((unsigned)f);
}

/* Fills in what is known before the candidate is looked at. */
static void begin_report(const char *path, const struct judge_options *options, struct report *report)
{
    *report =
        (struct report){.path = strdup(path),
                        .binding = strdup(""),
                        .platform = strdup(platform_name()),
                        .level = options->level,
                        .effort = options->effort == EFFORT_STANDARD ? NULL : strdup(effort_name(options->effort)),
                        .seed = options->seed};
}

static void judge_fit(const char *path, const struct judge_options *options, const struct fit *fit,
                      struct report *report)
{
    struct error error = {0};
    if (!choose_contract(options, fit, &error)) {
        cannot_ask(report, error.text);
        return;
    }
    free(report->binding);
    report->binding = strdup(fit->binding);
    report->contract = contract_in_force()->name;
    note_missing_functions(report, fit->capabilities);
    part_tell(options, report);
    judge_bound(path, options, fit, report);
}

void judge_candidate(const char *path, const struct judge_options *options, struct report *report)
{
    static struct fit fits[MOST_FITS];
    struct error error = {0};
    contract_select(options->contract != NULL ? options->contract : CONTRACT_RUST);
    double started = clock_now_s();
    begin_report(path, options, report);
    int count = artifact_check(path, &error) ? probe_bindings(path, options, fits, MOST_FITS, &error) : -1;
    const struct fit *fit = count < 0 ? NULL : probe_choose(fits, count, options);
    if (count < 0) {
        cannot_ask(report, error.text);
    } else if (suites_were_aborted()) {
        cannot_ask(report, "interrupted before any scenario had run");
    } else if (fit != NULL) {
        judge_fit(path, options, fit, report);
    } else if (strcmp(contract_in_force()->name, CONTRACT_RUST) != 0 || !is_incomplete(path, options, report)) {
        char reason[1400];
        probe_why_none_fits(path, options, fits, count, reason, sizeof reason);
        cannot_ask(report, reason);
    }
    report->duration_s = clock_now_s() - started;
}
