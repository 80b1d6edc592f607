/* harness/linkage/family.h: which functions belong to one allocator.
 *
 * Promises: a family is a table, and a new family is a new row in family.c. A set of its functions is a uint64_t in
 * which bit i stands for functions[i].
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum family_role {
    ROLE_CORE, /* an allocator has all of these */
    /* gives or takes the same memory as the core; wherever it is used, it must come from the same allocator */
    ROLE_COMPANION,
    ROLE_FORWARD,  /* an object that imports it may pass calls on to the next allocator, which its file cannot show */
    ROLE_SOURCE,   /* an object that imports it can get memory of its own from the system */
    ROLE_GIVES,    /* a function of the C library that returns memory of its malloc, which the caller frees */
    ROLE_MAY_GIVE, /* the same, unless the caller passes a buffer */
    ROLE_MARK,     /* defined when a known implementation is linked in */
};

/* For C++'s operators: the group of operators that allocate memory and release it together. */
enum family_pair { PAIR_NONE, PAIR_ONE, PAIR_ARRAY, PAIR_ALIGNED, PAIR_ALIGNED_ARRAY, PAIRS };

struct family_function {
    const char *name;
    enum family_role role;
    const char *shown; /* the name for messages; NULL: `name` */
    enum family_pair pair;
    const char *calls; /* the function of the family that the default version of this one calls; NULL: none */
};

struct family {
    const char *name;   /* as the user types it */
    const char *source; /* the document that says that these functions belong together */
    const struct family_function *functions;
    size_t count; /* at most 64 */
    /* an object that defines all of these is an allocator, even if others are missing: it gives memory and takes it
     * back */
    uint64_t essence;
    unsigned inner; /* index of libc's internal name for functions[0], which has the same address in libc; 0: none */
    /* libc has a default, so the process provides what a library needs and does not find elsewhere */
    bool has_default_everywhere;
    bool rule_of_needs;          /* an allocator may not depend on an object that needs an allocator */
    bool is_paired;              /* replaced in pairs, not as a whole: see rule_operators.c */
    const char *default_name;    /* the allocator that is linked when none is chosen; NULL: rustc's rules decide */
    const char *const *runtimes; /* how the sonames of the libraries begin that hold the default; ends with NULL */
};

const struct family *family_find(const char *name); /* NULL: no such family */
const char *family_names(void);                     /* for messages: "rust-1.19, malloc, cxx" */

uint64_t family_set(const struct family *family, enum family_role role);

/* Does this soname belong to the library that holds the default? For C++'s operators that is the C++ library, for
 * malloc it is the C library; the dynamic linker counts as a part of the latter. */
bool family_is_default(const struct family *family, const char *soname);

/* The index of the function of that name, which must be one of the family's. */
unsigned family_function(const struct family *family, const char *name);

/* Lists the names of the whole set: "aligned_alloc, memalign, valloc". Returns `text`. */
const char *family_list(const struct family *family, uint64_t set, char *text, size_t size);

/* Describes the set in a few words: "malloc, free and 2 more". A whole core of six reads "all six". Returns `text`. */
const char *family_describe(const struct family *family, uint64_t set, char *text, size_t size);
