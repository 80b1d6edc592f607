/* Phase 2, place and verify: decides how one artifact holds each crate. Source: rustc 1.19, dependency_format.rs. */
#include "harness/linkage/graph_model.h"

static const struct crate *loaded(const struct session *session, int number)
{
    return &session->compiler->graph->crates[session->loaded[number]];
}

static enum dep_kind kind_of(const struct session *session, int number)
{
    return session->kind[session->loaded[number]];
}

static bool is_macros_only(const struct session *session, int number)
{
    return kind_of(session, number) < DEP_IMPLICIT;
}

/* ---- the injected allocator: activate_injected_dep ---- */

/* The injected allocator is linked only when no other is, whether as a choice or inside a dylib. */
static void activate_injected(const struct session *session, struct placement *placement)
{
    for (int i = 0; i < session->count; i++)
        if (loaded(session, i)->is_allocator && placement->of[i] != GRAPH_NOT_LINKED)
            return;
    for (int i = 0; i < session->count; i++)
        if (session->loaded[i] == session->injected)
            placement->of[i] = GRAPH_STATIC;
}

/* ---- everything static: attempt_static ---- */

static bool place_static(const struct session *session, struct placement *placement)
{
    for (int i = 0; i < session->count; i++)
        if (!is_macros_only(session, i) && !crate_is(loaded(session, i), TYPE_RLIB))
            return false;
    for (int i = 0; i < session->count; i++)
        placement->of[i] = kind_of(session, i) == DEP_EXPLICIT ? GRAPH_STATIC : GRAPH_NOT_LINKED;
    activate_injected(session, placement);
    return true;
}

static void name_missing_rlibs(const struct session *session, struct findings *findings)
{
    for (int i = 0; i < session->count; i++)
        if (!is_macros_only(session, i) && !crate_is(loaded(session, i), TYPE_RLIB))
            findings_add(findings, LINKAGE_EXACTLY_ONE, true, "dependency `%s` not found in rlib format",
                         loaded(session, i)->name);
}

/* ---- dylibs where they exist: calculate_type ---- */

/* What the dylibs bring with them, by index of the crate. */
struct sweep {
    const struct session *session;
    enum graph_linkage brought[CRATES_MAX]; /* GRAPH_STATIC: the crate is inside a dylib */
    struct findings *findings;
};

/* A crate may appear once, except that the same dylib may be reached in several ways. Two copies of an allocator are
 * two definitions of the six functions. */
static void bring(struct sweep *sweep, int crate, enum graph_linkage linkage)
{
    const struct crate *brought = &sweep->session->compiler->graph->crates[crate];
    enum graph_linkage before = sweep->brought[crate];
    if (before == GRAPH_NOT_LINKED)
        sweep->brought[crate] = linkage;
    else if (before != linkage || linkage == GRAPH_STATIC)
        findings_add(sweep->findings, brought->is_allocator ? LINKAGE_SINGLE_DEFINITION : LINKAGE_EXACTLY_ONE,
                     !brought->is_allocator, "cannot satisfy dependencies so `%s` only shows up once", brought->name);
}

static void bring_dylib(struct sweep *sweep, int crate)
{
    const struct compiled *compiled = &sweep->session->compiler->compiled[crate];
    bring(sweep, crate, GRAPH_DYNAMIC);
    for (size_t i = 0; i < compiled->count; i++)
        if (compiled->dependencies[i].in_dylib != GRAPH_NOT_LINKED)
            bring(sweep, compiled->dependencies[i].crate, compiled->dependencies[i].in_dylib);
}

/* The compiler finally checks that each crate exists in the format that was decided for it, because a file could have
 * been deleted since. That error cannot occur here: a described crate always has its formats. */
static void place_mixed(const struct session *session, struct placement *placement, struct findings *findings)
{
    static const enum graph_linkage placed[] = {[GRAPH_NOT_LINKED] = GRAPH_NOT_LINKED,
                                                [GRAPH_STATIC] = GRAPH_INCLUDED_FROM_DYLIB,
                                                [GRAPH_DYNAMIC] = GRAPH_DYNAMIC};
    struct sweep sweep = {.session = session, .findings = findings};
    for (int i = 0; i < session->count; i++)
        if (!is_macros_only(session, i) && crate_is(loaded(session, i), TYPE_DYLIB))
            bring_dylib(&sweep, session->loaded[i]);
    for (int i = 0; i < session->count; i++) {
        placement->of[i] = placed[sweep.brought[session->loaded[i]]];
        if (placement->of[i] == GRAPH_NOT_LINKED && kind_of(session, i) == DEP_EXPLICIT)
            placement->of[i] = GRAPH_STATIC;
    }
    activate_injected(session, placement);
}

/* ---- the whole: calculate_type, verify_ok ---- */

bool session_place(const struct session *session, enum crate_type type, struct placement *placement,
                   struct findings *findings)
{
    bool is_static_only = type == TYPE_STATICLIB || type == TYPE_CDYLIB;
    bool tries_static = is_static_only || (type != TYPE_PROC_MACRO && !session->self->prefer_dynamic);
    *placement = (struct placement){.of = {GRAPH_NOT_LINKED}};
    if (type == TYPE_RLIB)
        return false;
    if (tries_static && place_static(session, placement))
        return true;
    if (is_static_only) {
        name_missing_rlibs(session, findings);
        return false;
    }
    place_mixed(session, placement, findings);
    return true;
}

void session_verify(const struct session *session, const struct placement *placement, struct findings *findings)
{
    const struct crate *previous = NULL;
    for (int i = 0; i < session->count; i++) {
        if (placement->of[i] == GRAPH_NOT_LINKED || !loaded(session, i)->is_allocator)
            continue;
        if (previous != NULL)
            findings_add(findings, LINKAGE_AT_MOST_ONE, false, "cannot link together two allocators: %s and %s",
                         previous->name, loaded(session, i)->name);
        previous = loaded(session, i);
    }
}
