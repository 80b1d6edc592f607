/* harness/linkage/sysroot.h: paths of another platform's tree, which is a directory of this machine.
 *
 * Promises: symbolic links are followed as the other platform would follow them. An absolute link begins at the root of
 * the tree, and no number of ".." leads out of it. The caller limits how often the disk is asked.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Returns the root without symbolic links, in the form that the paths of objects have. "" means this machine, and
 * stands for no path and for "/". The caller frees it. */
char *sysroot_read(const char *path);

/* Takes one of the looks that are left. Returns false when none is left. A hostile file can name a million places in a
 * few kilobytes. */
bool sysroot_may_look(size_t *looks);

/* Returns the path that the other platform uses, or NULL when `path` is one of this machine. `is_rooted`: `path` is
 * already one of the other platform. */
const char *sysroot_path(const char *root, const char *path, bool is_rooted);

/* Finds where on this machine the other platform's `path` leads. Returns false when there is no such file. */
bool sysroot_follow(const char *root, const char *path, char *result, size_t size, size_t *looks);
