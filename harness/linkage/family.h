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
    ROLE_GIVES,     /* of the C library: returns memory of its malloc, which the caller frees */
    ROLE_MAY_GIVE,  /* the same, unless the caller brings a buffer */
    ROLE_MARK,      /* defined where a known implementation has been linked in */
};

/* What gives memory and what takes it back belong together; 0: no such pair. Of C++'s operators. */
enum family_pair { PAIR_NONE, PAIR_ONE, PAIR_ARRAY, PAIR_ALIGNED, PAIR_ALIGNED_ARRAY, PAIRS };

struct family_function {
    const char *name;
    enum family_role role;
    const char *shown; /* what people call it; NULL: by its name */
    enum family_pair pair;
    const char *calls; /* the function of the family that the default one calls; NULL: none */
};

struct family {
    const char *name;   /* as typed */
    const char *source; /* where it says that these belong together */
    const struct family_function *functions;
    size_t count;     /* at most 64 */
    uint64_t essence; /* who defines all of these is an allocator, however much it lacks: it gives memory and
                         takes it back */
    unsigned inner;   /* number of libc's own name for functions[0], at the same address there; 0: it has none */
    bool has_default_everywhere; /* libc brings one: a need without a provider in a library is met by the
                                    process */
    bool rule_of_needs;          /* allocators may not depend on what needs an allocator */
    bool is_paired;              /* replaced in pairs rather than whole: rule_operators.c */
    const char *default_name;    /* who is linked when nobody is chosen; NULL: rustc's rules say */
    const char *const *runtimes; /* how the sonames of those begin that bring the default; the last one is NULL */
};

const struct family *family_find(const char *name); /* NULL: no such family */
const char *family_names(void);                     /* "rust-1.19, malloc, cxx", for messages */

uint64_t family_set(const struct family *family, enum family_role role);

/* Is this object, by its soname, the C library (with the dynamic linker that is part of it) or, of C++'s operators,
 * the C++ library: the provider that is there when nobody chose another? */
bool family_is_default(const struct family *family, const char *soname);

/* The number of the function of that name, which must be one of the family's. */
unsigned family_function(const struct family *family, const char *name);

/* All of the set by name: "aligned_alloc, memalign, valloc". Returns `text`. */
const char *family_list(const struct family *family, uint64_t set, char *text, size_t size);

/* "malloc, free and 2 more"; the whole core reads "all six" where it has six. Returns `text`. */
const char *family_describe(const struct family *family, uint64_t set, char *text, size_t size);
