#include "conformance/results.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/candidate/binding.h"
#include "harness/trace/emit_c.h"
#include "harness/trace/text.h"

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* DIR/CANDIDATE, made if it is not there. */
static bool make_directory(const char *directory, const char *candidate, char *made, size_t size)
{
    snprintf(made, size, "%s/%s", directory, base_name(candidate));
    return (mkdir(directory, 0777) == 0 || errno == EEXIST) && (mkdir(made, 0777) == 0 || errno == EEXIST);
}

static bool complain(const char *path, const char *why)
{
    fprintf(stderr, "assay: %s: cannot be written: %s\n", path, why);
    return false;
}

static bool write_trace(const char *path, const char *clause_id, const struct flight_finding *finding)
{
    char about[1200];
    snprintf(about, sizeof about, "%s\n%s\nexpected: %s\nactual: %s", clause_id, finding->message, finding->expected, finding->actual);
    FILE *out = fopen(path, "w");
    bool well = out != NULL && trace_write(out, about, finding->trace, finding->trace_length);
    if (out != NULL)
        well = fclose(out) == 0 && well;
    return well || complain(path, strerror(errno));
}

/* Some clauses (registers) cannot be shown by a C program: then the trace has to do. */
static bool write_program(const char *path, const struct reproducer *reproducer)
{
    struct error error = {0};
    FILE *out = fopen(path, "w");
    if (out == NULL)
        return complain(path, strerror(errno));
    bool well = emit_c(out, reproducer, &error);
    well = fclose(out) == 0 && well;
    if (!well)
        remove(path);
    return well;
}

char *results_write(const struct judge_options *options, const char *candidate, const char *binding, const char *clause_id,
                    const struct flight_finding *finding)
{
    char directory[3000], stem[128], path[4000], command[9000] = "";
    struct error error = {0};
    if (options->results == NULL || !finding->trace_is_shrunk)
        return strdup("");
    snprintf(stem, sizeof stem, "%s", clause_id);
    for (char *at = stem; *at != '\0'; at++)
        *at = *at == '/' ? '-' : *at;
    if (!make_directory(options->results, candidate, directory, sizeof directory)) {
        complain(options->results, strerror(errno));
        return strdup("");
    }
    snprintf(path, sizeof path, "%s/%s.trace", directory, stem);
    if (write_trace(path, clause_id, finding))
        snprintf(command, sizeof command, "assay replay %s %s --binding %s", path, candidate, binding);
    struct reproducer reproducer = {.library = candidate, .clause = clause_id, .message = finding->message,
                                    .binding = binding_load(binding, options->bindings_directory, &error),
                                    .expected = finding->expected, .actual = finding->actual,
                                    .events = finding->trace, .count = finding->trace_length};
    snprintf(path, sizeof path, "%s/%s.c", directory, stem);
    if (reproducer.binding != NULL && write_program(path, &reproducer))
        snprintf(command, sizeof command, "cc %s -ldl -pthread -o repro && ./repro %s", path, candidate);
    return strdup(command);
}
