/* harness/linkage/circle.h: does an allocator that is part of an archive, or of several files linked
 * together, depend on a member that needs an allocator?
 *
 * Source: The Unstable Book of Rust 1.19, "allocator": what is no allocator crate may need one, and an
 * allocator may not depend on it, at any depth.
 *
 * Promises: a member depends on another one when a name that it leaves undefined (and not weakly) is first
 * defined there. A member is in a circle when it needs a function of the family's core, defines none itself,
 * and the member that defines the function depends on it. So these are no circles: a user beside an
 * allocator, which every static library has; an allocator that is spread over several members; a member that
 * the allocator depends on and that calls a function whose own member does not depend on it. What rustc calls
 * a weak lang item (the panic handler) is no dependency either: every crate leaves it to whoever links last.
 *
 * Names are compared by a hash of 64 bits. Memory is bounded: about 100 MiB.
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

/* Tells of each user once. The paths are of archives and relocatable objects. False with `error` when one
 * cannot be read (any more) or is past any real one. */
bool circle_each(const char *const *paths, size_t count, const struct family *family, circle_teller *tell,
                 void *context, struct error *error);
