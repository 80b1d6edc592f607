/* Writes judged graphs as text for people and as JSON for programs. Names hold only letters, digits, "-" and "_", so
 * nothing must be escaped. */
#include <string.h>

#include "harness/linkage/graph.h"

static const char FAMILY[] = "rust-1.19";

const char *graph_linkage_name(enum graph_linkage linkage)
{
    static const char *const names[] = {[GRAPH_NOT_LINKED] = "not linked",
                                        [GRAPH_INCLUDED_FROM_DYLIB] = "included from dylib",
                                        [GRAPH_STATIC] = "static",
                                        [GRAPH_DYNAMIC] = "dynamic"};
    return names[linkage];
}

static bool is_provider(const struct graph_part *part)
{
    return part->is_allocator && part->linkage != GRAPH_NOT_LINKED;
}

/* Returns NULL when the crate is not among the parts. */
static const struct graph_part *part_named(const struct graph_result *result, const char *crate)
{
    for (size_t i = 0; crate != NULL && i < result->part_count; i++)
        if (strcmp(result->parts[i].crate, crate) == 0)
            return &result->parts[i];
    return NULL;
}

/* ---- text ---- */

static void print_part(FILE *out, const char *head, const struct graph_part *part)
{
    fprintf(out, "  %-10s %-28s  %s\n", head, part->crate, graph_linkage_name(part->linkage));
}

static void print_parts(FILE *out, const struct graph_result *result, bool verbose)
{
    for (size_t i = 0; i < result->part_count; i++) {
        const struct graph_part *part = &result->parts[i];
        if (is_provider(part))
            print_part(out, "provides", part);
        else if (part->needs_allocator)
            print_part(out, "needs", part);
        else if (verbose)
            print_part(out, "crate", part);
    }
}

static void print_injected(FILE *out, const struct graph_result *result)
{
    const struct graph_part *part = part_named(result, result->injected);
    if (part != NULL && part->linkage == GRAPH_STATIC)
        fprintf(out, "  %-10s %-28s  nobody chose: the compiler did\n", "injected", result->injected);
    else if (part != NULL)
        fprintf(out, "  %-10s %-28s  but another is there: %s\n", "injected", result->injected,
                graph_linkage_name(part->linkage));
}

static void print_result(FILE *out, const struct graph_result *result, bool verbose)
{
    fprintf(out, "%-10s %s: %s%s, family %s\n", linkage_verdict_name(result->verdict), result->artifact, result->kind,
            result->is_dependency ? ", a dependency" : "", FAMILY);
    print_parts(out, result, verbose);
    print_injected(out, result);
    if (verbose && result->default_name != NULL)
        fprintf(out, "  %-10s %-28s  is the default\n", "if none", result->default_name);
    for (size_t i = 0; i < result->finding_count; i++)
        fprintf(out, "  %-10s %s  %s\n", result->findings[i].is_open ? "not made" : "violated",
                linkage_clause_id(result->findings[i].clause), result->findings[i].message);
}

void graph_print(FILE *out, const struct graph_verdict *verdict, bool verbose)
{
    for (size_t i = 0; i < verdict->count; i++)
        if (verbose || !verdict->results[i].is_dependency || verdict->results[i].verdict != LINKAGE_OK)
            print_result(out, &verdict->results[i], verbose);
}

/* ---- JSON ---- */

static json_t *text_or_null(const char *text) { return text == NULL ? json_null() : json_string(text); }

static json_t *json_findings(const struct graph_result *result)
{
    json_t *findings = json_array();
    for (size_t i = 0; i < result->finding_count; i++)
        json_array_append_new(
            findings, json_pack("{s:s, s:s, s:b}", "clause", linkage_clause_id(result->findings[i].clause), "message",
                                result->findings[i].message, "open", (int)result->findings[i].is_open));
    return findings;
}

static json_t *json_result(const struct graph_result *result)
{
    const struct graph_part *injected = part_named(result, result->injected);
    json_t *value = json_object(), *providers = json_array(), *crates = json_array();
    for (size_t i = 0; i < result->part_count; i++) {
        const struct graph_part *part = &result->parts[i];
        if (is_provider(part))
            json_array_append_new(providers, json_string(part->crate));
        json_array_append_new(crates, json_pack("{s:s, s:s, s:b, s:b}", "name", part->crate, "linkage",
                                                graph_linkage_name(part->linkage), "allocator", (int)part->is_allocator,
                                                "needs_allocator", (int)part->needs_allocator));
    }
    json_object_set_new(value, "artifact", json_string(result->artifact));
    json_object_set_new(value, "kind", json_string(result->kind));
    json_object_set_new(value, "family", json_string(FAMILY));
    json_object_set_new(value, "verdict", json_string(linkage_verdict_name(result->verdict)));
    json_object_set_new(value, "providers", providers);
    json_object_set_new(value, "needs", json_boolean(result->needs));
    json_object_set_new(value, "default", text_or_null(result->default_name));
    json_object_set_new(value, "findings", json_findings(result));
    json_object_set_new(value, "dependency", json_boolean(result->is_dependency));
    json_object_set_new(value, "injected", text_or_null(result->injected));
    json_object_set_new(value, "injected_linkage",
                        text_or_null(injected == NULL ? NULL : graph_linkage_name(injected->linkage)));
    json_object_set_new(value, "crates", crates);
    return value;
}

json_t *graph_json(const struct graph_verdict *verdict)
{
    json_t *results = json_array();
    for (size_t i = 0; i < verdict->count; i++)
        json_array_append_new(results, json_result(&verdict->results[i]));
    return results;
}
