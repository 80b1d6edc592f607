/* assay linkage: the linkage rule on files, on whole trees of them, or on a described crate graph. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conformance/cli/cli.h"
#include "harness/base/whole_file.h"
#include "harness/linkage/graph.h"
#include "harness/linkage/tree.h"

struct linkage_request {
    enum linkage_kind kind;
    struct search_options search;
    const char *json, *graph;
    const char *of_files; /* an option that a described graph has no use for; NULL: none was given */
    int jobs;
    bool together, verbose;
    char **artifacts;
    size_t count;
};

static const char USAGE[] = "usage: assay linkage ARTIFACT... [OPTIONS]\n"
                            "       assay linkage --graph FILE [--json FILE]\n"
                            "\n"
                            "Judges the linkage rule: each artifact has one allocator, and the right one.\n"
                            "An artifact is an ELF executable, shared library, object or archive. For a\n"
                            "directory, every such file below it is judged.\n"
                            "\n"
                            "  --kind KIND           judge it as executable, dylib, staticlib, rlib or\n"
                            "                        allocator (default: what the file is)\n"
                            "  --together            the artifacts are archives and objects of one link\n"
                            "                        (default: each is judged alone)\n"
                            "  --family NAME         whose functions: rust-1.19, malloc, or cxx for C++'s\n"
                            "                        operators new and delete (default rust-1.19)\n"
                            "  --sysroot DIR         look for libraries in the tree of another platform\n"
                            "  --library-path DIRS   search these as LD_LIBRARY_PATH is searched (default:\n"
                            "                        that variable, unless there is --sysroot)\n"
                            "  --graph FILE          judge a described crate graph\n"
                            "                        (conformance/graphs/README.md says how to write one)\n"
                            "  --json FILE           write the result as JSON ('-' is standard output)\n"
                            "  --jobs N              files at a time (default: one for each core)\n"
                            "  --verbose             show details also of what is well\n"
                            "\n"
                            "Exit status: 0 the rule is kept, 1 it is broken, 2 it could not be asked,\n"
                            "3 something is left open.\n";

static const struct option OPTIONS[] = {
    {"kind", required_argument, NULL, 'k'},
    {"family", required_argument, NULL, 'f'},
    {"sysroot", required_argument, NULL, 'r'},
    {"library-path", required_argument, NULL, 'L'},
    {"graph", required_argument, NULL, 'g'},
    {"json", required_argument, NULL, 'J'},
    {"jobs", required_argument, NULL, 'j'},
    {"verbose", no_argument, NULL, 'v'},
    {"together", no_argument, NULL, 't'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static bool take_option(struct linkage_request *request, int option, char *value)
{
    unsigned long long number = 0;
    struct stat status;
    switch (option) {
    case 'k':
        request->of_files = "--kind";
        request->kind = linkage_kind_find(value);
        if (request->kind == KIND_INFERRED)
            cli_error("--kind: '%s' is not executable, dylib, staticlib, rlib or allocator", value);
        return request->kind != KIND_INFERRED;
    case 'f':
        request->of_files = "--family";
        request->search.family = family_find(value);
        if (request->search.family == NULL)
            cli_error("--family: '%s' is not one of %s", value, family_names());
        return request->search.family != NULL;
    case 'r':
        request->of_files = "--sysroot";
        request->search.sysroot = value;
        if (stat(value, &status) == 0 && S_ISDIR(status.st_mode))
            return true;
        cli_error("--sysroot: '%s' is no directory", value);
        return false;
    case 'j': request->jobs = cli_number("--jobs", value, 1, 64, &number) ? (int)number : 0; return request->jobs > 0;
    case 'L':
        request->of_files = "--library-path";
        request->search.library_path = value;
        return true;
    case 'g': request->graph = value; return true;
    case 'J': request->json = value; return true;
    case 't': request->of_files = "--together"; return request->together = true;
    case 'v': return request->verbose = true;
    default: return false;
    }
}

/* 0: go on; otherwise leave with *status. */
static int read_request(int argc, char **argv, struct linkage_request *request, int *status)
{
    *request = (struct linkage_request){.search.family = family_find("rust-1.19"), .jobs = cli_default_options().jobs};
    optind = 1;
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "hv", OPTIONS, NULL)) != -1;) {
        *status = option == 'h' ? STATUS_CONFORMS : STATUS_UNASKED;
        if (option == 'h')
            return *status = cli_usage(USAGE), 1;
        if (option == '?')
            return cli_error("'%s': unknown option or missing value; `assay linkage --help`", argv[optind - 1]);
        if (!take_option(request, option, optarg))
            return 1;
    }
    request->artifacts = argv + optind;
    request->count = (size_t)(argc - optind);
    if (request->search.sysroot == NULL && request->search.library_path == NULL)
        request->search.library_path = getenv("LD_LIBRARY_PATH");
    *status = STATUS_UNASKED;
    if (request->graph != NULL && request->count > 0)
        return cli_error("--graph describes everything: no artifact beside it ('%s')", request->artifacts[0]);
    if (request->graph != NULL && request->of_files != NULL)
        return cli_error("--graph describes everything: no %s beside it", request->of_files);
    return request->count == 0 && request->graph == NULL ? cli_error("no artifact; `assay linkage FILE`") : 0;
}

/* ---- what came of it ---- */

struct tally {
    size_t verdicts[LINKAGE_ERROR + 1];
};

static struct tally count_verdicts(const struct tree *tree)
{
    struct tally tally = {{0}};
    for (size_t i = 0; i < tree->count; i++)
        tally.verdicts[tree->rows[i].linkage.verdict]++;
    return tally;
}

/* As for several candidates: a violation decides first, then what is open, then what could not be asked. */
static int exit_status(const struct tally *tally)
{
    if (tally->verdicts[LINKAGE_VIOLATION] > 0)
        return STATUS_VIOLATES;
    if (tally->verdicts[LINKAGE_OPEN] > 0)
        return STATUS_UNDECIDED;
    return tally->verdicts[LINKAGE_ERROR] > 0 ? STATUS_UNASKED : STATUS_CONFORMS;
}

static void print_rows(FILE *out, const struct linkage_request *request, const struct tree *tree)
{
    for (size_t i = 0; i < tree->count; i++) {
        const struct tree_row *row = &tree->rows[i];
        if (row->linkage.verdict == LINKAGE_ERROR && row->is_named)
            cli_error("%s", row->linkage.error);
        else if (row->is_named || request->verbose || row->linkage.verdict != LINKAGE_OK)
            linkage_print(out, &row->linkage, row->is_named || request->verbose);
    }
}

static void print_summary(FILE *out, const struct tree *tree, const struct tally *tally)
{
    if (tree->count + tree->passed_over < 2)
        return;
    fprintf(out, "%zu artifact%s: %zu ok", tree->count, tree->count == 1 ? "" : "s", tally->verdicts[LINKAGE_OK]);
    for (int verdict = LINKAGE_VIOLATION; verdict <= LINKAGE_ERROR; verdict++)
        if (tally->verdicts[verdict] > 0)
            fprintf(out, ", %zu %s", tally->verdicts[verdict], linkage_verdict_name((enum linkage_verdict)verdict));
    if (tree->passed_over > 0)
        fprintf(out, "; %zu other files passed over", tree->passed_over);
    fputc('\n', out);
}

/* One artifact is one object in JSON, several are an array, as in `run`. */
struct listing {
    const struct tree *tree;
    bool is_array;
};

static bool write_json(FILE *out, const void *context)
{
    const struct listing *listing = context;
    json_t *value = json_array();
    for (size_t i = 0; i < listing->tree->count; i++)
        json_array_append_new(value, linkage_json(&listing->tree->rows[i].linkage));
    const json_t *shown = listing->is_array ? value : json_array_get(value, 0);
    bool well = json_dumpf(shown, out, JSON_INDENT(2)) == 0 && fputc('\n', out) != EOF;
    json_decref(value);
    return well;
}

/* Is it a directory in which nothing was judged? That must not read as if all were well. */
static bool holds_nothing(const struct tree *tree, const char *path)
{
    struct stat status;
    size_t length = strlen(path);
    if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode) || access(path, R_OK | X_OK) != 0)
        return false; /* a directory that is missing or not readable has been told already */
    for (size_t i = 0; i < tree->count; i++)
        if (strncmp(tree->rows[i].path, path, length) == 0 &&
            (path[length - 1] == '/' || tree->rows[i].path[length] == '/'))
            return false;
    return true;
}

/* Complains about each directory that has nothing to judge. Returns how many there are. */
static size_t tell_empty(const struct linkage_request *request, const struct tree *tree)
{
    size_t count = 0;
    for (size_t i = 0; i < request->count && !request->together; i++)
        if (holds_nothing(tree, request->artifacts[i]))
            count += cli_error("%s: is a directory with no ELF file and no archive in it", request->artifacts[i]) != 0;
    return count;
}

static int judge_files(const struct linkage_request *request)
{
    struct tree tree = {.count = 0};
    struct error error = {0};
    for (size_t i = 0; i < request->count && !request->together; i++)
        if (!tree_add(&tree, request->artifacts[i], &error))
            cli_error("%s", error.text);
    bool is_array = !request->together && (request->count > 1 || tree.count != 1 || !tree.rows[0].is_named);
    struct object_cache *cache = object_cache_create(&request->search);
    if (request->together)
        tree_judge_together(&tree, cache, request->kind, (const char *const *)request->artifacts, request->count);
    else
        tree_judge(&tree, cache, request->kind, request->jobs, is_array && isatty(STDERR_FILENO) ? stderr : NULL);
    FILE *out = request->json != NULL && strcmp(request->json, "-") == 0 ? stderr : stdout;
    struct tally tally = count_verdicts(&tree);
    print_rows(out, request, &tree);
    print_summary(out, &tree, &tally);
    int status = exit_status(&tally);
    if ((tell_empty(request, &tree) > 0 || error_is_set(&error)) && status == STATUS_CONFORMS)
        status = STATUS_UNASKED;
    error = (struct error){.text = ""};
    if (request->json != NULL &&
        !whole_file_write(request->json, write_json, &(struct listing){&tree, is_array}, &error))
        status = cli_error("%s", error.text);
    tree_free(&tree);
    object_cache_free(cache);
    return status;
}

/* ---- a described crate graph ---- */

struct graph_listing {
    const struct graph_verdict *verdict;
    bool verbose;
};

/* A dependency of what is built is listed only if something is wrong with it. One artifact is one object here, too. */
static bool write_graph_json(FILE *out, const void *context)
{
    const struct graph_listing *listing = context;
    json_t *value = graph_json(listing->verdict);
    for (size_t i = listing->verdict->count; i-- > 0;)
        if (!listing->verbose && listing->verdict->results[i].is_dependency &&
            listing->verdict->results[i].verdict == LINKAGE_OK)
            json_array_remove(value, i);
    const json_t *shown = json_array_size(value) == 1 ? json_array_get(value, 0) : value;
    bool well = json_dumpf(shown, out, JSON_INDENT(2)) == 0 && fputc('\n', out) != EOF;
    json_decref(value);
    return well;
}

static int judge_graph(const struct linkage_request *request)
{
    struct error error = {0};
    struct graph *graph = graph_read(request->graph, &error);
    if (graph == NULL)
        return cli_error("%s", error.text);
    struct graph_verdict verdict = graph_judge(graph);
    bool to_stdout = request->json != NULL && strcmp(request->json, "-") == 0;
    graph_print(to_stdout ? stderr : stdout, &verdict, request->verbose);
    struct tally tally = {{0}};
    tally.verdicts[graph_worst(&verdict)]++;
    int status = exit_status(&tally);
    if (request->json != NULL &&
        !whole_file_write(request->json, write_graph_json, &(struct graph_listing){&verdict, request->verbose}, &error))
        status = cli_error("%s", error.text);
    graph_verdict_free(&verdict);
    graph_free(graph);
    return status;
}

int cmd_linkage(int argc, char **argv)
{
    struct linkage_request request;
    int status;
    if (read_request(argc, argv, &request, &status) != 0)
        return status;
    return request.graph != NULL ? judge_graph(&request) : judge_files(&request);
}
