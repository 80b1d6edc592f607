#include "conformance/judging/part.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/nearest.h"

/* ---- Check's selection ---- */

static const char *const VARIABLES[] = {"CK_RUN_SUITE", "CK_RUN_CASE", "CK_INCLUDE_TAGS", "CK_EXCLUDE_TAGS"};

static bool is_suite_of(const struct scenario *scenario, const char *suite)
{
    size_t length = strcspn(scenario->name, "/");
    return strlen(suite) == length && strncmp(scenario->name, suite, length) == 0;
}

static const char *case_of(const struct scenario *scenario)
{
    const char *slash = strchr(scenario->name, '/');
    return slash == NULL ? scenario->name : slash + 1;
}

/* Have two lists, words between spaces, one in common? */
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
    case 1: return strcmp(case_of(scenario), value) == 0;
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
    bool in = is_named(options, scenario);
    for (size_t i = 0; i < sizeof VARIABLES / sizeof *VARIABLES && in; i++)
        in = getenv(VARIABLES[i]) == NULL || passes(scenario, i, getenv(VARIABLES[i]));
    return in;
}

/* ---- what was asked, in words ---- */

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

static const char *case_name(size_t index) { return case_of(contract_scenario(index)); }

static bool no_match(struct error *error, const char *how, const char *what, const char *kind,
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

static bool globs_match(const struct judge_options *options, struct error *error)
{
    for (size_t i = 0; i < options->glob_count; i++)
        if (!is_known(options->globs[i], clause_name, contract_clause_count()))
            return no_match(error, "--clause", options->globs[i], "clause", clause_name, contract_clause_count());
    for (size_t i = 0; i < options->scenario_count; i++)
        if (!is_known(options->scenarios[i], scenario_name, contract_scenario_count()))
            return no_match(error, "--scenario", options->scenarios[i], "scenario", scenario_name,
                            contract_scenario_count());
    return true;
}

static bool any_passes(size_t variable, const char *value)
{
    for (size_t i = 0; i < contract_scenario_count(); i++)
        if (passes(contract_scenario(i), variable, value))
            return true;
    return false;
}

/* Every tag to include is some scenario's, and one is given. */
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
        return no_match(error, "CK_RUN_SUITE", suite, "group with scenarios", suite_name, contract_scenario_count());
    if (one != NULL && !any_passes(1, one))
        return no_match(error, "CK_RUN_CASE", one, "scenario's name behind its group", case_name,
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

/* Clauses alone may be about the candidate's file, which needs no scenario. */
static bool filters_scenarios(const struct judge_options *options)
{
    bool any = options->scenario_count > 0;
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
