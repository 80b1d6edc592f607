/* harness/linkage/together.h: several archives and objects that are judged as one link.
 *
 * Promises: the members of all files are the members of one artifact, in the order of the files. A file that is named
 * twice counts once, because link lines repeat libraries. Every member counts, whether or not the link editor would
 * take it out of its archive: that depends on the order of the link line.
 */
#pragma once

#include "harness/linkage/search.h"

/* Returns an object of SHAPE_TOGETHER, which the caller frees with object_free. Returns NULL with `error` when a file
 * cannot be read, is already linked, or is for another platform than those before it. */
struct object *together_read(struct object_cache *cache, const char *const *paths, size_t count, struct error *error);

/* Joins the paths, "a.a + b.a". The caller frees the text. */
char *together_name(const char *const *paths, size_t count);
