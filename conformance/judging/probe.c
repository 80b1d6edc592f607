#include "conformance/judging/probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/judging/ask.h"
#include "conformance/judging/child.h"
#include "harness/candidate/artifact.h"
#include "harness/candidate/binding.h"
#include "harness/sandbox/sandbox.h"

enum { STATIC_TLS_LEAST = 64 << 10, STATIC_TLS_MOST = 64 << 20 };

/* How many bytes to keep for a library after `before` bytes were too few. The first try is what its own file asks for
 * and some room for the libraries it needs; each further try is twice the one before. These bytes are taken from the
 * stack of every thread, so no more are kept than needed. */
static uint64_t more_static_tls(const char *path, uint64_t before)
{
    uint64_t own = artifact_tls_size(path);
    if (before > 0)
        return 2 * before;
    return own > STATIC_TLS_MOST ? own : own + STATIC_TLS_LEAST;
}

static void try_binding(struct sandbox *sandbox, const char *path, const struct judge_options *options,
                        const struct binding *binding, const char *binding_spelt, uint64_t static_tls)
{
    struct fit asked = {.preload = binding_replaces_malloc(binding), .static_tls = static_tls};
    snprintf(asked.binding, sizeof asked.binding, "%s", binding_spelt);
    ask_child(sandbox, options, path, &asked, SCENARIO_PROBE);
    sandbox_run(sandbox);
    const struct flight *flight = sandbox->flight;
    if (flight->outcome == OUTCOME_NOT_LOADED && flight->static_tls && static_tls < STATIC_TLS_MOST)
        try_binding(sandbox, path, options, binding, binding_spelt, more_static_tls(path, static_tls));
}

static void fill(struct fit *fit, const struct sandbox *sandbox, const struct binding *binding, const char *spelt)
{
    const struct flight *flight = sandbox->flight;
    *fit = (struct fit){.preload = binding_replaces_malloc(binding),
                        .static_tls = sandbox->static_tls,
                        .capabilities = flight->capabilities};
    snprintf(fit->binding, sizeof fit->binding, "%s", spelt);
    fit->fits = flight->outcome != OUTCOME_NOT_LOADED;
    fit->works = flight->outcome == OUTCOME_COMPLETED && flight->finding_count == 0;
    if (!fit->fits)
        snprintf(fit->why, sizeof fit->why, "%s", flight->setup_error);
    else if (flight->finding_count > 0)
        snprintf(fit->why, sizeof fit->why, "%.250s: expected %.250s, got %.500s", flight->findings[0].message,
                 flight->findings[0].expected, flight->findings[0].actual);
    else
        snprintf(fit->why, sizeof fit->why, "%s", flight->detail);
}

/* An earlier row that waited in vain for the library to be loaded in the same way, so that no other binding has to wait
 * for it; NULL: there is none. */
static const struct fit *that_never_loads(const struct fit *fits, int filled, const bool *waited_in_vain, bool preload)
{
    for (int i = 0; i < filled; i++)
        if (waited_in_vain[i] && fits[i].preload == preload)
            return &fits[i];
    return NULL;
}

static int try_all(const char *path, const struct judge_options *options, const struct binding **bindings, int count,
                   struct fit *fits, int capacity, struct error *error)
{
    struct sandbox sandbox;
    if (!sandbox_create(&sandbox, 4096, error))
        return -1;
    int filled = 0;
    bool waited_in_vain[MOST_FITS] = {false};
    for (; filled < count && filled < capacity && filled < MOST_FITS; filled++) {
        const char *spelt = options->binding != NULL ? options->binding : binding_name(bindings[filled]);
        const struct fit *known =
            that_never_loads(fits, filled, waited_in_vain, binding_replaces_malloc(bindings[filled]));
        if (known != NULL) {
            fits[filled] = *known;
            snprintf(fits[filled].binding, sizeof fits[filled].binding, "%s", spelt);
            continue;
        }
        try_binding(&sandbox, path, options, bindings[filled], spelt, 0);
        fill(&fits[filled], &sandbox, bindings[filled], spelt);
        waited_in_vain[filled] = !fits[filled].fits && sandbox.flight->took_too_long;
    }
    sandbox_destroy(&sandbox);
    return filled;
}

int probe_bindings(const char *path, const struct judge_options *options, struct fit *fits, int capacity,
                   struct error *error)
{
    const struct binding *bindings[MOST_FITS];
    int count = 1;
    if (options->binding != NULL)
        bindings[0] = binding_load(options->binding, options->bindings_directory, error);
    else
        count = binding_load_all(options->bindings_directory, bindings, MOST_FITS, error);
    if (error_is_set(error))
        return -1;
    return try_all(path, options, bindings, count, fits, capacity, error);
}

static bool serves(const struct fit *fit, const struct judge_options *options)
{
    struct error ignored = {0};
    const struct binding *binding = binding_load(fit->binding, options->bindings_directory, &ignored);
    return options->contract == NULL || (binding != NULL && binding_serves(binding, options->contract));
}

const struct fit *probe_choose(const struct fit *fits, int count, const struct judge_options *options)
{
    const struct fit *first = NULL;
    for (int i = 0; i < count; i++) {
        if (fits[i].fits && serves(&fits[i], options))
            return &fits[i];
        first = first == NULL && fits[i].fits ? &fits[i] : first;
    }
    return first;
}

/* The reason that all bindings share: the library itself cannot be loaded. NULL: there is no such reason. Bindings that
 * preload the library are not asked, as they say the same in other words. */
static const char *common_reason(const struct fit *fits, int count)
{
    const char *reason = NULL;
    for (int i = 0; i < count; i++) {
        if (!fits[i].preload && reason != NULL && strcmp(fits[i].why, reason) != 0)
            return NULL;
        if (!fits[i].preload)
            reason = fits[i].why;
    }
    return reason;
}

/* Appends "BINDING: REASON" to the text. The names of the file and of the binding are cut from the reason, because the
 * line has them already. */
static void add_reason(char *text, size_t size, const char *path, const struct fit *fit, bool more)
{
    char behind[300];
    const char *why = fit->why;
    size_t length = strlen(path), said = strlen(text);
    if (strncmp(why, path, length) == 0 && strncmp(why + length, ": ", 2) == 0)
        why += length + 2;
    snprintf(behind, sizeof behind, ", which binding %s needs", fit->binding);
    const char *end = strstr(why, behind);
    int shown = end != NULL ? (int)(end - why) : 200;
    snprintf(text + said, size - said, "%s%s: %.*s", more ? "; " : "", fit->binding, shown, why);
}

void probe_why_none_fits(const char *path, const struct judge_options *options, const struct fit *fits, int count,
                         char *text, size_t size)
{
    const char *why = options->binding != NULL ? fits[0].why : common_reason(fits, count);
    if (why != NULL) {
        snprintf(text, size, "%s", why);
        return;
    }
    char *probe = report_probe_command(path);
    snprintf(text, size, "%s: no shipped binding fits (`%s`): ", path, probe);
    free(probe);
    for (int i = 0; i < count; i++)
        add_reason(text, size, path, &fits[i], i > 0);
}
