/* harness/linkage/graph.h: the linkage rule on a described crate graph. It says what the compiler of Rust 1.19 would
 * link into each artifact, and which errors it would report. conformance/graphs/README.md describes the syntax of such
 * a file.
 *
 * Source: rustc 1.19.0, src/librustc_metadata/creader.rs (inject_allocator_crate, inject_dependency_if) and
 * src/librustc/middle/dependency_format.rs (calculate_type, attempt_static, activate_injected_dep, verify_ok). The
 * messages are that compiler's own, in its order. The algorithm was read from this source; no compiler was run.
 *
 * Promises: every crate of the graph is compiled by the same algorithm, before the crates that depend on it. What a
 * dylib contains is therefore computed and never declared. Every file gets an answer in bounded time and memory. The
 * same code of rustc also places panic runtimes; they are ignored here.
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
    bool is_open; /* the artifact is not made, for a reason that has nothing to do with allocators */
    char *message;
};

/* One artifact: what one compilation makes for one crate type. */
struct graph_result {
    const char *artifact;         /* the session's or crate's name */
    const char *kind;             /* its crate type: executable, dylib, rlib, staticlib, cdylib, proc-macro */
    bool is_dependency;           /* a crate that had to be compiled because a session depends on it */
    enum linkage_verdict verdict; /* ok, violation, or error: the artifact is not made, and open findings say why */
    bool needs;                   /* a crate of the compilation needs an allocator */
    /* the allocator that the compiler takes when none is chosen; NULL: an rlib takes none */
    const char *default_name;
    const char *injected;     /* the allocator that it took, whether it was linked or not; NULL: none */
    struct graph_part *parts; /* in the compiler's order; an rlib has none, nor has an artifact that is not made */
    size_t part_count;
    struct graph_finding *findings;
    size_t finding_count;
};

/* The artifacts of the sessions in the order of the file, then those of the crates that they depend on. */
struct graph_verdict {
    struct graph_result *results;
    size_t count;
};

/* Reads a description. Returns NULL with `error`, "FILE:LINE: found X, expected Y". The caller calls graph_free. */
struct graph *graph_read(const char *path, struct error *error);

/* The same for a text in memory, which messages call `path`. It has `length` bytes and needs no terminator. */
struct graph *graph_parse(const char *path, const char *text, size_t length, struct error *error);
void graph_free(struct graph *graph);

/* Judges every artifact. The result uses names that the graph owns, so the caller frees the result (with
 * graph_verdict_free) before the graph. */
struct graph_verdict graph_judge(const struct graph *graph);
void graph_verdict_free(struct graph_verdict *verdict);

/* The worst verdict: a violation is worse than an error, and an error is worse than ok. */
enum linkage_verdict graph_worst(const struct graph_verdict *verdict);

const char *graph_linkage_name(
    enum graph_linkage linkage); /* "not linked", "included from dylib", "static", "dynamic" */

/* Print the verdict. `verbose` adds the linkage of every crate, and dependencies without a finding. */
void graph_print(FILE *out, const struct graph_verdict *verdict, bool verbose);
json_t *graph_json(const struct graph_verdict *verdict); /* an array with one object per artifact; a new reference */
