/* For programs: the keys are fixed, others may be added. Jansson writes and reads. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "harness/report/report.h"
#include "harness/base/text_file.h"
#include "harness/base/utf8.h"

static json_t *text_json(const char *text)
{
    char *clean = utf8_clean(text);
    json_t *value = json_string(clean);
    free(clean);
    return value;
}

static json_t *command_json(char *command)
{
    json_t *value = text_json(command);
    free(command);
    return value;
}

static json_t *finding_json(const struct report *report, const struct clause_result *clause,
                            const struct finding *finding)
{
    return json_pack("{s:o, s:o, s:I, s:o, s:o, s:o, s:o, s:b, s:o}", "clause", text_json(finding->clause), "scenario",
                     text_json(finding->scenario), "seed", (json_int_t)finding->seed, "message",
                     text_json(finding->message), "expected", text_json(finding->expected), "actual",
                     text_json(finding->actual), "trace", text_json(finding->trace), "whole_trace",
                     (int)finding->whole_trace, "reproducer", command_json(finding_command(report, clause, finding)));
}

static json_t *clause_json(const struct report *report, const struct clause_result *clause)
{
    json_t *findings = json_array();
    for (size_t i = 0; i < clause->finding_count; i++)
        json_array_append_new(findings, finding_json(report, clause, &clause->findings[i]));
    return json_pack("{s:s, s:s, s:b, s:s, s:I, s:o, s:o, s:s?, s:s?, s:o}", "id", clause->id, "level",
                     level_name(clause->level), "required", clause->required, "verdict",
                     clause_verdict_name(clause->verdict), "exercised", (json_int_t)clause->exercised, "statement",
                     text_json(clause->statement), "note", clause->note == NULL ? json_null() : text_json(clause->note),
                     "lacks", clause->lacks, "follows", clause->follows, "findings", findings);
}

static json_t *words_json(const struct report *report, const char *how)
{
    json_t *words = json_array();
    for (size_t i = 0; i < report->part_count; i++)
        if (strcmp(report->part[i].how, how) == 0)
            json_array_append_new(words, text_json(report->part[i].what));
    return words;
}

/* What was asked for; null where that is the whole contract. */
static json_t *part_json(const struct report *report)
{
    json_t *check = json_object();
    for (size_t i = 0; i < report->part_count; i++)
        if (report->part[i].how[0] != '-')
            json_object_set_new(check, report->part[i].how, text_json(report->part[i].what));
    json_t *part =
        json_pack("{s:o, s:o, s:o, s:o}", "clauses", words_json(report, "--clause"), "scenarios",
                  words_json(report, "--scenario"), "excluded", words_json(report, "--exclude"), "check", check);
    if (report->part_count > 0)
        return part;
    json_decref(part);
    return json_null();
}

static json_t *left_out_json(const struct report *report)
{
    json_t *list = json_array();
    for (size_t i = 0; i < report->left_out && report->left_out_scenarios != NULL; i++)
        json_array_append_new(list, json_pack("{s:o, s:o}", "name", text_json(report->left_out_scenarios[i].scenario),
                                              "why", text_json(report->left_out_scenarios[i].why)));
    return list;
}

static json_t *notes_json(const struct waiver_note *notes, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_pack("{s:o, s:i, s:o}", "clause", text_json(notes[i].clause), "line",
                                              notes[i].line, "text", text_json(notes[i].text)));
    return list;
}

static json_t *waivers_json(const struct report *report)
{
    if (report->waivers_file == NULL)
        return json_null();
    return json_pack("{s:o, s:o, s:o}", "file", text_json(report->waivers_file), "stale",
                     notes_json(report->stale, report->stale_count), "unneeded",
                     notes_json(report->unneeded, report->unneeded_count));
}

static json_t *report_json(const struct report *report)
{
    json_t *clauses = json_array(), *scenarios = json_array();
    for (size_t i = 0; i < report->clause_count; i++)
        json_array_append_new(clauses, clause_json(report, &report->clauses[i]));
    for (size_t i = 0; i < report->scenario_count; i++) {
        const struct scenario_result *scenario = &report->scenarios[i];
        json_array_append_new(scenarios,
                              json_pack("{s:o, s:o, s:f, s:I, s:o}", "name", text_json(scenario->name), "outcome",
                                        text_json(scenario->outcome), "duration_s", scenario->duration_s, "operations",
                                        (json_int_t)scenario->operations, "detail",
                                        scenario->detail == NULL ? json_null() : text_json(scenario->detail)));
    }
    json_t *missing = json_array();
    for (size_t i = 0; i < report->missing_count; i++)
        json_array_append_new(missing, json_string(report->missing_functions[i]));
    return json_pack(
        "{s:{s:s, s:s}, s:{s:o, s:o, s:o}, s:s, s:o, s:s, s:s, s:I, s:f, s:s, s:o, s:o, s:s?, s:o, s:o, s:I, s:o, s:o}",
        "tool", "name", "assay", "version", ASSAY_VERSION, "candidate", "path", text_json(report->path), "binding",
        text_json(report->binding), "platform", text_json(report->platform), "contract",
        report->contract == NULL ? "" : report->contract, "missing_functions", missing, "level",
        level_name(report->level), "effort", report->effort == NULL ? "standard" : report->effort, "seed",
        (json_int_t)report->seed, "duration_s", report->duration_s, "verdict", verdict_name(report->verdict), "reason",
        text_json(report->reason), "part", part_json(report), "fix_first", report->fix_first, "clauses", clauses,
        "scenarios", scenarios, "left_out", (json_int_t)report->left_out, "left_out_scenarios", left_out_json(report),
        "waivers", waivers_json(report));
}

bool reports_json(FILE *out, const struct report *reports, size_t count)
{
    json_t *all = count == 1 ? report_json(reports) : json_array();
    for (size_t i = 0; count != 1 && i < count; i++)
        json_array_append_new(all, report_json(&reports[i]));
    bool well = all != NULL && json_dumpf(all, out, JSON_INDENT(2)) == 0 && fputc('\n', out) != EOF;
    json_decref(all);
    return well;
}

/* ---- reading back ---- */

/* A word's place among the names an enum has; -1 when it is none. */
static int place_of(const char *word, const char *(*name)(int), int count)
{
    for (int i = 0; word != NULL && i < count; i++)
        if (strcmp(word, name(i)) == 0)
            return i;
    return -1;
}

static const char *name_of_level(int i) { return level_name((enum level)i); }
static const char *name_of_clause_verdict(int i) { return clause_verdict_name((enum clause_verdict)i); }
static const char *name_of_verdict(int i) { return verdict_name((enum verdict)i); }

static char *copy_text(json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return strdup(text == NULL ? "" : text);
}

static struct finding read_finding(json_t *object)
{
    return (struct finding){.clause = copy_text(object, "clause"),
                            .scenario = copy_text(object, "scenario"),
                            .seed = (uint64_t)json_integer_value(json_object_get(object, "seed")),
                            .message = copy_text(object, "message"),
                            .expected = copy_text(object, "expected"),
                            .actual = copy_text(object, "actual"),
                            .trace = copy_text(object, "trace"),
                            .whole_trace = json_is_true(json_object_get(object, "whole_trace")),
                            .reproducer = copy_text(object, "reproducer")};
}

static bool read_clause(json_t *object, struct clause_result *clause, const char *path, struct error *error)
{
    int verdict =
        place_of(json_string_value(json_object_get(object, "verdict")), name_of_clause_verdict, CLAUSE_WAIVED + 1);
    int level = place_of(json_string_value(json_object_get(object, "level")), name_of_level, LEVEL_OBSERVED + 1);
    json_t *findings = json_object_get(object, "findings");
    *clause = (struct clause_result){.id = copy_text(object, "id"),
                                     .statement = copy_text(object, "statement"),
                                     .level = (enum level)level,
                                     .verdict = (enum clause_verdict)verdict,
                                     .required = json_is_true(json_object_get(object, "required")),
                                     .exercised = (uint64_t)json_integer_value(json_object_get(object, "exercised"))};
    clause->note = json_is_string(json_object_get(object, "note")) ? copy_text(object, "note") : NULL;
    clause->follows = json_is_string(json_object_get(object, "follows")) ? copy_text(object, "follows") : NULL;
    clause->lacks = json_is_string(json_object_get(object, "lacks")) ? copy_text(object, "lacks") : NULL;
    clause->findings = calloc(json_array_size(findings) + 1, sizeof *clause->findings);
    for (; clause->finding_count < json_array_size(findings); clause->finding_count++)
        clause->findings[clause->finding_count] = read_finding(json_array_get(findings, clause->finding_count));
    return (verdict >= 0 && level >= 0 && clause->id[0] != '\0') ||
           error_set(error, "%s: clause '%s' has no verdict or level this version knows", path, clause->id);
}

static struct scenario_result read_scenario(json_t *object)
{
    json_t *detail = json_object_get(object, "detail");
    return (struct scenario_result){.name = copy_text(object, "name"),
                                    .outcome = copy_text(object, "outcome"),
                                    .detail = json_is_string(detail) ? copy_text(object, "detail") : NULL,
                                    .duration_s = json_number_value(json_object_get(object, "duration_s")),
                                    .operations = (uint64_t)json_integer_value(json_object_get(object, "operations"))};
}

static void read_scenarios(json_t *scenarios, struct report *report)
{
    report->scenarios = calloc(json_array_size(scenarios) + 1, sizeof *report->scenarios);
    for (; report->scenario_count < json_array_size(scenarios); report->scenario_count++)
        report->scenarios[report->scenario_count] = read_scenario(json_array_get(scenarios, report->scenario_count));
}

static bool read_clauses(json_t *clauses, struct report *report, const char *path, struct error *error)
{
    report->clauses = calloc(json_array_size(clauses) + 1, sizeof *report->clauses);
    while (report->clause_count < json_array_size(clauses)) {
        size_t at = report->clause_count++;
        if (!read_clause(json_array_get(clauses, at), &report->clauses[at], path, error))
            return false;
    }
    return true;
}

static void read_words(json_t *words, const char *how, struct report *report)
{
    for (size_t i = 0; i < json_array_size(words); i++) {
        const char *word = json_string_value(json_array_get(words, i));
        report->part[report->part_count++] = (struct asked){strdup(how), strdup(word == NULL ? "" : word)};
    }
}

static void read_part(json_t *part, struct report *report)
{
    json_t *clauses = json_object_get(part, "clauses"), *scenarios = json_object_get(part, "scenarios"),
           *excluded = json_object_get(part, "excluded"), *check = json_object_get(part, "check");
    const char *name;
    json_t *value;
    report->part = calloc(json_array_size(clauses) + json_array_size(scenarios) + json_array_size(excluded) +
                              json_object_size(check) + 1,
                          sizeof *report->part);
    read_words(clauses, "--clause", report);
    read_words(scenarios, "--scenario", report);
    read_words(excluded, "--exclude", report);
    json_object_foreach(check, name, value) report->part[report->part_count++] =
        (struct asked){strdup(name), strdup(json_is_string(value) ? json_string_value(value) : "")};
}

static void read_left_out(json_t *list, struct report *report)
{
    size_t count = json_array_size(list);
    if (count == 0 || count != report->left_out) /* older reports have the number alone */
        return;
    report->left_out_scenarios = calloc(count, sizeof *report->left_out_scenarios);
    for (size_t i = 0; i < count; i++) {
        json_t *one = json_array_get(list, i);
        report->left_out_scenarios[i] = (struct left_out){copy_text(one, "name"), copy_text(one, "why")};
    }
}

/* The clause to look at first is one of those that were read. */
static void read_fix_first(json_t *object, struct report *report)
{
    const char *id = json_string_value(json_object_get(object, "fix_first"));
    for (size_t i = 0; id != NULL && i < report->clause_count; i++)
        if (strcmp(report->clauses[i].id, id) == 0)
            report->fix_first = report->clauses[i].id;
}

static bool read_report(json_t *object, struct report *report, const char *path, struct error *error)
{
    json_t *candidate = json_object_get(object, "candidate"), *clauses = json_object_get(object, "clauses");
    int verdict =
        place_of(json_string_value(json_object_get(object, "verdict")), name_of_verdict, VERDICT_UNJUDGED + 1);
    int level = place_of(json_string_value(json_object_get(object, "level")), name_of_level, LEVEL_OBSERVED + 1);
    if (!json_is_object(candidate) || !json_is_array(clauses) || verdict < 0 || level < 0)
        return error_set(error, "%s: no report of `assay run --json`: candidate, clauses, level or verdict is missing",
                         path);
    *report = (struct report){.path = copy_text(candidate, "path"),
                              .binding = copy_text(candidate, "binding"),
                              .platform = copy_text(candidate, "platform"),
                              .reason = copy_text(object, "reason"),
                              .level = (enum level)level,
                              .seed = (uint64_t)json_integer_value(json_object_get(object, "seed")),
                              .duration_s = json_number_value(json_object_get(object, "duration_s")),
                              .verdict = (enum verdict)verdict,
                              .left_out = (size_t)json_integer_value(json_object_get(object, "left_out")),
                              .owns_clause_text = true};
    read_scenarios(json_object_get(object, "scenarios"), report);
    read_part(json_object_get(object, "part"), report);
    read_left_out(json_object_get(object, "left_out_scenarios"), report);
    if (!read_clauses(clauses, report, path, error))
        return false;
    read_fix_first(object, report);
    return true;
}

int reports_read_json(const char *path, struct report **reports, struct error *error)
{
    json_error_t problem;
    FILE *file = text_stream_open(path, "a report that `assay run --json` wrote", error);
    if (file == NULL)
        return -1;
    json_t *all = json_loadf(file, 0, &problem);
    if (ferror(file))
        text_file_cannot_be_read(path, errno, error);
    fclose(file);
    if (all == NULL) {
        error_at(error, path, problem.line > 0 ? problem.line : 1, "%s", problem.text);
        return -1;
    }
    size_t count = json_is_array(all) ? json_array_size(all) : 1;
    struct report *read = calloc(count + 1, sizeof *read);
    for (size_t i = 0; i < count && !error_is_set(error); i++)
        read_report(json_is_array(all) ? json_array_get(all, i) : all, &read[i], path, error);
    json_decref(all);
    if (!error_is_set(error)) {
        *reports = read;
        return (int)count;
    }
    for (size_t i = 0; i < count; i++)
        report_free(&read[i]);
    free(read);
    return -1;
}
