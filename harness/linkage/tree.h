/* harness/linkage/tree.h: many artifacts at once, whole directory trees among them.
 *
 * Promises: files are judged by several threads over one cache, so a library that many need is read once; the
 * order of the results is that of the names, whatever the threads did. In a tree, symbolic links and what is
 * neither ELF nor an archive are passed over and counted; a damaged file is an error of its own and stops
 * nothing. What is named itself is always judged.
 */
#pragma once

#include "harness/linkage/rule.h"

struct tree_row {
    char *path;
    bool is_named; /* by the user, not found in a directory */
    struct linkage linkage;
};

struct tree {
    struct tree_row *rows; /* after tree_judge: without those passed over */
    size_t count, room;
    size_t passed_over;
};

/* Adds a file as it is, or every regular file below a directory, sorted. False with `error` when a directory
 * cannot be read. */
bool tree_add(struct tree *tree, const char *path, struct error *error);

/* Judges all rows with `jobs` threads. `progress`, where it is not NULL, gets a line that overwrites itself.
 */
void tree_judge(struct tree *tree, struct object_cache *cache, enum linkage_kind kind, int jobs, FILE *progress);

/* Adds archives and objects as one row, and judges it, in place of tree_judge. */
void tree_judge_together(struct tree *tree, struct object_cache *cache, enum linkage_kind kind,
                         const char *const *paths, size_t count);
void tree_free(struct tree *tree);
