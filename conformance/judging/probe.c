#include "conformance/judging/probe.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conformance/contract.h"
#include "conformance/judging/child.h"
#include "harness/candidate/artifact.h"
#include "harness/candidate/binding.h"
#include "harness/sandbox/sandbox.h"

enum { MOST_BINDINGS = 64 };

const char *judge_bindings_directory(void)
{
    static char directory[PATH_MAX];
    const char *set = getenv("ASSAY_BINDINGS");
    if (set != NULL)
        return set;
    char self[PATH_MAX / 2];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    self[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(self, '/');
    if (slash != NULL)
        *slash = '\0';
    static const char *const places[] = {"../conformance/bindings", "../../conformance/bindings",
                                         "../share/assay/bindings"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        snprintf(directory, sizeof directory, "%s/%s", self, places[i]);
        if (access(directory, R_OK) == 0)
            break;
    }
    return directory;
}

uint32_t judge_time_scale(void)
{
    const char *set = getenv("ASSAY_TIME_SCALE");
    long scale = set == NULL ? 1 : strtol(set, NULL, 10);
    return scale < 1 ? 1 : scale > 1000 ? 1000 : (uint32_t)scale;
}

enum { STATIC_TLS_LEAST = 64 << 10, STATIC_TLS_MOST = 64 << 20 };

/* What to keep for a library after `before` bytes were too few: first what its own file asks for with some room for
 * the libraries it needs, then twice as much each time. Every thread pays for it with its stack, so it is no more
 * than needed. */
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
    sandbox_reset(sandbox);
    struct flight *flight = sandbox->flight;
    snprintf(flight->contract, sizeof flight->contract, "%s", contract_in_force()->name);
    snprintf(flight->candidate, sizeof flight->candidate, "%s", path);
    snprintf(flight->binding, sizeof flight->binding, "%s", binding_spelt);
    snprintf(flight->bindings_directory, sizeof flight->bindings_directory, "%s", options->bindings_directory);
    snprintf(flight->scenario, sizeof flight->scenario, SCENARIO_PROBE);
    flight->time_scale = options->time_scale;
    flight->returns_clause = contract_clause_index("abi/returns");
    flight->unwinds_clause = contract_clause_index("abi/no-unwind");
    sandbox->preload = binding_replaces_malloc(binding);
    sandbox->static_tls = static_tls;
    sandbox_run(sandbox);
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

/* A library that does not finish loading is not waited for again: other bindings load it in the same way. NULL: not
 * seen yet. */
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
    bool waited_in_vain[MOST_BINDINGS] = {false};
    for (; filled < count && filled < capacity && filled < MOST_BINDINGS; filled++) {
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

int judge_probe(const char *path, const struct judge_options *options, struct fit *fits, int capacity,
                struct error *error)
{
    const struct binding *bindings[MOST_BINDINGS];
    int count = 1;
    if (options->binding != NULL)
        bindings[0] = binding_load(options->binding, options->bindings_directory, error);
    else
        count = binding_load_all(options->bindings_directory, bindings, MOST_BINDINGS, error);
    if (error_is_set(error))
        return -1;
    return try_all(path, options, bindings, count, fits, capacity, error);
}
