/* harness/linkage/family.h: which functions belong to one allocator.
 *
 * Promises: a family is a table; a new one is a new row in family.c. Sets of its functions are bits of a
 * uint64_t, bit i for functions[i].
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum family_role {
    ROLE_CORE,      /* an allocator has all of these */
    ROLE_COMPANION, /* gives or takes the same memory: must come from the same allocator wherever anybody uses
                       it */
    ROLE_FORWARD,   /* who imports this may pass calls on to the next allocator, which no file can tell */
    ROLE_SOURCE,    /* who imports this has memory of its own to give */
};

struct family_function {
    const char *name;
    enum family_role role;
};

struct family {
    const char *name;   /* as typed */
    const char *source; /* where it says that these belong together */
    const struct family_function *functions;
    size_t count;     /* at most 64 */
    uint64_t essence; /* who defines all of these is an allocator, however much it lacks: it gives memory and
                         takes it back */
    bool has_default_everywhere; /* libc brings one: a need without a provider in a library is met by the
                                    process */
    bool rule_of_needs;          /* allocators may not depend on what needs an allocator */
};

const struct family *family_find(const char *name); /* NULL: no such family */
const char *family_names(void);                     /* "rust-1.19, malloc", for messages */

uint64_t family_set(const struct family *family, enum family_role role);

/* Is this object, by its soname, the C library or the dynamic linker that is part of it: the provider that is
 * there when nobody chose another? */
bool family_is_default(const struct family *family, const char *soname);

/* "malloc, free and 2 more"; the whole core reads "all six" where it has six. Returns `text`. */
const char *family_describe(const struct family *family, uint64_t set, char *text, size_t size);
