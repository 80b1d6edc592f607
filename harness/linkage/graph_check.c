/* The names of crate types, and the rules about a whole graph. */
#include <stdio.h>
#include <string.h>

#include "harness/linkage/graph_model.h"

static const char *const types[CRATE_TYPES] = {
    [TYPE_EXECUTABLE] = "executable", [TYPE_DYLIB] = "dylib",   [TYPE_RLIB] = "rlib",
    [TYPE_STATICLIB] = "staticlib",   [TYPE_CDYLIB] = "cdylib", [TYPE_PROC_MACRO] = "proc-macro",
};

const char *crate_type_name(enum crate_type type) { return types[type]; }

enum crate_type crate_type_find(const char *name, size_t length)
{
    for (int type = 0; type < CRATE_TYPES; type++)
        if (strlen(types[type]) == length && memcmp(types[type], name, length) == 0)
            return (enum crate_type)type;
    return CRATE_TYPES;
}

/* ---- everything named is described ---- */

static bool check_name(const struct graph *graph, int index, int line, struct error *error)
{
    const struct crate *crate = &graph->crates[index];
    if (!crate->is_described)
        return error_set(error, "%s:%d: found %s, expected a crate that is described: there is no [crate %s]",
                         graph->path, line, crate->name, crate->name);
    if (crate->is_session)
        return error_set(error, "%s:%d: found %s, expected a crate: nothing can be compiled against a session",
                         graph->path, line, crate->name);
    return true;
}

static bool check_edges(const struct graph *graph, const struct crate *crate, struct error *error)
{
    for (size_t i = 0; i < crate->edge_count; i++) {
        const struct edge *edge = &crate->edges[i];
        if (!check_name(graph, edge->to, edge->line, error))
            return false;
        for (size_t before = 0; before < i; before++)
            if (crate->edges[before].to == edge->to)
                return error_set(error, "%s:%d: found %s again, expected every dependency once", graph->path,
                                 edge->line, graph->crates[edge->to].name);
    }
    return true;
}

static bool check_default(const struct graph *graph, int index, struct error *error)
{
    if (index == NO_CRATE)
        return true;
    const struct crate *crate = &graph->crates[index];
    if (!check_name(graph, index, crate->line, error))
        return false;
    return !crate_is(crate, TYPE_PROC_MACRO) ||
           error_set(error, "%s:%d: found %s as a default allocator, expected a crate that is no proc-macro",
                     graph->path, crate->line, crate->name);
}

/* ---- no cycle of dependencies ---- */

struct walk {
    const struct graph *graph;
    int path[CRATES_MAX], depth;
    bool is_on_path[CRATES_MAX], is_done[CRATES_MAX];
    struct error *error;
};

/* Reports the cycle as "a -> b -> a". A long one is cut short. */
static bool refuse_circle(const struct walk *walk, const struct edge *closing)
{
    char text[400] = "";
    int start = 0;
    while (walk->path[start] != closing->to)
        start++;
    for (int i = start; i < walk->depth && strlen(text) + CRATE_NAME_SIZE + 16 < sizeof text; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s -> ", walk->graph->crates[walk->path[i]].name);
    return error_set(walk->error, "%s:%d: found a circle of dependencies, %s%s, expected none", walk->graph->path,
                     closing->line, text, walk->graph->crates[closing->to].name);
}

static bool check_circles(struct walk *walk, int crate)
{
    if (walk->is_done[crate])
        return true;
    walk->path[walk->depth++] = crate;
    walk->is_on_path[crate] = true;
    for (size_t i = 0; i < walk->graph->crates[crate].edge_count; i++) {
        const struct edge *edge = &walk->graph->crates[crate].edges[i];
        if (walk->is_on_path[edge->to])
            return refuse_circle(walk, edge);
        if (!check_circles(walk, edge->to))
            return false;
    }
    walk->is_on_path[crate] = false;
    walk->depth--;
    return walk->is_done[crate] = true;
}

bool graph_check(const struct graph *graph, struct error *error)
{
    struct walk walk = {.graph = graph, .error = error};
    int sessions = 0;
    for (int i = 0; i < graph->count; i++) {
        sessions += graph->crates[i].is_session;
        if (!check_edges(graph, &graph->crates[i], error))
            return false;
    }
    if (sessions == 0 || sessions > SESSIONS_MAX)
        return error_set(error, "%s: found %d [session NAME], expected 1 to %d, which say what to link", graph->path,
                         sessions, SESSIONS_MAX);
    if (!check_default(graph, graph->exe_allocation_crate, error) ||
        !check_default(graph, graph->lib_allocation_crate, error))
        return false;
    for (int i = 0; i < graph->count; i++)
        if (!check_circles(&walk, i))
            return false;
    return true;
}
