/* Compiles described crates in the order of a build: a crate is loaded from the metadata that its own compilation left.
 * Source: rustc 1.19, creader.rs (resolve_crate, register_crate, resolve_crate_deps) and encoder.rs (crate_deps,
 * dylib_dependency_formats). */
#include <stdlib.h>

#include "harness/linkage/graph_model.h"

/* ---- loading ---- */

/* Loading can meet a crate that is still being compiled in one way only: a default allocator was injected into that
 * crate, and the allocator depends on a crate that needs an allocator. No such build can succeed. */
static bool miss(struct session *session, const struct crate *crate, bool is_in_compilation)
{
    findings_add(&session->findings, is_in_compilation ? LINKAGE_NO_CIRCULAR : LINKAGE_EXACTLY_ONE, !is_in_compilation,
                 "can't find crate for `%s`", crate->name);
    return false;
}

bool session_load(struct session *session, int crate, enum dep_kind kind)
{
    const struct crate *described = &session->compiler->graph->crates[crate];
    const struct compiled *compiled = &session->compiler->compiled[crate];
    /* runs inside the compiler, so nothing of it is linked */
    bool is_proc_macro = crate_is(described, TYPE_PROC_MACRO);
    if (is_proc_macro)
        kind = DEP_UNEXPORTED_MACROS;
    if (session->kind[crate] != DEP_NONE) {
        session->kind[crate] = kind > session->kind[crate] ? kind : session->kind[crate];
        return true;
    }
    if (!compile_crate(session->compiler, crate))
        return miss(session, described, compiled->state == IN_COMPILATION);
    session->kind[crate] = kind;
    session->loaded[session->count++] = crate;
    for (size_t i = 0; !is_proc_macro && i < compiled->count; i++) {
        const struct dependency *dependency = &compiled->dependencies[i];
        if (dependency->kind != DEP_UNEXPORTED_MACROS &&
            !session_load(session, dependency->crate, kind == DEP_MACROS ? DEP_MACROS : dependency->kind))
            return false;
    }
    return true;
}

/* ---- metadata ---- */

/* The metadata of a dylib does not list crates that are inside another dylib: that other dylib lists them. */
static void keep_metadata(const struct session *session, const struct placement *dylib)
{
    struct compiled *compiled = &session->compiler->compiled[session->self - session->compiler->graph->crates];
    compiled->dependencies = calloc((size_t)session->count + 1, sizeof *compiled->dependencies);
    if (compiled->dependencies == NULL)
        abort();
    for (int i = 0; i < session->count; i++)
        compiled->dependencies[compiled->count++] = (struct dependency){
            .crate = session->loaded[i],
            .kind = session->kind[session->loaded[i]],
            .in_dylib = dylib->of[i] == GRAPH_INCLUDED_FROM_DYLIB ? GRAPH_NOT_LINKED : dylib->of[i],
        };
}

/* ---- one run ---- */

/* Returns whether the artifact was made without an error. */
static bool make_artifact(struct session *session, enum crate_type type, struct placement *placement)
{
    struct findings findings = {.count = 0};
    bool has_parts = false;
    if (session->findings.count == 0 && (has_parts = session_place(session, type, placement, &findings)))
        session_verify(session, placement, &findings);
    bool is_well = session->findings.count + findings.count == 0;
    if (session->self->is_session || !is_well || type != TYPE_RLIB)
        result_add(session, type, has_parts ? placement : NULL, &findings);
    else
        findings_free(&findings);
    return is_well;
}

/* Compilation stops after the first phase with an error. The phases are loading, choosing, and placing for all crate
 * types. */
static bool compile(struct session *session)
{
    bool is_well = true;
    struct placement dylib = {.of = {GRAPH_NOT_LINKED}};
    for (size_t i = 0; i < session->self->edge_count && is_well; i++)
        is_well = session_load(session, session->self->edges[i].to, session->self->edges[i].kind);
    if (is_well)
        session_choose(session);
    for (int type = 0; type < CRATE_TYPES; type++) {
        struct placement placement;
        if (!crate_is(session->self, (enum crate_type)type))
            continue;
        is_well &= make_artifact(session, (enum crate_type)type, &placement);
        if (type == TYPE_DYLIB && is_well)
            dylib = placement;
    }
    if (is_well)
        keep_metadata(session, &dylib);
    findings_free(&session->findings);
    return is_well;
}

/* The crates that this one is compiled against are compiled first, as in a build. */
bool compile_crate(struct compiler *compiler, int crate)
{
    struct compiled *compiled = &compiler->compiled[crate];
    if (compiled->state == NOT_COMPILED) {
        struct session session = {.compiler = compiler, .self = &compiler->graph->crates[crate], .injected = NO_CRATE};
        compiled->state = IN_COMPILATION;
        compiled->state = compile(&session) ? COMPILED : FAILED;
    }
    return compiled->state == COMPILED;
}
