/* JUnit XML as the CI services read it: a suite a candidate, a case a clause, the whole story in the failure's body. */
#include <stdlib.h>
#include <string.h>

#include "harness/report/report.h"
#include "harness/report/utf8.h"

static void print_xml(FILE *out, const char *text)
{
    char *clean = utf8_clean(text);
    for (const char *at = clean; *at != '\0'; at++)
        switch (*at) {
        case '&': fputs("&amp;", out); break;
        case '<': fputs("&lt;", out); break;
        case '>': fputs("&gt;", out); break;
        case '"': fputs("&quot;", out); break;
        case '\n': fputs("&#10;", out); break;
        default: fputc(*at, out);
        }
    free(clean);
}

static void print_attribute(FILE *out, const char *name, const char *text)
{
    fprintf(out, " %s=\"", name);
    print_xml(out, text);
    fputc('"', out);
}

static void print_story(FILE *out, const struct clause_result *clause)
{
    print_xml(out, clause->statement);
    for (size_t i = 0; i < clause->finding_count; i++) {
        const struct finding *finding = &clause->findings[i];
        const char *const parts[] = {"\n\n", finding->message, "\n  expected  ", finding->expected, "\n  actual    ", finding->actual,
                                     "\n  seen in   ", finding->scenario, "\n", finding->trace, finding->reproducer};
        for (size_t p = 0; p < sizeof parts / sizeof *parts; p++)
            print_xml(out, parts[p]);
    }
}

static void print_element(FILE *out, const char *element, const char *type, const char *message, const struct clause_result *clause)
{
    fprintf(out, "      <%s", element);
    print_attribute(out, "type", type);
    print_attribute(out, "message", message);
    fputc('>', out);
    if (clause != NULL)
        print_story(out, clause);
    fprintf(out, "</%s>\n", element);
}

static bool moves_verdict(const struct report *report, const struct clause_result *clause)
{
    return clause->required || clause->level == LEVEL_MUST || report->level == LEVEL_SHOULD;
}

static void print_outcome(FILE *out, const struct report *report, const struct clause_result *clause)
{
    const char *note = clause->note != NULL ? clause->note : clause_verdict_name(clause->verdict);
    if (clause->verdict == CLAUSE_VIOLATED && moves_verdict(report, clause))
        print_element(out, "failure", "violated", clause->finding_count > 0 ? clause->findings[0].message : clause->statement, clause);
    else if (clause->verdict == CLAUSE_NOT_EXERCISED && clause->required)
        print_element(out, "error", "not-exercised", "a required clause was not exercised: undecided", NULL);
    else if (clause->verdict != CLAUSE_HOLDS && clause->verdict != CLAUSE_OBSERVED)
        print_element(out, "skipped", clause_verdict_name(clause->verdict), note, NULL);
}

static void print_case(FILE *out, const struct report *report, const struct clause_result *clause)
{
    char class_name[4200];
    snprintf(class_name, sizeof class_name, "%s (%s)", report->path, report->binding);
    fputs("    <testcase", out);
    print_attribute(out, "classname", class_name);
    print_attribute(out, "name", clause->id);
    fputs(" time=\"0\">\n      <properties>", out);
    fputs("<property name=\"level\"", out);
    print_attribute(out, "value", level_name(clause->level));
    fprintf(out, "/><property name=\"exercised\" value=\"%llu\"/></properties>\n", (unsigned long long)clause->exercised);
    print_outcome(out, report, clause);
    fputs("    </testcase>\n", out);
}

/* The candidate as a whole: an error where there is no verdict to give. */
static void print_verdict_case(FILE *out, const struct report *report)
{
    fputs("    <testcase", out);
    print_attribute(out, "classname", report->path);
    fprintf(out, " name=\"verdict\" time=\"%.3f\">\n", report->duration_s);
    if (report->verdict == VERDICT_UNDECIDED || report->verdict == VERDICT_UNJUDGED)
        print_element(out, "error", verdict_name(report->verdict), report->reason, NULL);
    fputs("    </testcase>\n", out);
}

static void count_cases(const struct report *report, size_t *failures, size_t *errors, size_t *skipped)
{
    *failures = *skipped = 0;
    *errors = report->verdict == VERDICT_UNDECIDED || report->verdict == VERDICT_UNJUDGED;
    for (size_t i = 0; i < report->clause_count; i++) {
        const struct clause_result *clause = &report->clauses[i];
        bool failed = clause->verdict == CLAUSE_VIOLATED && moves_verdict(report, clause);
        bool open = clause->verdict == CLAUSE_NOT_EXERCISED && clause->required;
        *failures += failed;
        *errors += open;
        *skipped += !failed && !open && clause->verdict != CLAUSE_HOLDS && clause->verdict != CLAUSE_OBSERVED;
    }
}

bool reports_junit(FILE *out, const struct report *reports, size_t count)
{
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"assay\">\n", out);
    for (size_t i = 0; i < count; i++) {
        size_t failures, errors, skipped;
        count_cases(&reports[i], &failures, &errors, &skipped);
        fputs("  <testsuite", out);
        print_attribute(out, "name", reports[i].path);
        fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"%.3f\">\n", reports[i].clause_count + 1,
                failures, errors, skipped, reports[i].duration_s);
        for (size_t c = 0; c < reports[i].clause_count; c++)
            print_case(out, &reports[i], &reports[i].clauses[c]);
        print_verdict_case(out, &reports[i]);
        fputs("  </testsuite>\n", out);
    }
    fputs("</testsuites>\n", out);
    return ferror(out) == 0;
}
