/* harness/linkage/search.h: where the dynamic linker would find a library, here or in another platform's
 * tree.
 *
 * Promises: the order is that of ld.so(8): DT_RPATH of the object that needs it and of those that loaded that
 * one (unless the object has a DT_RUNPATH), LD_LIBRARY_PATH, DT_RUNPATH of the object itself, the cache, the
 * default directories (Debian's multiarch ones among them); $ORIGIN, $LIB and $PLATFORM are replaced, and an
 * empty element of a list is the current directory. A library for another machine, class or byte order is
 * passed over, as the loader does. Inside a sysroot every path begins there, what $ORIGIN leads to and symbolic
 * links too, however many ".." they have. glibc-hwcaps directories are not searched: a library there stands for
 * the plain one.
 *
 * Every file is read once: a cache keeps the objects by device and inode, and threads may share it. One that
 * says other things under another path ($ORIGIN, no soname) is read once for each, so that no answer depends on
 * what was asked before.
 */
#pragma once

#include "harness/linkage/object.h"

struct object_cache;

struct search_options {
    const struct family *family;
    const char *sysroot;      /* NULL or "": this machine */
    const char *library_path; /* colons between directories, as in LD_LIBRARY_PATH; NULL: none */
};

struct object_cache *object_cache_create(const struct search_options *options);
void object_cache_free(struct object_cache *cache);
const struct family *object_cache_family(const struct object_cache *cache);

/* The artifact at `path`, which is taken as it stands (not within the sysroot); the object's own path has no
 * symbolic links, for $ORIGIN is where a program is, not the link to it. NULL with `error`; `status` says
 * which kind. */
const struct object *object_cache_read(struct object_cache *cache, const char *path, enum image_status *status,
                                       struct error *error);

/* Who needs a library, and who loaded that one: NULL above the artifact itself. */
struct loader {
    const struct object *object;
    const struct loader *parent;
    size_t *looks; /* places that may still be looked at before `error` says that these are too many */
};

/* The library `name` as `loader`->object needs it. NULL when it is not found; `error` is set when one was
 * found that cannot be read. */
const struct object *object_cache_find(struct object_cache *cache, const char *name, const struct loader *loader,
                                       struct error *error);
