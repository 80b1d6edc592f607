#include "conformance/judging/evidence.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* What has been named in this process, and for whom. */
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

/* Puts `wanted` into `name`, or, where that is another's, wanted-2, wanted-3 ...; the same owner gets the same again.
 */
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

bool results_may_write(const char *directory, struct error *error)
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

/* What a candidate may have put there, a link that leads elsewhere, is none. Candidates are gone when this is asked. */
static bool is_own_directory(const char *path)
{
    struct stat status;
    bool is_one = lstat(path, &status) == 0 && S_ISDIR(status.st_mode);
    errno = is_one ? 0 : ENOTDIR;
    return is_one;
}

/* DIR/CANDIDATE, made if it is not there. */
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

/* Some clauses (registers) cannot be shown by a C program: then the trace has to do. */
static bool keep_program(const char *path, const struct reproducer *reproducer)
{
    struct error error = {0};
    FILE *trial = fopen("/dev/null", "w");
    bool can_be_shown = trial != NULL && emit_c(trial, reproducer, &error);
    if (trial != NULL)
        fclose(trial);
    return can_be_shown && (whole_file_replace(path, write_program, reproducer, &error) || complain(error.text));
}

char *results_write(const struct judge_options *options, const char *candidate, const char *binding,
                    const char *clause_id, const char *scenario, unsigned number, const struct flight_finding *finding)
{
    char directory[3000], stem[3200], path[4000], *command = NULL;
    struct error error = {0};
    if (options->results == NULL || !finding->trace_is_shrunk)
        return strdup("");
    if (!make_directory(options->results, candidate, directory, sizeof directory)) {
        fprintf(stderr, "assay: %s: cannot be written: %s\n", directory, strerror(errno));
        return strdup("");
    }
    name_stem(stem, sizeof stem, directory, clause_id, scenario, number);
    snprintf(path, sizeof path, "%s.trace", stem);
    if (keep_trace(path, &(struct evidence){clause_id, finding}))
        command = report_replay_command(path, candidate, binding, false);
    struct reproducer reproducer = {.library = candidate,
                                    .clause = clause_id,
                                    .message = finding->message,
                                    .binding = binding_load(binding, options->bindings_directory, &error),
                                    .expected = finding->expected,
                                    .actual = finding->actual,
                                    .events = finding->trace,
                                    .count = finding->trace_length};
    snprintf(path, sizeof path, "%s.c", stem);
    if (reproducer.binding != NULL && keep_program(path, &reproducer)) {
        free(command);
        command = report_program_command(path, candidate);
    }
    return command == NULL ? strdup("") : command;
}
