/* harness/linkage/closure.h: an artifact and everything that is loaded with it, in the order the loader
 * searches.
 *
 * Promises: breadth first over DT_NEEDED (and over what filters name, as glibc does), each object once however
 * many need it (loops end), the artifact first. A library that cannot be found or read is listed, never dropped in
 * silence, but for an auxiliary one that is not there. What a program opens later (dlopen) or the environment adds
 * (LD_PRELOAD) is no part of the artifact.
 */
#pragma once

#include "harness/linkage/search.h"

struct loaded {
    const struct object *object;
    const char *name;     /* that it was looked for under; the object's that needs it; NULL for the artifact */
    size_t parent;        /* index of the one that needs it; its own for the artifact */
    struct loader loader; /* for searching on behalf of it */
};

struct missing {
    char *name;
    size_t parent;
    char *reason; /* found, and why it cannot be read; or NULL */
};

struct closure {
    struct loaded **loaded;
    size_t count, room;
    struct missing *missing;
    size_t missing_count;
    size_t looks; /* that are left: see search.h */
};

/* Fills a closure; false with `error` when it grows past any real one. closure_free either way. */
bool closure_build(struct closure *closure, struct object_cache *cache, const struct object *artifact,
                   struct error *error);
void closure_free(struct closure *closure);

/* "app -> liba.so.1 -> libb.so": from the artifact to loaded[index]. Returns `text`. */
const char *closure_path(const struct closure *closure, size_t index, char *text, size_t size);

/* How an object is called: its soname, else the last part of its path. */
const char *object_name(const struct object *object);

/* "liba.a(x.o)": how a member of it is called; for free. */
char *object_member_name(const struct object *object, const char *member);
