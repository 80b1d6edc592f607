/* JUnit XML as CI services read it: a suite for each candidate, a case for each clause, the story in a failure's body.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/report/report.h"
#include "harness/base/utf8.h"

static void print_xml(FILE *out, const char *text, bool attribute)
{
    char *clean = utf8_clean(text);
    for (const char *at = clean; *at != '\0'; at++)
        switch (*at) {
        case '&': fputs("&amp;", out); break;
        case '<': fputs("&lt;", out); break;
        case '>': fputs("&gt;", out); break;
        case '"': fputs("&quot;", out); break;
        case '\n': fputs(attribute ? "&#10;" : "\n", out); break;
        case '\t': fputs(attribute ? "&#9;" : "\t", out); break;
        default: fputc(*at, out);
        }
    free(clean);
}

static void print_attribute(FILE *out, const char *name, const char *text)
{
    fprintf(out, " %s=\"", name);
    print_xml(out, text, true);
    fputc('"', out);
}

static void print_property(FILE *out, const char *name, const char *text)
{
    fputs("<property", out);
    print_attribute(out, "name", name);
    print_attribute(out, "value", text);
    fputs("/>", out);
}

static void print_part(FILE *out, const char *label, const char *text)
{
    if (text[0] == '\0')
        return;
    fprintf(out, "\n%s", label);
    print_xml(out, text, false);
}

static void print_story(FILE *out, const struct report *report, const struct clause_result *clause)
{
    print_xml(out, clause->id, false);
    print_part(out, "", clause->statement);
    for (size_t i = 0; i < clause->finding_count; i++) {
        const struct finding *finding = &clause->findings[i];
        fputc('\n', out);
        print_part(out, "", finding->message);
        print_part(out, "expected  ", finding->expected);
        print_part(out, "actual    ", finding->actual);
        print_part(out, "seen in   ", finding->scenario);
        fprintf(out, ", seed %llu", (unsigned long long)finding->seed);
        print_part(out, finding->whole_trace ? "calls\n" : "calls (the last ones)\n", finding->trace);
        char *command = finding_command(report, clause, finding);
        print_part(out, "reproduce ", command);
        free(command);
    }
    fputc('\n', out);
}

/* ---- what a clause is in JUnit's four words ---- */

enum word { WORD_PASSED, WORD_FAILURE, WORD_ERROR, WORD_SKIPPED, WORDS };

static enum word word_of(const struct report *report, const struct clause_result *clause)
{
    switch (clause_standing(report, clause)) {
    case STANDING_KEPT: return WORD_PASSED;
    case STANDING_BROKEN: return WORD_FAILURE;
    case STANDING_OPEN: return WORD_ERROR;
    case STANDING_ASIDE: break;
    }
    return clause->verdict == CLAUSE_OBSERVED ? WORD_PASSED : WORD_SKIPPED;
}

static enum word verdict_word_of(const struct report *report)
{
    return report->verdict == VERDICT_UNDECIDED || report->verdict == VERDICT_UNJUDGED ? WORD_ERROR : WORD_PASSED;
}

static const char *message_of(const struct clause_result *clause)
{
    const struct finding *finding = clause_telling_finding(clause);
    if (finding != NULL)
        return finding->message;
    if (clause->note != NULL)
        return clause->note;
    return clause->verdict == CLAUSE_NOT_EXERCISED ? "not exercised: undecided" : clause->statement;
}

/* `story` is a clause of `report`; NULL: there is none to tell. */
static void print_outcome(FILE *out, enum word word, const char *type, const char *message, const struct report *report,
                          const struct clause_result *story)
{
    static const char *const elements[WORDS] = {NULL, "failure", "error", "skipped"};
    if (elements[word] == NULL)
        return;
    fprintf(out, "      <%s", elements[word]);
    print_attribute(out, "type", type);
    print_attribute(out, "message", message);
    fputc('>', out);
    if (story != NULL)
        print_story(out, report, story);
    fprintf(out, "</%s>\n", elements[word]);
}

/* ---- suites and cases ---- */

/* Which run of the same candidate this is, counted from 1: of two cases with one name, readers keep only the first. */
static int repetition(const struct report *reports, size_t index)
{
    int times = 1;
    for (size_t i = 0; i < index; i++)
        times += strcmp(reports[i].path, reports[index].path) == 0 &&
                 strcmp(reports[i].binding, reports[index].binding) == 0 &&
                 strcmp(reports[i].platform, reports[index].platform) == 0;
    return times;
}

/* "PATH (BINDING, PLATFORM)", malloc'd. */
static char *suite_name(const struct report *reports, size_t index)
{
    char *name = NULL, again[32] = "";
    const struct report *report = &reports[index];
    int times = repetition(reports, index);
    if (times > 1)
        snprintf(again, sizeof again, ", run %d", times);
    if (asprintf(&name, "%s (%s%s%s%s)", report->path, report->binding, report->binding[0] == '\0' ? "" : ", ",
                 report->platform, again) < 0)
        return NULL;
    return name;
}

static void open_case(FILE *out, const char *suite, const char *group, size_t group_length, const char *name,
                      double time)
{
    fputs("    <testcase classname=\"", out);
    print_xml(out, suite, true);
    fputc(' ', out);
    char *name_of_group = strndup(group, group_length);
    print_xml(out, name_of_group, true);
    free(name_of_group);
    fputc('"', out);
    print_attribute(out, "name", name);
    fprintf(out, " time=\"%.3f\">\n", time);
}

static void print_case(FILE *out, const struct report *report, const struct clause_result *clause, const char *suite)
{
    char exercised[32];
    enum word word = word_of(report, clause);
    snprintf(exercised, sizeof exercised, "%llu", (unsigned long long)clause->exercised);
    open_case(out, suite, clause->id, strcspn(clause->id, "/"), clause->id, 0);
    fputs("      <properties>", out);
    print_property(out, "clause", clause->id);
    print_property(out, "level", level_name(clause->level));
    print_property(out, "verdict", clause_verdict_name(clause->verdict));
    print_property(out, "exercised", exercised);
    if (clause->note != NULL)
        print_property(out, "note", clause->note);
    if (clause->follows != NULL)
        print_property(out, "follows", clause->follows);
    fputs("</properties>\n", out);
    print_outcome(out, word, clause_verdict_name(clause->verdict), message_of(clause), report,
                  clause->finding_count > 0 ? clause : NULL);
    fputs("    </testcase>\n", out);
}

/* A case for the candidate as a whole: an error where there is no verdict to give. */
static void print_verdict_case(FILE *out, const struct report *report, const char *suite)
{
    open_case(out, suite, "verdict", strlen("verdict"), "verdict", report->duration_s);
    print_outcome(out, verdict_word_of(report), verdict_name(report->verdict), report->reason, report, NULL);
    fputs("    </testcase>\n", out);
}

static void open_suite(FILE *out, const struct report *report, const char *suite)
{
    size_t words[WORDS] = {0};
    words[verdict_word_of(report)]++;
    for (size_t i = 0; i < report->clause_count; i++)
        words[word_of(report, &report->clauses[i])]++;
    fputs("  <testsuite", out);
    print_attribute(out, "name", suite);
    fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"%.3f\">\n",
            report->clause_count + 1, words[WORD_FAILURE], words[WORD_ERROR], words[WORD_SKIPPED], report->duration_s);
}

/* What people are told about the run as a whole. */
static void print_suite_properties(FILE *out, const struct report *report)
{
    char *part = report_part_text(report);
    fputs("    <properties>", out);
    if (report->part_count > 0)
        print_property(out, "part", part);
    if (report->fix_first != NULL)
        print_property(out, "fix_first", report->fix_first);
    for (size_t i = 0; i < report->left_out && report->left_out_scenarios != NULL; i++) {
        char text[400];
        snprintf(text, sizeof text, "%s: %s", report->left_out_scenarios[i].scenario,
                 report->left_out_scenarios[i].why);
        print_property(out, "left_out", text);
    }
    fputs("</properties>\n", out);
    free(part);
}

static bool has_suite_properties(const struct report *report)
{
    return report->part_count > 0 || report->fix_first != NULL || report->left_out_scenarios != NULL;
}

static void print_waiver_case(FILE *out, const struct report *report, const struct waiver_note *note, enum word word)
{
    char name[400];
    snprintf(name, sizeof name, "line %d [%s]", note->line, note->clause);
    open_case(out, "waivers", report->waivers_file, strlen(report->waivers_file), name, 0);
    print_outcome(out, word, word == WORD_FAILURE ? "stale" : "unneeded", note->text, report, NULL);
    fputs("    </testcase>\n", out);
}

/* Waivers are the run's, not one candidate's. */
static void print_waivers(FILE *out, const struct report *report)
{
    if (report->stale_count + report->unneeded_count == 0)
        return;
    fprintf(
        out,
        "  <testsuite name=\"waivers\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\" time=\"0.000\">\n",
        report->stale_count + report->unneeded_count, report->stale_count, report->unneeded_count);
    for (size_t i = 0; i < report->stale_count; i++)
        print_waiver_case(out, report, &report->stale[i], WORD_FAILURE);
    for (size_t i = 0; i < report->unneeded_count; i++)
        print_waiver_case(out, report, &report->unneeded[i], WORD_SKIPPED);
    fputs("  </testsuite>\n", out);
}

bool reports_junit(FILE *out, const struct report *reports, size_t count)
{
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"assay\">\n", out);
    for (size_t i = 0; i < count; i++) {
        char *suite = suite_name(reports, i);
        open_suite(out, &reports[i], suite);
        if (has_suite_properties(&reports[i]))
            print_suite_properties(out, &reports[i]);
        for (size_t c = 0; c < reports[i].clause_count; c++)
            print_case(out, &reports[i], &reports[i].clauses[c], suite);
        print_verdict_case(out, &reports[i], suite);
        fputs("  </testsuite>\n", out);
        free(suite);
    }
    if (count > 0)
        print_waivers(out, &reports[0]);
    fputs("</testsuites>\n", out);
    return ferror(out) == 0;
}
