/* Commands that a report tells its reader to type, and what it says of the part it is about. */
#include <stdlib.h>
#include <string.h>

#include "harness/report/report.h"
#include "harness/report/shell.h"

static const char *program = "assay";

void report_name_program(const char *name) { program = name; }

static bool was_run(const struct report *report, const char *scenario)
{
    for (size_t i = 0; i < report->scenario_count; i++)
        if (strcmp(report->scenarios[i].name, scenario) == 0)
            return true;
    return false;
}

static void print_word(FILE *out, const char *before, char *word)
{
    fprintf(out, "%s%s", before, word == NULL ? "" : word);
    free(word);
}

static void print_run(FILE *out, const struct report *report, const struct clause_result *clause,
                      const struct finding *finding)
{
    print_word(out, "", shell_word(program));
    print_word(out, " run ", shell_operand(report->path));
    if (report->binding[0] != '\0')
        print_word(out, " --binding ", shell_word(report->binding));
    fprintf(out, " --clause %s", clause->id);
    if (was_run(report, finding->scenario)) /* a finding about the file itself was seen in no scenario */
        fprintf(out, " --scenario %s", finding->scenario);
    if (report->effort != NULL)
        /* a soak would not end */
        fprintf(out, " --effort %s", strcmp(report->effort, "soak") == 0 ? "standard" : report->effort);
    fprintf(out, " --seed %llu", (unsigned long long)finding->seed);
}

char *finding_command(const struct report *report, const struct clause_result *clause, const struct finding *finding)
{
    char *text = NULL;
    size_t size = 0;
    if (finding->reproducer[0] != '\0')
        return strdup(finding->reproducer);
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return strdup("");
    print_run(out, report, clause, finding);
    fclose(out);
    return text;
}

char *report_why_command(const char *clause_id)
{
    char *text = NULL, *name = shell_word(program);
    if (asprintf(&text, "%s explain %s", name, clause_id) < 0)
        text = NULL;
    free(name);
    return text;
}

char *report_probe_command(const char *candidate)
{
    char *text = NULL, *words[] = {shell_word(program), shell_operand(candidate)};
    if (asprintf(&text, "%s probe %s", words[0], words[1]) < 0)
        text = NULL;
    free(words[0]);
    free(words[1]);
    return text;
}

char *report_replay_command(const char *trace, const char *candidate, const char *binding, bool is_bytes)
{
    char *text = NULL;
    char *words[] = {shell_word(program), shell_operand(trace), shell_operand(candidate), shell_word(binding)};
    if (asprintf(&text, "%s replay %s%s %s --binding %s", words[0], is_bytes ? "--bytes " : "", words[1], words[2],
                 words[3]) < 0)
        text = NULL;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        free(words[i]);
    return text;
}

char *report_program_command(const char *source, const char *candidate)
{
    char *text = NULL, *words[] = {shell_operand(source), shell_file(candidate)};
    if (asprintf(&text, "cc %s -ldl -pthread -o repro && ./repro %s", words[0], words[1]) < 0)
        text = NULL;
    free(words[0]);
    free(words[1]);
    return text;
}

char *report_part_text(const struct report *report)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    for (size_t i = 0; i < report->part_count && out != NULL; i++) {
        bool is_option = report->part[i].how[0] == '-';
        fprintf(out, "%s%s", i == 0 ? "" : " ", report->part[i].how);
        print_word(out, is_option ? " " : "=", shell_word(report->part[i].what));
    }
    if (out != NULL)
        fclose(out);
    return text;
}
