#include "conformance/judging/file_clauses.h"

#include <limits.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/judging/findings.h"
#include "harness/candidate/artifact.h"
#include "harness/linkage/rule.h"

static struct clause_result *find_row(struct report *report, const char *id)
{
    for (size_t i = 0; i < report->clause_count; i++)
        if (strcmp(report->clauses[i].id, id) == 0)
            return &report->clauses[i];
    return NULL;
}

static void decide_row(struct clause_result *row, enum clause_verdict verdict, uint64_t exercised, const char *note)
{
    row->required = true;
    row->verdict = verdict;
    row->exercised += exercised;
    free(row->note);
    row->note = note == NULL ? NULL : strdup(note);
}

/* ---- completeness: all six symbols, once each, as functions ---- */

int file_count_defined(const char *path, const struct binding *binding, int *right, char *first_bad, size_t size)
{
    int defined = 0;
    *right = 0;
    for (int i = 0; binding_symbol(binding, i) != NULL; i++) {
        enum artifact_symbol found = artifact_find_symbol(path, binding_symbol(binding, i));
        defined += found == SYMBOL_FUNCTION || found == SYMBOL_OBJECT || found == SYMBOL_DUPLICATE;
        *right += found == SYMBOL_FUNCTION;
        if (found != SYMBOL_FUNCTION && first_bad[0] == '\0')
            snprintf(first_bad, size, "%s %s", binding_symbol(binding, i), artifact_symbol_text(found));
    }
    return defined;
}

static void judge_complete(struct report *report, const char *path, const struct binding *binding)
{
    char bad[256] = "";
    int right = 0;
    struct clause_result *row = find_row(report, "abi/complete");
    int defined = file_count_defined(path, binding, &right, bad, sizeof bad);
    if (row == NULL || defined == 0)
        return;         /* not asked for; or the file has no names any more, but the loader has found the symbols */
    row->exercised = 0; /* calls that went through show only that the symbols are there */
    decide_row(row, bad[0] == '\0' ? CLAUSE_HOLDS : CLAUSE_VIOLATED, (uint64_t)right, NULL);
    if (bad[0] == '\0')
        return;
    struct flight_finding seen = {.message = "the six symbols are looked up"};
    snprintf(seen.expected, sizeof seen.expected, "each defined once, as a function, visible to a loader");
    snprintf(seen.actual, sizeof seen.actual, "%s", bad);
    finding_add(report, row, &seen, "abi/symbols");
}

/* ---- linkage: complete, single, not circular ---- */

struct directories {
    char text[8192];
    size_t at;
};

/* Adds the directories of the libraries of this process: the loader of the candidate has these libraries, wherever they
 * came from. */
static int note_directory(struct dl_phdr_info *info, size_t size, void *context)
{
    struct directories *directories = context;
    const char *slash = strrchr(info->dlpi_name, '/');
    (void)size;
    if (slash != NULL && directories->at + (size_t)(slash - info->dlpi_name) + 2 < sizeof directories->text)
        directories->at +=
            (size_t)snprintf(directories->text + directories->at, sizeof directories->text - directories->at, "%s%.*s",
                             directories->at == 0 ? "" : ":", (int)(slash - info->dlpi_name), info->dlpi_name);
    return 0;
}

static void note_library_path(struct directories *directories)
{
    const char *set = getenv("LD_LIBRARY_PATH");
    directories->at = (size_t)snprintf(directories->text, sizeof directories->text, "%s", set == NULL ? "" : set);
    if (directories->at >= sizeof directories->text)
        directories->at = sizeof directories->text - 1;
    dl_iterate_phdr(note_directory, directories);
}

static void judge_clause(struct report *report, const struct linkage *linkage, enum linkage_clause clause)
{
    struct clause_result *row = find_row(report, linkage_clause_id(clause));
    const char *open = NULL;
    bool violated = false;
    if (row == NULL || !linkage_applies(linkage, clause))
        return;
    for (size_t i = 0; i < linkage->finding_count; i++) {
        const struct linkage_finding *finding = &linkage->findings[i];
        if (finding->clause != clause)
            continue;
        open = finding->is_open ? finding->message : open;
        if (finding->is_open)
            continue;
        violated = true;
        struct flight_finding seen = {.message = "the candidate's file and what it needs are read"};
        snprintf(seen.expected, sizeof seen.expected, "one allocator, whole, defined once, in need of none itself");
        snprintf(seen.actual, sizeof seen.actual, "%s", finding->message);
        finding_add(report, row, &seen, "linkage/file");
    }
    violated = violated || row->finding_count > 0; /* seen in the running process */
    if (!violated && open != NULL)
        row->exercised = 0;
    decide_row(row,
               violated       ? CLAUSE_VIOLATED
               : open != NULL ? CLAUSE_NOT_EXERCISED
                              : CLAUSE_HOLDS,
               open == NULL || violated, violated ? NULL : open);
}

static void judge_linkage(struct report *report, const char *path)
{
    struct directories directories = {.at = 0};
    struct linkage linkage;
    note_library_path(&directories);
    struct search_options options = {.family = family_find("rust-1.19"), .library_path = directories.text};
    struct object_cache *cache = object_cache_create(&options);
    linkage_judge(&linkage, cache, path, KIND_ALLOCATOR);
    for (int clause = 0; clause < LINKAGE_CLAUSES; clause++) {
        struct clause_result *row = find_row(report, linkage_clause_id((enum linkage_clause)clause));
        if (linkage.verdict != LINKAGE_ERROR)
            judge_clause(report, &linkage, (enum linkage_clause)clause);
        else if (row != NULL && linkage_applies(&linkage, (enum linkage_clause)clause))
            decide_row(row, row->finding_count > 0 ? CLAUSE_VIOLATED : CLAUSE_NOT_EXERCISED, 0, linkage.error);
    }
    linkage_free(&linkage);
    object_cache_free(cache);
}

void file_clauses_judge(struct report *report, const char *path, const struct binding *binding)
{
    judge_complete(report, path, binding);
    judge_linkage(report, path);
}
