/* harness/linkage/together.h: several archives and objects as the one link that they are named for.
 *
 * Promises: the members of all files are the members of one artifact, in the order of the files; the same file named
 * twice counts once, as link lines repeat libraries. Every member counts, whether or not the link editor would take it
 * out of its archive: which ones it takes, the order of the line decides.
 */
#pragma once

#include "harness/linkage/search.h"

/* An object of SHAPE_TOGETHER, for object_free; NULL with `error`: a file cannot be read, is linked already, or is for
 * another platform than those before it. */
struct object *together_read(struct object_cache *cache, const char *const *paths, size_t count, struct error *error);

/* "a.a + b.a", for free. */
char *together_name(const char *const *paths, size_t count);
