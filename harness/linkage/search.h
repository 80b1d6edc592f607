/* harness/linkage/search.h: where the dynamic linker would find a library, on this machine or in another platform's
 * tree.
 *
 * Promises: the order is that of ld.so(8): DT_RPATH of the object that needs the library and of the objects that loaded
 * that one (unless the object has a DT_RUNPATH), LD_LIBRARY_PATH, DT_RUNPATH of the object itself, the cache of the
 * dynamic linker, and the default directories, with Debian's multiarch ones. $ORIGIN, $LIB and $PLATFORM are replaced.
 * An empty element of a list is the current directory. A library for another machine, class or byte order is skipped,
 * as by the loader. Inside a sysroot every path begins at its root, however many ".." it has; this includes paths
 * through $ORIGIN and through symbolic links. glibc-hwcaps directories are not searched, because the plain library is
 * judged in place of a special one.
 *
 * Every file is read once. An object cache keeps the objects by device and inode, and threads may share it. A file
 * whose meaning depends on its path ($ORIGIN, no soname) is read once for each path, so no answer depends on earlier
 * searches.
 */
#pragma once

#include "harness/linkage/object.h"

struct object_cache;

struct search_options {
    const struct family *family;
    const char *sysroot;      /* NULL or "" stands for this machine */
    const char *library_path; /* directories with colons between them, as in LD_LIBRARY_PATH; NULL: none */
};

struct object_cache *object_cache_create(const struct search_options *options);
void object_cache_free(struct object_cache *cache);
const struct family *object_cache_family(const struct object_cache *cache);

/* Reads the artifact at `path`, which is a path of this machine even when there is a sysroot. The path in the object
 * has no symbolic links, because $ORIGIN is the directory of the program itself, not of a link to it. Returns NULL with
 * `error`; `status` then says which kind of failure it is. The cache owns the object. */
const struct object *object_cache_read(struct object_cache *cache, const char *path, enum image_status *status,
                                       struct error *error);

/* The object that needs a library, and the loader of that object: NULL for the artifact itself. */
struct loader {
    const struct object *object;
    const struct loader *parent;
    size_t *looks; /* how many places may still be looked at before the search ends with `error` */
};

/* Finds the library `name` for loader->object. Returns NULL when there is none; `error` is set when one was found that
 * cannot be read. The cache owns the object. */
const struct object *object_cache_find(struct object_cache *cache, const char *name, const struct loader *loader,
                                       struct error *error);
