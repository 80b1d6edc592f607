/* harness/linkage/graph_model.h: a described graph in memory, and a compilation of one of its crates.
 *
 * Private to harness/linkage/graph*.c. Crates are known by their index in struct graph.
 */
#pragma once

#include <stdint.h>

#include "harness/linkage/graph.h"

enum { CRATES_MAX = 256, CRATE_NAME_SIZE = 64, SESSIONS_MAX = 16, NO_CRATE = -1 };

/* In rustc's order, in which it makes them however the user ordered them. */
enum crate_type { TYPE_EXECUTABLE, TYPE_DYLIB, TYPE_RLIB, TYPE_STATICLIB, TYPE_CDYLIB, TYPE_PROC_MACRO, CRATE_TYPES };
#define TYPE_BIT(type) (1u << (type))

/* rustc's DepKind, in its order. When a crate is reached in two ways, the greater kind counts. */
enum dep_kind { DEP_NONE, DEP_UNEXPORTED_MACROS, DEP_MACROS, DEP_IMPLICIT, DEP_EXPLICIT };

struct edge {
    int to, line;
    enum dep_kind kind;
};

struct crate {
    char name[CRATE_NAME_SIZE];
    int line; /* where it is described; before that is read, where it is first named */
    bool is_described, is_session, is_allocator, needs_allocator, prefer_dynamic;
    unsigned types;     /* what it is compiled to, as TYPE_BIT */
    struct edge *edges; /* in the order of its `extern crate` items */
    size_t edge_count;
    unsigned seen; /* the keys that were given so far */
};

struct graph {
    struct crate crates[CRATES_MAX];
    int count;
    int exe_allocation_crate, lib_allocation_crate; /* NO_CRATE: none is named, and alloc_system is not described */
    char path[];
};

const char *crate_type_name(enum crate_type type);
enum crate_type crate_type_find(const char *name, size_t length); /* CRATE_TYPES: no such type */

static inline bool crate_is(const struct crate *crate, enum crate_type type) { return crate->types & TYPE_BIT(type); }

/* Checks the rules about a whole graph: every crate that is named is described and may be depended on, and no crate
 * depends on itself, directly or through others. */
bool graph_check(const struct graph *graph, struct error *error);

/* ---- compiling ---- */

struct findings {
    struct graph_finding *list;
    size_t count;
};

__attribute__((format(printf, 4, 5))) void findings_add(struct findings *findings, enum linkage_clause clause,
                                                        bool is_open, const char *format, ...);
void findings_free(struct findings *findings);

/* One entry of a compiled crate's metadata: a crate that it was compiled against. */
struct dependency {
    int crate;
    enum dep_kind kind;
    enum graph_linkage in_dylib; /* how the dylib holds it; GRAPH_NOT_LINKED also when another dylib holds it */
};

enum compiled_state { NOT_COMPILED, IN_COMPILATION, COMPILED, FAILED };

struct compiled {
    enum compiled_state state;
    struct dependency *dependencies; /* every crate that was loaded, in the order of loading */
    size_t count;
};

struct compiler {
    const struct graph *graph;
    struct compiled compiled[CRATES_MAX];
    struct graph_verdict verdict;
};

/* One run of the compiler. */
struct session {
    struct compiler *compiler;
    const struct crate *self;
    int loaded[CRATES_MAX]; /* in rustc's order: a crate gets its number when rustc first meets it, parents first */
    int count;
    enum dep_kind kind[CRATES_MAX]; /* by crate; DEP_NONE: not loaded */
    int injected;
    struct findings findings; /* those of the whole session; if there is one, no artifact is made */
};

/* How one artifact holds each loaded crate, in the order of loading. */
struct placement {
    enum graph_linkage of[CRATES_MAX];
};

/* Adds an artifact to the verdict and takes over the findings. `placement` is NULL when nothing is linked. */
void result_add(const struct session *session, enum crate_type type, const struct placement *placement,
                struct findings *findings);

/* Compiles a crate unless that was done before. Returns true if the crate can be linked. */
bool compile_crate(struct compiler *compiler, int crate);

/* Loads a crate and every crate that it was compiled against. Returns false, with a finding, if one cannot be found. */
bool session_load(struct session *session, int crate, enum dep_kind kind);

/* The allocator that this session takes when none is chosen; NULL for a session that makes rlibs only. *index is the
 * crate of that name, or NO_CRATE when it is not described. */
const char *default_allocator(const struct session *session, int *index);

/* Phase 1, once per session: decides whether an allocator is injected. Errors go to the session's findings. */
void session_choose(struct session *session);

/* Phase 2, once per crate type. Returns false when nothing is linked; there may be findings or none. */
bool session_place(const struct session *session, enum crate_type type, struct placement *placement,
                   struct findings *findings);

/* Checks what session_place made: at most one allocator is linked. */
void session_verify(const struct session *session, const struct placement *placement, struct findings *findings);
