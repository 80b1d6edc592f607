/* Turns runs of the compiler into results, one per artifact. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/linkage/graph_model.h"

/* ---- findings ---- */

static void *grow(void *list, size_t count, size_t size)
{
    void *grown = (count & (count - 1)) == 0 ? realloc(list, (count == 0 ? 1 : 2 * count) * size) : list;
    if (grown == NULL)
        abort();
    return grown;
}

void findings_add(struct findings *findings, enum linkage_clause clause, bool is_open, const char *format, ...)
{
    struct graph_finding finding = {.clause = clause, .is_open = is_open};
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&finding.message, format, arguments) < 0)
        abort();
    va_end(arguments);
    findings->list = grow(findings->list, findings->count, sizeof finding);
    findings->list[findings->count++] = finding;
}

void findings_free(struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++)
        free(findings->list[i].message);
    free(findings->list);
    *findings = (struct findings){.count = 0};
}

/* An error of the session stops each of its artifacts. An rlib links no allocator, so an error about the choice of one
 * is no violation of the rlib: it is only not made. */
static void add_those_of_session(struct findings *findings, const struct session *session, enum crate_type type)
{
    for (size_t i = 0; i < session->findings.count; i++) {
        const struct graph_finding *finding = &session->findings.list[i];
        bool is_spared = type == TYPE_RLIB && finding->clause == LINKAGE_EXACTLY_ONE;
        findings_add(findings, is_spared ? LINKAGE_RLIB : finding->clause, is_spared || finding->is_open, "%s",
                     finding->message);
    }
}

/* ---- results ---- */

static enum linkage_verdict verdict_of(const struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++)
        if (!findings->list[i].is_open)
            return LINKAGE_VIOLATION;
    return findings->count > 0 ? LINKAGE_ERROR : LINKAGE_OK;
}

static bool session_needs(const struct session *session)
{
    for (int i = 0; i < session->count; i++)
        if (session->compiler->graph->crates[session->loaded[i]].needs_allocator)
            return true;
    return false;
}

static void add_parts(struct graph_result *result, const struct session *session, const struct placement *placement)
{
    result->parts = calloc((size_t)session->count + 1, sizeof *result->parts);
    if (result->parts == NULL)
        abort();
    for (int i = 0; i < session->count; i++) {
        const struct crate *crate = &session->compiler->graph->crates[session->loaded[i]];
        result->parts[result->part_count++] =
            (struct graph_part){crate->name, placement->of[i], crate->is_allocator, crate->needs_allocator};
    }
}

void result_add(const struct session *session, enum crate_type type, const struct placement *placement,
                struct findings *findings)
{
    struct graph_verdict *verdict = &session->compiler->verdict;
    const struct graph *graph = session->compiler->graph;
    int ignored;
    add_those_of_session(findings, session, type);
    struct graph_result result = {
        .artifact = session->self->name,
        .kind = crate_type_name(type),
        .is_dependency = !session->self->is_session,
        .verdict = verdict_of(findings),
        .needs = session_needs(session),
        .default_name = type == TYPE_RLIB ? NULL : default_allocator(session, &ignored),
        .injected = session->injected == NO_CRATE ? NULL : graph->crates[session->injected].name,
        .findings = findings->list,
        .finding_count = findings->count,
    };
    if (placement != NULL)
        add_parts(&result, session, placement);
    verdict->results = grow(verdict->results, verdict->count, sizeof result);
    verdict->results[verdict->count++] = result;
}

/* Puts the results of sessions before those of dependencies. Both groups keep their order. */
static void put_sessions_first(struct graph_verdict *verdict)
{
    struct graph_result *sorted = calloc(verdict->count + 1, sizeof *sorted);
    size_t count = 0;
    if (sorted == NULL)
        abort();
    for (int is_dependency = 0; is_dependency < 2; is_dependency++)
        for (size_t i = 0; i < verdict->count; i++)
            if (verdict->results[i].is_dependency == is_dependency)
                sorted[count++] = verdict->results[i];
    free(verdict->results);
    verdict->results = sorted;
}

struct graph_verdict graph_judge(const struct graph *graph)
{
    struct compiler *compiler = calloc(1, sizeof *compiler);
    if (compiler == NULL)
        abort();
    compiler->graph = graph;
    for (int i = 0; i < graph->count; i++)
        if (graph->crates[i].is_session)
            compile_crate(compiler, i);
    for (int i = 0; i < graph->count; i++)
        free(compiler->compiled[i].dependencies);
    struct graph_verdict verdict = compiler->verdict;
    free(compiler);
    put_sessions_first(&verdict);
    return verdict;
}

void graph_verdict_free(struct graph_verdict *verdict)
{
    for (size_t i = 0; i < verdict->count; i++) {
        struct graph_result *result = &verdict->results[i];
        findings_free(&(struct findings){result->findings, result->finding_count});
        free(result->parts);
    }
    free(verdict->results);
    *verdict = (struct graph_verdict){.count = 0};
}

enum linkage_verdict graph_worst(const struct graph_verdict *verdict)
{
    enum linkage_verdict worst = LINKAGE_OK;
    for (size_t i = 0; i < verdict->count; i++) {
        enum linkage_verdict one = verdict->results[i].verdict;
        if (one == LINKAGE_VIOLATION || (one == LINKAGE_ERROR && worst == LINKAGE_OK))
            worst = one;
    }
    return worst;
}
