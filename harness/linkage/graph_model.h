/* harness/linkage/graph_model.h: a described graph in memory, and a compilation of one of its crates.
 *
 * Private to harness/linkage/graph*.c. Crates are known by their index in struct graph.
 */
#pragma once

#include <stdint.h>

#include "harness/linkage/graph.h"

enum { CRATES_MAX = 256, CRATE_NAME_SIZE = 64, SESSIONS_MAX = 16, NO_CRATE = -1 };

/* In rustc's order: it compiles for them in this one, however they were asked for. */
enum crate_type { TYPE_EXECUTABLE, TYPE_DYLIB, TYPE_RLIB, TYPE_STATICLIB, TYPE_CDYLIB, TYPE_PROC_MACRO, CRATE_TYPES };
#define TYPE_BIT(type) (1u << (type))

/* rustc's DepKind, in its order: where two ways lead to a crate, the greater counts. */
enum dep_kind { DEP_NONE, DEP_UNEXPORTED_MACROS, DEP_MACROS, DEP_IMPLICIT, DEP_EXPLICIT };

struct edge {
    int to, line;
    enum dep_kind kind;
};

struct crate {
    char name[CRATE_NAME_SIZE];
    int line; /* where it is described, until then where it is first named */
    bool is_described, is_session, is_allocator, needs_allocator, prefer_dynamic;
    unsigned types;     /* TYPE_BIT: what it is compiled to */
    struct edge *edges; /* in the order of its `extern crate` items */
    size_t edge_count;
    unsigned seen; /* the keys given so far */
};

struct graph {
    struct crate crates[CRATES_MAX];
    int count;
    int exe_allocation_crate, lib_allocation_crate; /* NO_CRATE: named by nobody, and no alloc_system is described */
    char path[];
};

const char *crate_type_name(enum crate_type type);
enum crate_type crate_type_find(const char *name, size_t length); /* CRATE_TYPES: none */

static inline bool crate_is(const struct crate *crate, enum crate_type type) { return crate->types & TYPE_BIT(type); }

/* The rules about a whole graph: everything named is described and may be depended on, and no circles. */
bool graph_check(const struct graph *graph, struct error *error);

/* ---- compiling ---- */

struct findings {
    struct graph_finding *list;
    size_t count;
};

__attribute__((format(printf, 4, 5))) void findings_add(struct findings *findings, enum linkage_clause clause,
                                                        bool is_open, const char *format, ...);
void findings_free(struct findings *findings);

/* What a compiled crate's metadata says of a crate it was compiled against. */
struct dependency {
    int crate;
    enum dep_kind kind;
    enum graph_linkage in_dylib; /* how it is in the dylib; GRAPH_NOT_LINKED also of what another dylib contains */
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
    int loaded[CRATES_MAX]; /* in order: rustc numbers crates when it first meets them, parents first */
    int count;
    enum dep_kind kind[CRATES_MAX]; /* by crate; DEP_NONE: not loaded */
    int injected;
    struct findings findings; /* those of the whole session; with any, nothing is made */
};

/* How each loaded crate is in one artifact, in the order of loading. */
struct placement {
    enum graph_linkage of[CRATES_MAX];
};

/* Adds an artifact to the verdict; `placement` is NULL where nothing is linked. Takes the findings over. */
void result_add(const struct session *session, enum crate_type type, const struct placement *placement,
                struct findings *findings);

/* Compiles a crate unless it has been; true if it is there to be linked. */
bool compile_crate(struct compiler *compiler, int crate);

/* Loads a crate and all that it was compiled against. False if it is not to be had: a finding says so. */
bool session_load(struct session *session, int crate, enum dep_kind kind);

/* The crate that this session takes where nobody chose: NULL for rlibs alone. *index may be NO_CRATE. */
const char *default_allocator(const struct session *session, int *index);

/* Phase 1, once a session: decides whether an allocator is injected. Errors go to the session's findings. */
void session_choose(struct session *session);

/* Phase 2, once a crate type. False: nothing is to be linked, with or without findings. */
bool session_place(const struct session *session, enum crate_type type, struct placement *placement,
                   struct findings *findings);

/* Verifies what session_place made: one allocator at most. */
void session_verify(const struct session *session, const struct placement *placement, struct findings *findings);
