#include "conformance/judging/part.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/nearest.h"

/* ---- Check's selection ---- */

static const char *const VARIABLES[] = {"CK_RUN_SUITE", "CK_RUN_CASE", "CK_INCLUDE_TAGS", "CK_EXCLUDE_TAGS"};

size_t part_suite_length(const struct scenario *scenario) { return strcspn(scenario->name, "/"); }

static bool is_suite_of(const struct scenario *scenario, const char *suite)
{
    size_t length = part_suite_length(scenario);
    return strlen(suite) == length && strncmp(scenario->name, suite, length) == 0;
}

const char *part_case_of(const struct scenario *scenario)
{
    const char *slash = strchr(scenario->name, '/');
    return slash == NULL ? scenario->name : slash + 1;
}

/* Do two lists of words, separated by spaces, have a word in common? */
static bool have_common(const char *left, const char *right)
{
    char words[512];
    char *rest = NULL;
    snprintf(words, sizeof words, "%s", left == NULL ? "" : left);
    for (char *word = strtok_r(words, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        size_t length = strlen(word);
        for (const char *at = right; (at = strstr(at, word)) != NULL; at += length)
            if ((at == right || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
                return true;
    }
    return false;
}

/* Does the scenario pass one of Check's variables, with this value? */
static bool passes(const struct scenario *scenario, size_t variable, const char *value)
{
    switch (variable) {
    case 0: return is_suite_of(scenario, value);
    case 1: return strcmp(part_case_of(scenario), value) == 0;
    case 2: return have_common(scenario->tags, value);
    default: return !have_common(scenario->tags, value);
    }
}

/* ---- what is in the part ---- */

static bool matches_any(const char *const *globs, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (fnmatch(globs[i], name, 0) == 0)
            return true;
    return false;
}

bool part_has_clause(const struct judge_options *options, const char *clause_id)
{
    return options->glob_count == 0 || matches_any(options->globs, options->glob_count, clause_id);
}

static bool is_named(const struct judge_options *options, const struct scenario *scenario)
{
    if (options->scenario_count > 0)
        return matches_any(options->scenarios, options->scenario_count, scenario->name);
    bool is_about = options->glob_count == 0;
    for (size_t i = 0; i < contract_clause_count() && !is_about; i++)
        is_about =
            part_has_clause(options, contract_clause(i)->id) && scenario_exercises(scenario, contract_clause(i)->id);
    return is_about;
}

bool part_has_scenario(const struct judge_options *options, const struct scenario *scenario)
{
    bool in = is_named(options, scenario) && !matches_any(options->excluded, options->excluded_count, scenario->name);
    for (size_t i = 0; i < sizeof VARIABLES / sizeof *VARIABLES && in; i++)
        in = getenv(VARIABLES[i]) == NULL || passes(scenario, i, getenv(VARIABLES[i]));
    return in;
}

bool part_can_run(const struct scenario *scenario, unsigned capabilities)
{
    return (scenario->needs & ~capabilities) == 0;
}

/* ---- what was asked for, in words ---- */

static void tell(struct report *report, const char *how, const char *what)
{
    report->part = realloc(report->part, (report->part_count + 1) * sizeof *report->part);
    report->part[report->part_count++] = (struct asked){strdup(how), strdup(what)};
}

static bool is_whole(const struct judge_options *options)
{
    bool whole = true;
    for (size_t i = 0; i < contract_clause_count() && whole; i++)
        whole = part_has_clause(options, contract_clause(i)->id);
    for (size_t i = 0; i < contract_scenario_count() && whole; i++)
        whole = part_has_scenario(options, contract_scenario(i));
    return whole;
}

void part_tell(const struct judge_options *options, struct report *report)
{
    if (is_whole(options))
        return;
    for (size_t i = 0; i < options->glob_count; i++)
        tell(report, "--clause", options->globs[i]);
    for (size_t i = 0; i < options->scenario_count; i++)
        tell(report, "--scenario", options->scenarios[i]);
    for (size_t i = 0; i < options->excluded_count; i++)
        tell(report, "--exclude", options->excluded[i]);
    for (size_t i = 0; i < sizeof VARIABLES / sizeof *VARIABLES; i++)
        if (getenv(VARIABLES[i]) != NULL)
            tell(report, VARIABLES[i], getenv(VARIABLES[i]));
}

/* ---- what matches nothing ---- */

static bool is_known(const char *glob, const char *(*name)(size_t index), size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (fnmatch(glob, name(i), 0) == 0)
            return true;
    return false;
}

static const char *clause_name(size_t index) { return contract_clause(index)->id; }
static const char *scenario_name(size_t index) { return contract_scenario(index)->name; }

static const char *suite_name(size_t index)
{
    static char names[256][32]; /* the nearest one is kept by its address */
    const char *scenario = contract_scenario(index)->name;
    char *name = names[index % (sizeof names / sizeof *names)];
    snprintf(name, sizeof *names, "%.*s", (int)strcspn(scenario, "/"), scenario);
    return name;
}

static const char *case_name(size_t index) { return part_case_of(contract_scenario(index)); }

bool part_no_match(struct error *error, const char *how, const char *what, const char *kind,
                   const char *(*name)(size_t index), size_t count)
{
    struct nearest nearest = {.typed = what};
    for (size_t i = 0; i < count; i++)
        nearest_offer(&nearest, name(i));
    if (nearest_is_likely(&nearest))
        return error_set(error, "%s: '%s' matches no %s; did you mean '%s'? `assay list` lists them", how, what, kind,
                         nearest.best);
    return error_set(error, "%s: '%s' matches no %s; `assay list` lists them", how, what, kind);
}

static bool all_match(const char *how, const char *const *globs, size_t glob_count, const char *kind,
                      const char *(*name)(size_t index), size_t count, struct error *error)
{
    for (size_t i = 0; i < glob_count; i++)
        if (!is_known(globs[i], name, count))
            return part_no_match(error, how, globs[i], kind, name, count);
    return true;
}

static bool globs_match(const struct judge_options *options, struct error *error)
{
    size_t clauses = contract_clause_count(), scenarios = contract_scenario_count();
    return all_match("--clause", options->globs, options->glob_count, "clause", clause_name, clauses, error) &&
           all_match("--scenario", options->scenarios, options->scenario_count, "scenario", scenario_name, scenarios,
                     error) &&
           all_match("--exclude", options->excluded, options->excluded_count, "scenario", scenario_name, scenarios,
                     error);
}

static bool any_passes(size_t variable, const char *value)
{
    for (size_t i = 0; i < contract_scenario_count(); i++)
        if (passes(contract_scenario(i), variable, value))
            return true;
    return false;
}

/* Does some scenario have each of the tags to include, and is there a tag at all? */
static bool tags_match(const char *value, struct error *error)
{
    char words[512];
    char *rest = NULL;
    snprintf(words, sizeof words, "%s", value);
    for (char *word = strtok_r(words, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest))
        if (!any_passes(2, word))
            return error_set(error, "CK_INCLUDE_TAGS: no scenario is tagged '%s'", word);
    return any_passes(2, value) || error_set(error, "CK_INCLUDE_TAGS: '%s' names no tag", value);
}

static bool variables_match(struct error *error)
{
    const char *suite = getenv("CK_RUN_SUITE"), *one = getenv("CK_RUN_CASE");
    const char *include = getenv("CK_INCLUDE_TAGS"), *exclude = getenv("CK_EXCLUDE_TAGS");
    if (suite != NULL && !any_passes(0, suite))
        return part_no_match(error, "CK_RUN_SUITE", suite, "group with scenarios", suite_name,
                             contract_scenario_count());
    if (one != NULL && !any_passes(1, one))
        return part_no_match(error, "CK_RUN_CASE", one, "scenario's name behind its group", case_name,
                             contract_scenario_count());
    if (include != NULL && !tags_match(include, error))
        return false;
    return exclude == NULL || any_passes(3, exclude) ||
           error_set(error, "CK_EXCLUDE_TAGS: '%s' leaves no scenario", exclude);
}

static bool any_scenario_is_left(const struct judge_options *options)
{
    for (size_t i = 0; i < contract_scenario_count(); i++)
        if (part_has_scenario(options, contract_scenario(i)))
            return true;
    return false;
}

/* Only --clause may leave no scenario: the clauses about the candidate's file need none. */
static bool filters_scenarios(const struct judge_options *options)
{
    bool any = options->scenario_count > 0 || options->excluded_count > 0;
    for (size_t i = 0; i < sizeof VARIABLES / sizeof *VARIABLES; i++)
        any = any || getenv(VARIABLES[i]) != NULL;
    return any;
}

static bool together_nothing(const struct judge_options *options, struct error *error)
{
    struct report told = {0};
    char text[400] = "";
    part_tell(options, &told);
    for (size_t i = 0; i < told.part_count; i++) {
        size_t at = strlen(text);
        bool is_variable = told.part[i].how[0] != '-';
        snprintf(text + at, sizeof text - at, "%s%s%s'%s'", at == 0 ? "" : ", ", told.part[i].how,
                 is_variable ? "=" : " ", told.part[i].what);
    }
    report_free(&told);
    return error_set(error, "%s: each matches something, together they leave no scenario: nothing would be judged",
                     text);
}

bool part_is_something(const struct judge_options *options, struct error *error)
{
    if (!globs_match(options, error) || !variables_match(error))
        return false;
    return any_scenario_is_left(options) || !filters_scenarios(options) || together_nothing(options, error);
}

bool part_is_something_somewhere(const struct judge_options *options, struct error *error)
{
    const char *before = contract_in_force()->name;
    bool is = part_is_something(options, error);
    for (size_t i = 0; i < contract_count() && !is && options->contract == NULL; i++) {
        struct error other = {0}; /* the complaint of the first contract is the one that is told */
        contract_select(contract_at(i)->name);
        is = part_is_something(options, &other);
    }
    contract_select(before);
    return is;
}
