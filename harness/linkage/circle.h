/* harness/linkage/circle.h: finds an allocator that depends on a member that needs an allocator. Both are members of
 * one archive, or of several files that are linked together.
 *
 * Source: The Unstable Book of Rust 1.19, "allocator". A crate that is no allocator may need one, but no allocator may
 * depend on such a crate, directly or through others.
 *
 * Promises: a member depends on the member that first defines a name which it leaves undefined; a weak reference is no
 * dependency. A member is in a circle when it needs a function of the family's core, defines none of the core, and the
 * member that defines the function depends on it. These are therefore no circles: a user beside an allocator, as in
 * every static library; an allocator that is spread over several members; a member that the allocator depends on and
 * that calls a function whose own member does not depend on it. A reference to one of rustc's weak lang items (the
 * panic handler) is no dependency either, because every crate leaves those to the last link.
 *
 * Names are compared by a 64-bit hash. Memory is bounded: about 100 MiB.
 */
#pragma once

#include "harness/linkage/object.h"

struct circle {
    const char *allocator; /* the member that defines the functions, "liba.a(x.o)" */
    const char *user;      /* the member that calls them */
    const char *path;      /* "x.o -> helper.o -> user.o" */
    uint64_t functions;
};

typedef void circle_teller(void *context, const struct circle *circle);

/* Calls `tell` once for each user. `paths` name archives and relocatable objects. Returns false with `error` when one
 * of them cannot be read, or has more symbols or names than any real file. */
bool circle_each(const char *const *paths, size_t count, const struct family *family, circle_teller *tell,
                 void *context, struct error *error);
