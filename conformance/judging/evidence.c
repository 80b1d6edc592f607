#include "conformance/judging/evidence.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conformance/contract.h"
#include "harness/base/whole_file.h"
#include "harness/candidate/binding.h"
#include "harness/trace/emit_c.h"
#include "harness/trace/text.h"

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* ---- names ---- */

/* The names that this process has given, each with its owner. */
static struct name {
    char *name, *owner;
    struct name *next;
} * names;

static const char *owner_of(const char *name)
{
    for (const struct name *each = names; each != NULL; each = each->next)
        if (strcmp(each->name, name) == 0)
            return each->owner;
    return NULL;
}

/* Puts `wanted` into `name`; if it belongs to another owner, wanted-2 or wanted-3 and so on. An owner always gets the
 * same name. */
static void take_name(char *name, size_t size, const char *wanted, const char *owner)
{
    snprintf(name, size, "%s", wanted);
    for (unsigned n = 2; owner_of(name) != NULL && strcmp(owner_of(name), owner) != 0; n++)
        snprintf(name, size, "%s-%u", wanted, n);
    struct name *own = owner_of(name) == NULL ? malloc(sizeof *own) : NULL;
    if (own == NULL)
        return;
    *own = (struct name){strdup(name), strdup(owner), names};
    if (own->name != NULL && own->owner != NULL)
        names = own;
}

bool evidence_may_write(const char *directory, struct error *error)
{
    char parent[3000];
    struct stat status;
    if (stat(directory, &status) == 0) {
        errno = S_ISDIR(status.st_mode) ? 0 : ENOTDIR;
        if (errno == 0 && access(directory, W_OK | X_OK) == 0)
            return true;
    } else if (errno == ENOENT) {
        snprintf(parent, sizeof parent, "%s", directory);
        if (access(dirname(parent), W_OK | X_OK) == 0)
            return true;
    }
    return error_set(error, "%s: cannot be written: %s", directory, strerror(errno));
}

/* Is it a directory, and not a link to one, which a candidate may have put there? All candidates have ended by now. */
static bool is_own_directory(const char *path)
{
    struct stat status;
    bool is_one = lstat(path, &status) == 0 && S_ISDIR(status.st_mode);
    errno = is_one ? 0 : ENOTDIR;
    return is_one;
}

/* Makes DIR/CANDIDATE if it is not there. */
static bool make_directory(const char *directory, const char *candidate, char *made, size_t size)
{
    char wanted[3000];
    snprintf(wanted, sizeof wanted, "%s/%s", directory, base_name(candidate));
    take_name(made, size, wanted, candidate);
    return (mkdir(directory, 0777) == 0 || errno == EEXIST) &&
           (mkdir(made, 0777) == 0 || (errno == EEXIST && is_own_directory(made)));
}

static void name_stem(char *stem, size_t size, const char *directory, const char *clause_id, const char *scenario,
                      unsigned number)
{
    char wanted[3200], owner[300];
    size_t before = (size_t)snprintf(wanted, sizeof wanted, "%s/", directory);
    snprintf(wanted + before, sizeof wanted - before, "%s", clause_id);
    for (char *at = wanted + before; *at != '\0'; at++)
        *at = *at == '/' ? '-' : *at;
    snprintf(owner, sizeof owner, "%s, finding %u", scenario, number);
    take_name(stem, size, wanted, owner);
}

/* ---- files ---- */

struct evidence {
    const char *clause_id;
    const struct flight_finding *finding;
};

static bool write_trace(FILE *out, const void *context)
{
    const struct evidence *evidence = context;
    const struct flight_finding *finding = evidence->finding;
    char about[1200];
    snprintf(about, sizeof about, "%s\n%s\nexpected: %s\nactual: %s", evidence->clause_id, finding->message,
             finding->expected, finding->actual);
    return trace_write(out, about, finding->trace, finding->trace_length);
}

static bool write_program(FILE *out, const void *context)
{
    struct error error = {0};
    return emit_c(out, context, &error);
}

static bool complain(const char *what)
{
    fprintf(stderr, "assay: %s\n", what);
    return false;
}

static bool keep_trace(const char *path, const struct evidence *evidence)
{
    struct error error = {0};
    return whole_file_replace(path, write_trace, evidence, &error) || complain(error.text);
}

/* A C program cannot show a breach of some clauses (those about registers). For these the trace must be enough. */
static bool keep_program(const char *path, const struct reproducer *reproducer)
{
    struct error error = {0};
    FILE *trial = fopen("/dev/null", "w");
    bool can_be_shown = trial != NULL && emit_c(trial, reproducer, &error);
    if (trial != NULL)
        fclose(trial);
    return can_be_shown && (whole_file_replace(path, write_program, reproducer, &error) || complain(error.text));
}

/* Writes the files of one finding, number `number` of its scenario. Returns the command that shows it again. */
static char *write_one(const struct judge_options *options, const struct report *report, const struct finding *told,
                       unsigned number, const struct flight_finding *finding)
{
    char directory[3000], stem[3200], path[4000], *command = NULL;
    struct error error = {0};
    if (!make_directory(options->results, report->path, directory, sizeof directory)) {
        fprintf(stderr, "assay: %s: cannot be written: %s\n", directory, strerror(errno));
        return NULL;
    }
    name_stem(stem, sizeof stem, directory, told->clause, told->scenario, number);
    snprintf(path, sizeof path, "%s.trace", stem);
    if (keep_trace(path, &(struct evidence){told->clause, finding}))
        command = report_replay_command(path, report->path, report->binding, false);
    struct reproducer reproducer = {.library = report->path,
                                    .clause = told->clause,
                                    .message = finding->message,
                                    .binding = binding_load(report->binding, options->bindings_directory, &error),
                                    .expected = finding->expected,
                                    .actual = finding->actual,
                                    .events = finding->trace,
                                    .count = finding->trace_length};
    snprintf(path, sizeof path, "%s.c", stem);
    if (reproducer.binding != NULL && keep_program(path, &reproducer)) {
        free(command);
        command = report_program_command(path, report->path);
    }
    return command;
}

/* The number, in the record of its scenario, of a finding whose trace was shortened; -1: there is none. */
static int number_in_record(const struct flight *record, const struct finding *told)
{
    for (uint32_t f = 0; f < record->finding_count && f < FLIGHT_FINDINGS; f++)
        if (record->findings[f].trace_is_shrunk && strcmp(record->findings[f].message, told->message) == 0 &&
            record->findings[f].clause == contract_clause_index(told->clause))
            return (int)f;
    return -1;
}

static void write_for(const struct judge_options *options, const struct report *report, struct finding *told,
                      const struct flight *records)
{
    for (size_t i = 0; i < contract_scenario_count() && told->whole_trace; i++) {
        bool is_its = strcmp(contract_scenario(i)->name, told->scenario) == 0;
        int number = is_its ? number_in_record(&records[i], told) : -1;
        char *command =
            number < 0 ? NULL : write_one(options, report, told, (unsigned)number, &records[i].findings[number]);
        if (command != NULL) {
            free(told->reproducer);
            told->reproducer = command;
        }
    }
}

void evidence_write(struct report *report, const struct judge_options *options, const struct flight *records)
{
    for (size_t c = 0; c < report->clause_count && options->results != NULL; c++)
        for (size_t f = 0; f < report->clauses[c].finding_count; f++)
            write_for(options, report, &report->clauses[c].findings[f], records);
}
