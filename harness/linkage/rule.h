/* harness/linkage/rule.h: the linkage rule on one artifact. It holds at most one allocator, that allocator is complete,
 * and it does not need an allocator itself.
 *
 * Source: The Unstable Book of Rust 1.19, "allocator"; for the other families, the source that family.c names. The ids
 * of the clauses are those of conformance/clauses/linkage.c.
 *
 * Promises: every answer comes from the files alone. Where the files cannot decide, the finding is open, and the
 * verdict is neither ok nor a violation. Examples are a stripped static executable, a missing library, code that is
 * compiled when it is linked, and a replacement of a part of malloc that may pass calls on through dlsym.
 *
 * C++'s operators are replaced in pairs and not as a whole: see rule_operators.c. The special cases of malloc are in
 * rule_malloc.c: memory that libc itself hands out, libc's own malloc in a static program, and replacements without
 * effect or without companions.
 *
 * A provider is an object of the closure that others can bind to, or the artifact itself when it keeps its definitions
 * private. A private copy inside a library that the artifact needs is that library's own affair; rustc builds a cdylib
 * so. The malloc family is different, because its blocks are passed between libraries: there a private copy is a second
 * allocator when another one is exported.
 */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "harness/linkage/closure.h"

enum linkage_kind { KIND_INFERRED, KIND_EXECUTABLE, KIND_DYLIB, KIND_STATICLIB, KIND_RLIB, KIND_ALLOCATOR };
enum linkage_verdict { LINKAGE_OK, LINKAGE_VIOLATION, LINKAGE_OPEN, LINKAGE_ERROR };

enum linkage_clause {
    LINKAGE_AT_MOST_ONE,
    LINKAGE_EXACTLY_ONE,
    LINKAGE_RLIB,
    LINKAGE_COMPLETE,
    LINKAGE_SINGLE_DEFINITION,
    LINKAGE_NO_CIRCULAR,
    LINKAGE_CLAUSES
};

enum party_role {
    PARTY_PROVIDER,
    PARTY_DEFAULT,
    PARTY_HIDDEN,
    PARTY_BEHIND, /* the default comes earlier and defines the same functions, so nobody binds to this party */
    PARTY_NEEDS
};

/* An object or an archive member that provides or needs functions of the family. */
struct linkage_party {
    enum party_role role;
    char *name;  /* the name of the object; for a member, "liba.a(x.o)" */
    char *path;  /* how the artifact reaches it: "app -> liba.so.1" */
    char *label; /* for messages: the name and the path; for the artifact itself, the name alone */
    uint64_t functions;
    uint64_t weak; /* those of `functions` for which the link editor prefers a definition of another party */
    const struct symbol_sets *sets;
    size_t order; /* index in the closure */
};

struct linkage_finding {
    enum linkage_clause clause;
    bool is_open; /* the files do not decide it */
    char *message;
};

struct linkage {
    char *artifact;
    const char *shape; /* "" if the file could not be read */
    bool is_linked;    /* an executable or a shared library: an allocator can no longer be chosen for it */
    enum linkage_kind kind;
    const struct family *family;
    enum linkage_verdict verdict;
    struct linkage_party *parties;
    size_t party_count;
    const char *default_name; /* the allocator that is linked when none is chosen, or NULL */
    struct linkage_finding *findings;
    size_t finding_count;
    char **notes;
    size_t note_count;
    struct object *together; /* the object that linkage_judge_together made, which this struct owns; or NULL */
    char *error;             /* for LINKAGE_ERROR: one line */
    bool is_not_elf;
};

/* Judges the file at the path `artifact`, which is also its name in messages. Always fills `linkage`, which the caller
 * frees with linkage_free. */
void linkage_judge(struct linkage *linkage, struct object_cache *cache, const char *artifact, enum linkage_kind kind);

/* Judges archives and objects as one link. KIND_INFERRED judges them as a static library, which must have an
 * allocator. */
void linkage_judge_together(struct linkage *linkage, struct object_cache *cache, const char *const *paths, size_t count,
                            enum linkage_kind kind);
void linkage_free(struct linkage *linkage);

const char *linkage_kind_name(enum linkage_kind kind);
enum linkage_kind linkage_kind_find(const char *name); /* KIND_INFERRED: there is no such kind */
const char *linkage_clause_id(enum linkage_clause clause);
const char *linkage_verdict_name(enum linkage_verdict verdict); /* ok, violation, undecided, error */

/* Does the clause apply to an artifact of this kind and family? */
bool linkage_applies(const struct linkage *linkage, enum linkage_clause clause);

/* Does anything in the artifact call the family? */
bool linkage_needs(const struct linkage *linkage);

/* Print the verdict as text, and return it as JSON (a new reference). */
void linkage_print(FILE *out, const struct linkage *linkage, bool verbose);
json_t *linkage_json(const struct linkage *linkage);
