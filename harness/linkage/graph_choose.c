/* Phase 1, choose: decides whether an allocator is injected into this session, and which one. Source: rustc 1.19,
 * creader.rs, inject_allocator_crate. */
#include "harness/linkage/graph_model.h"

/* ---- the rule against circles: inject_dependency_if ---- */

struct closure_order {
    int crate[CRATES_MAX];
    int count;
    bool is_visited[CRATES_MAX];
};

/* Walks depth first over the dependencies in the metadata. That is the whole closure of a crate and not only its own
 * `extern crate` items. */
static void push_postorder(const struct compiler *compiler, int crate, struct closure_order *order)
{
    const struct compiled *compiled = &compiler->compiled[crate];
    if (order->is_visited[crate])
        return;
    order->is_visited[crate] = true;
    for (size_t i = 0; i < compiled->count; i++)
        if (compiled->dependencies[i].kind != DEP_UNEXPORTED_MACROS) /* such a crate is never loaded */
            push_postorder(compiler, compiled->dependencies[i].crate, order);
    order->crate[order->count++] = crate;
}

/* Reports one error for each crate of the closure that needs an allocator; the allocator itself belongs to its own
 * closure. After a first error the compiler checks no other allocator. The compiler also makes every crate that needs
 * an allocator depend on the allocator, to order them for the linker. Those edges are left out here, because they
 * change no answer: each leads from a crate that is already an error when it is reached, to one whose closure has no
 * error. */
static void check_circular(struct session *session, int allocator)
{
    const struct crate *crates = session->compiler->graph->crates;
    struct closure_order order = {.count = 0};
    if (session->findings.count > 0)
        return;
    push_postorder(session->compiler, allocator, &order);
    for (int i = order.count - 1; i >= 0; i--)
        if (crates[order.crate[i]].needs_allocator)
            findings_add(&session->findings, LINKAGE_NO_CIRCULAR, false,
                         "the crate `%s` cannot depend on a crate that needs an allocator, but it depends on `%s`",
                         crates[allocator].name, crates[order.crate[i]].name);
}

/* ---- the choice ---- */

enum { NEED_LIB = TYPE_BIT(TYPE_DYLIB) | TYPE_BIT(TYPE_PROC_MACRO) | TYPE_BIT(TYPE_CDYLIB) | TYPE_BIT(TYPE_STATICLIB) };

/* All crate types of a session share one default: an executable that is made together with a staticlib gets the default
 * of libraries. */
const char *default_allocator(const struct session *session, int *index)
{
    const struct graph *graph = session->compiler->graph;
    const struct crate *self = session->self;
    *index = NO_CRATE;
    if ((self->types & ~TYPE_BIT(TYPE_RLIB)) == 0)
        return NULL;
    bool is_lib = (self->types & NEED_LIB) != 0 && !self->prefer_dynamic;
    *index = is_lib ? graph->lib_allocation_crate : graph->exe_allocation_crate;
    return *index == NO_CRATE ? "alloc_system" : graph->crates[*index].name;
}

static void inject(struct session *session)
{
    int chosen;
    const char *name = default_allocator(session, &chosen);
    if (name == NULL)
        return;
    if (chosen == NO_CRATE) {
        findings_add(&session->findings, LINKAGE_EXACTLY_ONE, false, "can't find crate for `%s`", name);
        return;
    }
    if (!session_load(session, chosen, DEP_IMPLICIT))
        return;
    if (!session->compiler->graph->crates[chosen].is_allocator)
        findings_add(&session->findings, LINKAGE_EXACTLY_ONE, false,
                     "the allocator crate `%s` is not tagged with #![allocator]", name);
    session->injected = chosen;
    check_circular(session, chosen);
}

/* The compiler walks its crates in the order of a hash table, and this function in the order of loading. When several
 * allocators depend on crates that need one, the compiler's order decides by accident which of them it names. The crate
 * that is being compiled is never examined. */
void session_choose(struct session *session)
{
    const struct crate *crates = session->compiler->graph->crates;
    bool needs = false, found_explicit = false;
    for (int i = 0; i < session->count; i++) {
        int crate = session->loaded[i];
        needs |= crates[crate].needs_allocator;
        if (crates[crate].is_allocator) {
            check_circular(session, crate);
            found_explicit |= session->kind[crate] == DEP_EXPLICIT;
        }
    }
    if (needs && !found_explicit)
        inject(session);
}
