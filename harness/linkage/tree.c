#include "harness/linkage/tree.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/linkage/together.h"

enum { MOST_JOBS = 64, PROGRESS_EACH = 256 };

static void add_row(struct tree *tree, const char *path, bool is_named)
{
    if (tree->count == tree->room) {
        tree->room = tree->room == 0 ? 64 : 2 * tree->room;
        tree->rows = realloc(tree->rows, tree->room * sizeof *tree->rows);
    }
    tree->rows[tree->count++] = (struct tree_row){.path = strdup(path), .is_named = is_named};
}

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

/* Most file systems report the type of an entry. Asking for the type of each of a hundred thousand files would take
 * longer than judging the few that matter. */
static unsigned char type_of(const char *path, const struct dirent *entry)
{
    struct stat status;
    if (entry->d_type != DT_UNKNOWN || lstat(path, &status) != 0)
        return entry->d_type;
    return IFTODT(status.st_mode);
}

/* A directory that cannot be read does not stop the others. The first such directory is reported. */
static void add_directory(struct tree *tree, const char *path, struct error *error)
{
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, by_name);
    if (count < 0)
        error_set(error, "%s: cannot be read: %s", path, strerror(errno));
    for (int i = 0; i < count; i++) {
        char *below = NULL;
        const char *name = entries[i]->d_name, *slash = path[strlen(path) - 1] == '/' ? "" : "/";
        bool is_entry = strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
        if (is_entry && asprintf(&below, "%s%s%s", path, slash, name) >= 0) {
            unsigned char type = type_of(below, entries[i]);
            if (type == DT_REG)
                add_row(tree, below, false);
            else if (type == DT_DIR)
                add_directory(tree, below, error);
            free(below);
        }
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

bool tree_add(struct tree *tree, const char *path, struct error *error)
{
    struct stat status;
    if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode))
        return add_row(tree, path, true), true;
    add_directory(tree, path, error);
    return !error_is_set(error);
}

/* ---- judging ---- */

struct work {
    struct tree *tree;
    struct object_cache *cache;
    enum linkage_kind kind;
    FILE *progress;
    atomic_size_t next, done;
};

static void *judge_some(void *context)
{
    struct work *work = context;
    for (size_t i; (i = atomic_fetch_add(&work->next, 1)) < work->tree->count;) {
        linkage_judge(&work->tree->rows[i].linkage, work->cache, work->tree->rows[i].path, work->kind);
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

void tree_judge(struct tree *tree, struct object_cache *cache, enum linkage_kind kind, int jobs, FILE *progress)
{
    pthread_t threads[MOST_JOBS];
    struct work work = {.tree = tree, .cache = cache, .kind = kind, .progress = progress};
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

void tree_judge_together(struct tree *tree, struct object_cache *cache, enum linkage_kind kind,
                         const char *const *paths, size_t count)
{
    char *name = together_name(paths, count);
    add_row(tree, name, true);
    free(name);
    linkage_judge_together(&tree->rows[tree->count - 1].linkage, cache, paths, count, kind);
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
