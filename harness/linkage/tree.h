/* harness/linkage/tree.h: judges many artifacts, with whole directory trees among them.
 *
 * Promises: several threads judge the files over one object cache, so a library that many need is read once. The order
 * of the results is that of the names, whatever order the threads work in. In a tree, symbolic links are ignored, and
 * files that are neither ELF nor an archive are skipped and counted. A damaged file is an error of its own and stops
 * nothing. A file that the user names is always judged.
 */
#pragma once

#include "harness/linkage/rule.h"

struct tree_row {
    char *path;
    bool is_named; /* the user named it; it was not found in a directory */
    struct linkage linkage;
};

struct tree {
    struct tree_row *rows; /* after tree_judge, without the files that were skipped */
    size_t count, room;
    size_t passed_over;
};

/* Adds one file, or every regular file below a directory, sorted by name. Returns false with `error` when a directory
 * cannot be read. */
bool tree_add(struct tree *tree, const char *path, struct error *error);

/* Judges all rows with `jobs` threads. `progress`, if it is not NULL, gets a line that overwrites itself. */
void tree_judge(struct tree *tree, struct object_cache *cache, enum linkage_kind kind, int jobs, FILE *progress);

/* Adds archives and objects as one row and judges it. Replaces tree_judge. */
void tree_judge_together(struct tree *tree, struct object_cache *cache, enum linkage_kind kind,
                         const char *const *paths, size_t count);
void tree_free(struct tree *tree);
