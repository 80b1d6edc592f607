#include "harness/linkage/tree.h"

#include <errno.h>
#include <fts.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_JOBS = 64, PROGRESS_EACH = 256 };

static void add_row(struct tree *tree, const char *path, bool is_named)
{
    if (tree->count == tree->room) {
        tree->room = tree->room == 0 ? 64 : 2 * tree->room;
        tree->rows = realloc(tree->rows, tree->room * sizeof *tree->rows);
    }
    tree->rows[tree->count++] = (struct tree_row){.path = strdup(path), .is_named = is_named};
}

static int by_name(const FTSENT **a, const FTSENT **b) { return strcmp((*a)->fts_name, (*b)->fts_name); }

static bool add_directory(struct tree *tree, const char *path, struct error *error)
{
    char *const roots[] = {(char *)path, NULL};
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
    if (walk == NULL)
        return error_set(error, "%s: cannot be read: %s", path, strerror(errno));
    for (FTSENT *entry; (entry = fts_read(walk)) != NULL;) {
        if (entry->fts_info == FTS_F)
            add_row(tree, entry->fts_path, false);
        else if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR)
            error_set(error, "%s: cannot be read: %s", entry->fts_path, strerror(entry->fts_errno));
    }
    fts_close(walk);
    return !error_is_set(error);
}

bool tree_add(struct tree *tree, const char *path, struct error *error)
{
    struct stat status;
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        return add_directory(tree, path, error);
    add_row(tree, path, true);
    return true;
}

/* ---- judging ---- */

struct work {
    struct tree *tree;
    struct shelf *shelf;
    enum linkage_kind kind;
    FILE *progress;
    atomic_size_t next, done;
};

static void *judge_some(void *context)
{
    struct work *work = context;
    for (size_t i; (i = atomic_fetch_add(&work->next, 1)) < work->tree->count;) {
        linkage_judge(&work->tree->rows[i].linkage, work->shelf, work->tree->rows[i].path, work->kind);
        size_t done = atomic_fetch_add(&work->done, 1) + 1;
        if (work->progress != NULL && done % PROGRESS_EACH == 0)
            fprintf(work->progress, "\r%zu of %zu files", done, work->tree->count);
    }
    return NULL;
}

static void pass_over(struct tree *tree)
{
    size_t kept = 0;
    for (size_t i = 0; i < tree->count; i++) {
        struct tree_row *row = &tree->rows[i];
        if (row->is_named || !row->linkage.is_not_elf) {
            tree->rows[kept++] = *row;
            continue;
        }
        tree->passed_over++;
        linkage_free(&row->linkage);
        free(row->path);
    }
    tree->count = kept;
}

void tree_judge(struct tree *tree, struct shelf *shelf, enum linkage_kind kind, int jobs, FILE *progress)
{
    pthread_t threads[MOST_JOBS];
    struct work work = {.tree = tree, .shelf = shelf, .kind = kind, .progress = progress};
    int started = 0;
    for (; started < jobs - 1 && started < MOST_JOBS; started++)
        if (pthread_create(&threads[started], NULL, judge_some, &work) != 0)
            break;
    judge_some(&work);
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    if (progress != NULL)
        fprintf(progress, "\r%*s\r", 40, "");
    pass_over(tree);
}

void tree_free(struct tree *tree)
{
    for (size_t i = 0; i < tree->count; i++) {
        linkage_free(&tree->rows[i].linkage);
        free(tree->rows[i].path);
    }
    free(tree->rows);
    *tree = (struct tree){.count = 0};
}
