/* harness/linkage/sysroot.h: paths of another platform's tree, which stands somewhere in this one's.
 *
 * Promises: symbolic links are followed as the other platform would: an absolute one begins at the root of the
 * tree, and no number of ".." leads out of it. How often the disk is asked is limited by the caller.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* The root without symbolic links, as the paths of objects are known; "" for none and for "/", which are this
 * machine. To be freed. */
char *sysroot_read(const char *path);

/* Takes one of the looks that are left; false when there is none. A hostile file has a million places to look at
 * in a few kilobytes. */
bool sysroot_may_look(size_t *looks);

/* The path as the other platform has it; NULL: it is one of this machine. `is_rooted`: it is one already. */
const char *sysroot_path(const char *root, const char *path, bool is_rooted);

/* Where on this machine the other platform's `path` ends up. False: there is no such file. */
bool sysroot_follow(const char *root, const char *path, char *result, size_t size, size_t *looks);
