/* harness/linkage/graph.h: the linkage rule on a described crate graph: what Rust 1.19's compiler would have
 * linked into each artifact, and its errors. The syntax of such a file is conformance/graphs/README.md.
 *
 * Source: rustc 1.19.0, src/librustc_metadata/creader.rs (inject_allocator_crate, inject_dependency_if) and
 * src/librustc/middle/dependency_format.rs (calculate_type, attempt_static, activate_injected_dep,
 * verify_ok). Messages are that compiler's own, in its order. No compiler was run: the algorithm is read from
 * its source.
 *
 * Promises: every crate of the graph is compiled by the same algorithm before those that depend on it, so
 * what a dylib contains is worked out, never declared. Any file is answered in bounded time and memory. Panic
 * runtimes, which the same code places, are not looked at.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "harness/base/error.h"
#include "harness/linkage/rule.h"

struct graph;

/* How a crate is in an artifact. */
enum graph_linkage { GRAPH_NOT_LINKED, GRAPH_INCLUDED_FROM_DYLIB, GRAPH_STATIC, GRAPH_DYNAMIC };

struct graph_part {
    const char *crate;
    enum graph_linkage linkage;
    bool is_allocator, needs_allocator;
};

struct graph_finding {
    enum linkage_clause clause;
    bool is_open; /* the artifact is not made for a reason that says nothing of allocators */
    char *message;
};

/* One artifact: one crate type of one compilation. */
struct graph_result {
    const char *artifact;         /* the session's or crate's name */
    const char *kind;             /* its crate type: executable, dylib, rlib, staticlib, cdylib, proc-macro */
    bool is_dependency;           /* a crate that a session depends on, compiled on the way */
    enum linkage_verdict verdict; /* ok, violation, or error: not made, for a reason open findings tell */
    bool needs;                   /* a crate of the compilation needs an allocator */
    const char *default_name;     /* what the compiler takes where nobody chose; NULL: rlibs take none */
    const char *injected;         /* what it did take, whether linked or not; NULL: nothing */
    struct graph_part *parts;     /* in the compiler's numbering; none in an rlib and in what is not made */
    size_t part_count;
    struct graph_finding *findings;
    size_t finding_count;
};

/* The sessions of the file in its order, then the final artifacts among what they depend on. */
struct graph_verdict {
    struct graph_result *results;
    size_t count;
};

/* Reads a description. NULL with `error`, "FILE:LINE: found X, expected Y". graph_free. */
struct graph *graph_read(const char *path, struct error *error);

/* The same of a text in memory, called `path` in messages. `length` bytes, no terminator needed. */
struct graph *graph_parse(const char *path, const char *text, size_t length, struct error *error);
void graph_free(struct graph *graph);

/* Judges every artifact. The names in the result are the graph's: free the result first, with
 * graph_verdict_free. */
struct graph_verdict graph_judge(const struct graph *graph);
void graph_verdict_free(struct graph_verdict *verdict);

/* The worst of all: a violation before an error before ok. */
enum linkage_verdict graph_worst(const struct graph_verdict *verdict);

const char *graph_linkage_name(
    enum graph_linkage linkage); /* "not linked", "included from dylib", "static", "dynamic" */

/* Renderings. `verbose`: the linkage of every crate, and dependencies of which nothing is wrong. */
void graph_print(FILE *out, const struct graph_verdict *verdict, bool verbose);
json_t *graph_json(const struct graph_verdict *verdict); /* an array, one object an artifact; a new reference */
