#include "harness/linkage/family.h"

#include <stdio.h>
#include <string.h>

static const struct family_function rust_functions[] = {
    {"__rust_allocate", ROLE_CORE},           {"__rust_allocate_zeroed", ROLE_CORE},
    {"__rust_deallocate", ROLE_CORE},         {"__rust_reallocate", ROLE_CORE},
    {"__rust_reallocate_inplace", ROLE_CORE}, {"__rust_usable_size", ROLE_CORE},
};

/* reallocarray is not among them: libc's calls realloc like anybody else, so what it gives fits a replaced
 * free. */
static const struct family_function malloc_functions[] = {
    {"malloc", ROLE_CORE},
    {"calloc", ROLE_CORE},
    {"realloc", ROLE_CORE},
    {"free", ROLE_CORE},
    {"aligned_alloc", ROLE_COMPANION},
    {"malloc_usable_size", ROLE_COMPANION},
    {"memalign", ROLE_COMPANION},
    {"posix_memalign", ROLE_COMPANION},
    {"pvalloc", ROLE_COMPANION},
    {"valloc", ROLE_COMPANION},
    {"cfree", ROLE_COMPANION},
    {"dlsym", ROLE_FORWARD},
    {"dlvsym", ROLE_FORWARD},
    {"__libc_malloc", ROLE_FORWARD},
    {"mmap", ROLE_SOURCE},
    {"mmap64", ROLE_SOURCE},
    {"sbrk", ROLE_SOURCE},
    {"brk", ROLE_SOURCE},
    {"syscall", ROLE_SOURCE},
};

#define TABLE(functions) functions, sizeof functions / sizeof *functions
static const struct family families[] = {
    {"rust-1.19", "The Unstable Book of Rust 1.19, \"allocator\"; liballoc/heap.rs", TABLE(rust_functions),
     1 << 0 | 1 << 2, false, true},
    {"malloc", "The GNU C Library Reference Manual, \"Replacing malloc\"", TABLE(malloc_functions),
     1 << 0 | 1 << 3, true, false},
};

const struct family *family_find(const char *name)
{
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        if (strcmp(families[i].name, name) == 0)
            return &families[i];
    return NULL;
}

const char *family_names(void) { return "rust-1.19, malloc"; }

uint64_t family_set(const struct family *family, enum family_role role)
{
    uint64_t set = 0;
    for (size_t i = 0; i < family->count; i++)
        if (family->functions[i].role == role)
            set |= UINT64_C(1) << i;
    return set;
}

static bool begins(const char *text, const char *start) { return strncmp(text, start, strlen(start)) == 0; }

bool family_is_default(const struct family *family, const char *soname)
{
    static const char *const runtimes[] = {"libc.so.", "ld-linux",   "ld64.so.",
                                           "ld.so.",   "libc.musl-", "ld-musl-"};
    if (!family->has_default_everywhere || soname == NULL)
        return false;
    for (size_t i = 0; i < sizeof runtimes / sizeof *runtimes; i++)
        if (begins(soname, runtimes[i]))
            return true;
    return strcmp(soname, "libc.so") == 0; /* musl's own name for itself */
}

static const char *const counts[] = {"none",     "the one",  "both",   "all three",
                                     "all four", "all five", "all six"};

const char *family_describe(const struct family *family, uint64_t set, char *text, size_t size)
{
    enum { NAMED = 3 };
    uint64_t core = family_set(family, ROLE_CORE);
    size_t at = 0;
    int named = 0, more = 0;
    text[0] = '\0';
    if (set != 0 && (set & core) == core) {
        at = (size_t)snprintf(text, size, "%s", counts[__builtin_popcountll(core)]);
        set &= ~core;
        named = NAMED; /* what else it has is only counted */
    }
    for (size_t i = 0; i < family->count; i++) {
        if ((set >> i & 1) == 0 || family->functions[i].role > ROLE_COMPANION)
            continue;
        if (named++ >= NAMED)
            more++;
        else if (at < size)
            at +=
                (size_t)snprintf(text + at, size - at, "%s%s", at > 0 ? ", " : "", family->functions[i].name);
    }
    if (more > 0 && at < size)
        snprintf(text + at, size - at, " and %d more", more);
    return text;
}
