/* harness/linkage/closure.h: an artifact and every library that is loaded with it, in the order in which the loader
 * searches them.
 *
 * Promises: the artifact comes first, then its libraries, breadth first over DT_NEEDED. Libraries that a filter names
 * are included, as glibc loads them. Each object appears once, so a cycle of dependencies ends. A library that cannot
 * be found or read is listed as missing; only an auxiliary one (DT_AUXILIARY) may be absent. Libraries that a program
 * opens later (dlopen) or that the environment adds (LD_PRELOAD) are no part of the artifact.
 */
#pragma once

#include "harness/linkage/search.h"

struct loaded {
    const struct object *object;
    /* the name that it was searched by, owned by the object that needs it; NULL for the artifact */
    const char *name;
    size_t parent;        /* index of the object that needs it; for the artifact, its own index */
    struct loader loader; /* to search for the libraries that it needs */
};

struct missing {
    char *name;
    size_t parent;
    char *reason; /* why it cannot be read although it was found; NULL when it was not found */
};

struct closure {
    struct loaded **loaded;
    size_t count, room;
    struct missing *missing;
    size_t missing_count;
    size_t looks; /* places that may still be looked at: see search.h */
};

/* Fills a closure. Returns false with `error` when it grows larger than that of any real program. The caller calls
 * closure_free in either case. */
bool closure_build(struct closure *closure, struct object_cache *cache, const struct object *artifact,
                   struct error *error);
void closure_free(struct closure *closure);

/* Writes the way from the artifact to loaded[index], "app -> liba.so.1 -> libb.so". Returns `text`. */
const char *closure_path(const struct closure *closure, size_t index, char *text, size_t size);

/* What messages call an object: its soname, or else the last part of its path. */
const char *object_name(const struct object *object);

/* What messages call a member of it, "liba.a(x.o)". The caller frees the text. */
char *object_member_name(const struct object *object, const char *member);
