#include "harness/linkage/family.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const struct family_function rust_functions[] = {
    {"__rust_allocate", .role = ROLE_CORE},           {"__rust_allocate_zeroed", .role = ROLE_CORE},
    {"__rust_deallocate", .role = ROLE_CORE},         {"__rust_reallocate", .role = ROLE_CORE},
    {"__rust_reallocate_inplace", .role = ROLE_CORE}, {"__rust_usable_size", .role = ROLE_CORE},
};

enum { MALLOC, CALLOC, REALLOC, FREE, LIBC_MALLOC };

/* reallocarray is not in the table: the one in libc calls realloc like any other caller, so its memory fits a replaced
 * free. A function has ROLE_GIVES when its manual page says that the caller frees the result: strdup(3), wcsdup(3),
 * asprintf(3), getline(3), open_memstream(3), scandir(3), tempnam(3), getcwd(3), realpath(3),
 * canonicalize_file_name(3), backtrace(3). Headers turn calls into the names that begin with two underscores. */
static const struct family_function malloc_functions[] = {
    [MALLOC] = {"malloc", .role = ROLE_CORE},
    [CALLOC] = {"calloc", .role = ROLE_CORE},
    [REALLOC] = {"realloc", .role = ROLE_CORE},
    [FREE] = {"free", .role = ROLE_CORE},
    [LIBC_MALLOC] = {"__libc_malloc", .role = ROLE_FORWARD},
    {"aligned_alloc", .role = ROLE_COMPANION},
    {"malloc_usable_size", .role = ROLE_COMPANION},
    {"memalign", .role = ROLE_COMPANION},
    {"posix_memalign", .role = ROLE_COMPANION},
    {"pvalloc", .role = ROLE_COMPANION},
    {"valloc", .role = ROLE_COMPANION},
    {"cfree", .role = ROLE_COMPANION},
    {"dlsym", .role = ROLE_FORWARD},
    {"dlvsym", .role = ROLE_FORWARD},
    {"mmap", .role = ROLE_SOURCE},
    {"mmap64", .role = ROLE_SOURCE},
    {"sbrk", .role = ROLE_SOURCE},
    {"brk", .role = ROLE_SOURCE},
    {"syscall", .role = ROLE_SOURCE},
    {"strdup", .role = ROLE_GIVES},
    {"__strdup", .role = ROLE_GIVES},
    {"strndup", .role = ROLE_GIVES},
    {"__strndup", .role = ROLE_GIVES},
    {"wcsdup", .role = ROLE_GIVES},
    {"asprintf", .role = ROLE_GIVES},
    {"__asprintf", .role = ROLE_GIVES},
    {"vasprintf", .role = ROLE_GIVES},
    {"__asprintf_chk", .role = ROLE_GIVES},
    {"__vasprintf_chk", .role = ROLE_GIVES},
    {"getline", .role = ROLE_GIVES},
    {"getdelim", .role = ROLE_GIVES},
    {"__getdelim", .role = ROLE_GIVES},
    {"open_memstream", .role = ROLE_GIVES},
    {"open_wmemstream", .role = ROLE_GIVES},
    {"scandir", .role = ROLE_GIVES},
    {"scandir64", .role = ROLE_GIVES},
    {"tempnam", .role = ROLE_GIVES},
    {"canonicalize_file_name", .role = ROLE_GIVES},
    {"get_current_dir_name", .role = ROLE_GIVES},
    {"backtrace_symbols", .role = ROLE_GIVES},
    {"getcwd", .role = ROLE_MAY_GIVE},
    {"__getcwd_chk", .role = ROLE_MAY_GIVE},
    {"realpath", .role = ROLE_MAY_GIVE},
    {"__realpath_chk", .role = ROLE_MAY_GIVE},
    {"_int_malloc", .role = ROLE_MARK},        /* in glibc */
    {"__libc_malloc_impl", .role = ROLE_MARK}, /* in musl */
};

/* ISO C++, [new.delete.single] and [new.delete.array], says what the default version of each operator does. The array
 * version calls the version for single objects, the nothrow version calls the throwing one, and the sized version calls
 * the one without a size. The same sections say which operator delete belongs to which operator new. The names follow
 * the Itanium C++ ABI, where size_t is `m` (unsigned long) or `j` (unsigned int). */
#define AL "St11align_val_t"
#define NOTHROW "RKSt9nothrow_t"
#define GIVERS(z)                                                                                                  \
    {"_Znw" z, ROLE_CORE, "operator new(size_t)", PAIR_ONE, NULL},                                                 \
        {"_Znw" z NOTHROW, ROLE_CORE, "operator new(size_t, nothrow)", PAIR_ONE, "_Znw" z},                        \
        {"_Zna" z, ROLE_CORE, "operator new[](size_t)", PAIR_ARRAY, "_Znw" z},                                     \
        {"_Zna" z NOTHROW, ROLE_CORE, "operator new[](size_t, nothrow)", PAIR_ARRAY, "_Zna" z},                    \
        {"_Znw" z AL, ROLE_CORE, "operator new(size_t, align_val_t)", PAIR_ALIGNED, NULL},                         \
        {"_Znw" z AL NOTHROW, ROLE_CORE, "operator new(size_t, align_val_t, nothrow)", PAIR_ALIGNED, "_Znw" z AL}, \
        {"_Zna" z AL, ROLE_CORE, "operator new[](size_t, align_val_t)", PAIR_ALIGNED_ARRAY, "_Znw" z AL},          \
    {                                                                                                              \
        "_Zna" z AL NOTHROW, ROLE_CORE, "operator new[](size_t, align_val_t, nothrow)", PAIR_ALIGNED_ARRAY,        \
            "_Zna" z AL                                                                                            \
    }
#define SIZED_TAKERS(z)                                                                                             \
    {"_ZdlPv" z, ROLE_CORE, "operator delete(void *, size_t)", PAIR_ONE, "_ZdlPv"},                                 \
        {"_ZdaPv" z, ROLE_CORE, "operator delete[](void *, size_t)", PAIR_ARRAY, "_ZdaPv"},                         \
        {"_ZdlPv" z AL, ROLE_CORE, "operator delete(void *, size_t, align_val_t)", PAIR_ALIGNED, "_ZdlPv" AL},      \
    {                                                                                                               \
        "_ZdaPv" z AL, ROLE_CORE, "operator delete[](void *, size_t, align_val_t)", PAIR_ALIGNED_ARRAY, "_ZdaPv" AL \
    }
static const struct family_function cxx_functions[] = {
    GIVERS("m"),
    GIVERS("j"),
    {"_ZdlPv", ROLE_CORE, "operator delete(void *)", PAIR_ONE, NULL},
    {"_ZdlPv" NOTHROW, ROLE_CORE, "operator delete(void *, nothrow)", PAIR_ONE, "_ZdlPv"},
    {"_ZdaPv", ROLE_CORE, "operator delete[](void *)", PAIR_ARRAY, "_ZdlPv"},
    {"_ZdaPv" NOTHROW, ROLE_CORE, "operator delete[](void *, nothrow)", PAIR_ARRAY, "_ZdaPv"},
    {"_ZdlPv" AL, ROLE_CORE, "operator delete(void *, align_val_t)", PAIR_ALIGNED, NULL},
    {"_ZdlPv" AL NOTHROW, ROLE_CORE, "operator delete(void *, align_val_t, nothrow)", PAIR_ALIGNED, "_ZdlPv" AL},
    {"_ZdaPv" AL, ROLE_CORE, "operator delete[](void *, align_val_t)", PAIR_ALIGNED_ARRAY, "_ZdlPv" AL},
    {"_ZdaPv" AL NOTHROW, ROLE_CORE, "operator delete[](void *, align_val_t, nothrow)", PAIR_ALIGNED_ARRAY,
     "_ZdaPv" AL},
    SIZED_TAKERS("m"),
    SIZED_TAKERS("j"),
    /* The default operators call these. Memory that a replacement takes from them therefore fits the default operators
     * that were not replaced. */
    {"malloc", .role = ROLE_FORWARD},
    {"calloc", .role = ROLE_FORWARD},
    {"realloc", .role = ROLE_FORWARD},
    {"free", .role = ROLE_FORWARD},
    {"aligned_alloc", .role = ROLE_FORWARD},
    {"memalign", .role = ROLE_FORWARD},
    {"posix_memalign", .role = ROLE_FORWARD},
    {"dlsym", .role = ROLE_FORWARD},
    {"dlvsym", .role = ROLE_FORWARD},
    {"__libc_malloc", .role = ROLE_FORWARD},
    {"_ZSt15get_new_handlerv", .role = ROLE_MARK}, /* operator new of libstdc++ and of libc++ calls it */
};

/* A soname matches when it begins with one of these and the next character is neither a letter nor a digit. */
static const char *const c_runtimes[] = {"libc.so", "ld-linux", "ld64.so", "ld.so", "libc.musl", "ld-musl", NULL};
static const char *const cxx_runtimes[] = {
    "libstdc++.so", "libc++.so", "libc++abi.so", "libc++_shared.so", "libsupc++.so", "libcxxrt.so", NULL};

#define TABLE(functions) functions, sizeof functions / sizeof *functions

static const struct family families[] = {
    {.name = "rust-1.19",
     .source = "The Unstable Book of Rust 1.19, \"allocator\"; liballoc/heap.rs",
     TABLE(rust_functions),
     .essence = 1 << 0 | 1 << 2,
     .rule_of_needs = true},
    {.name = "malloc",
     .source = "The GNU C Library Reference Manual, \"Replacing malloc\"",
     TABLE(malloc_functions),
     .essence = 1 << MALLOC | 1 << FREE,
     .inner = LIBC_MALLOC,
     .has_default_everywhere = true,
     .default_name = "libc",
     .runtimes = c_runtimes},
    {.name = "cxx",
     .source = "ISO C++, [new.delete] and [replacement.functions]",
     TABLE(cxx_functions),
     .has_default_everywhere = true,
     .is_paired = true,
     .default_name = "the C++ library",
     .runtimes = cxx_runtimes},
};

const struct family *family_find(const char *name)
{
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        if (strcmp(families[i].name, name) == 0)
            return &families[i];
    return NULL;
}

const char *family_names(void) { return "rust-1.19, malloc, cxx"; }

uint64_t family_set(const struct family *family, enum family_role role)
{
    uint64_t set = 0;
    for (size_t i = 0; i < family->count; i++)
        if (family->functions[i].role == role)
            set |= UINT64_C(1) << i;
    return set;
}

bool family_is_default(const struct family *family, const char *soname)
{
    if (family->runtimes == NULL || soname == NULL)
        return false;
    for (const char *const *start = family->runtimes; *start != NULL; start++) {
        size_t length = strlen(*start);
        if (strncmp(soname, *start, length) == 0 && !isalnum((unsigned char)soname[length]))
            return true;
    }
    return false;
}

unsigned family_function(const struct family *family, const char *name)
{
    unsigned function = 0;
    while (strcmp(family->functions[function].name, name) != 0)
        function++;
    return function;
}

static const char *shown(const struct family_function *function)
{
    return function->shown == NULL ? function->name : function->shown;
}

const char *family_list(const struct family *family, uint64_t set, char *text, size_t size)
{
    size_t at = 0;
    text[0] = '\0';
    for (size_t i = 0; i < family->count && at < size; i++)
        if (set >> i & 1)
            at += (size_t)snprintf(text + at, size - at, "%s%s", at > 0 ? ", " : "", shown(&family->functions[i]));
    return text;
}

static const char *const counts[] = {"none", "the one", "both", "all three", "all four", "all five", "all six"};

const char *family_describe(const struct family *family, uint64_t set, char *text, size_t size)
{
    enum { NAMED = 3 };
    uint64_t core = family_set(family, ROLE_CORE);
    size_t at = 0;
    int named = 0, more = 0;
    text[0] = '\0';
    if (set != 0 && (set & core) == core) {
        size_t count = (size_t)__builtin_popcountll(core);
        at = count < sizeof counts / sizeof *counts ? (size_t)snprintf(text, size, "%s", counts[count])
                                                    : (size_t)snprintf(text, size, "all %zu", count);
        set &= ~core;
        named = NAMED; /* any further functions are only counted */
    }
    for (size_t i = 0; i < family->count; i++) {
        if ((set >> i & 1) == 0 || family->functions[i].role > ROLE_COMPANION)
            continue;
        if (named++ >= NAMED)
            more++;
        else if (at < size)
            at += (size_t)snprintf(text + at, size - at, "%s%s", at > 0 ? ", " : "", shown(&family->functions[i]));
    }
    if (more > 0 && at < size)
        snprintf(text + at, size - at, " and %d more", more);
    return text;
}
