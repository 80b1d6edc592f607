/* harness/linkage/rule.h: the linkage rule on one artifact: at most one allocator, whole, and not in need of
 * itself.
 *
 * Source: The Unstable Book of Rust 1.19, "allocator"; for the other families the source that family.c names.
 * Ids of clauses are those of conformance/clauses/linkage.c.
 *
 * Promises: every answer comes from the files alone; what they leave open (a stripped static executable, a
 * library that is missing, code that is compiled when it is linked, a part of malloc that may be passed on
 * through dlsym) is said to be open, neither ok nor a violation.
 *
 * C++'s operators are replaced in pairs instead of whole (rule_operators.c); what is special about malloc is in
 * rule_malloc.c: memory that libc itself hands out, libc's own malloc in a static program, replacements without
 * effect or without companions.
 *
 * What counts as a provider: an object of the closure that others can bind to, and the artifact itself if it
 * keeps its definitions private. A private copy inside a library that the artifact needs is that library's
 * own affair (so rustc builds a cdylib), except in the malloc family, where its memory crosses the border:
 * there it is a second allocator once another one is exported.
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
    PARTY_BEHIND, /* defines what an earlier default defines too: nobody binds to it */
    PARTY_NEEDS
};

/* One who provides or needs functions of the family. */
struct linkage_party {
    enum party_role role;
    char *name;  /* of the object, "liba.a(x.o)" of a member */
    char *path;  /* "app -> liba.so.1": how it comes in */
    char *label; /* both, for messages; of the artifact itself the name says it all */
    uint64_t functions;
    uint64_t weak; /* of these, the link editor prefers another's */
    const struct symbol_sets *sets;
    size_t order; /* in the closure */
};

struct linkage_finding {
    enum linkage_clause clause;
    bool is_open; /* not decided by the files */
    char *message;
};

struct linkage {
    char *artifact;
    const char *shape; /* "" if it could not be read */
    bool is_linked;    /* an executable or a shared library: nobody can be chosen for it any more */
    enum linkage_kind kind;
    const struct family *family;
    enum linkage_verdict verdict;
    struct linkage_party *parties;
    size_t party_count;
    const char *default_name; /* who is linked when nobody is chosen, or NULL */
    struct linkage_finding *findings;
    size_t finding_count;
    char **notes;
    size_t note_count;
    struct object *together; /* its own, of linkage_judge_together; or NULL */
    char *error;             /* of LINKAGE_ERROR: one line */
    bool is_not_elf;
};

/* Judges the file at `path`, called `artifact` in messages. Always fills `linkage`; linkage_free. */
void linkage_judge(struct linkage *linkage, struct object_cache *cache, const char *artifact, enum linkage_kind kind);

/* Judges archives and objects as the one link that they are for. KIND_INFERRED: as a static library, which is
 * to have an allocator. */
void linkage_judge_together(struct linkage *linkage, struct object_cache *cache, const char *const *paths, size_t count,
                            enum linkage_kind kind);
void linkage_free(struct linkage *linkage);

const char *linkage_kind_name(enum linkage_kind kind);
enum linkage_kind linkage_kind_find(const char *name); /* KIND_INFERRED: no such kind */
const char *linkage_clause_id(enum linkage_clause clause);
const char *linkage_verdict_name(enum linkage_verdict verdict); /* ok, violation, undecided, error */

/* Does the clause say anything of such an artifact? */
bool linkage_applies(const struct linkage *linkage, enum linkage_clause clause);

/* Does anything in the artifact call the family? */
bool linkage_needs(const struct linkage *linkage);

/* Renderings. */
void linkage_print(FILE *out, const struct linkage *linkage, bool verbose);
json_t *linkage_json(const struct linkage *linkage);
