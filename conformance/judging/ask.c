#include "conformance/judging/ask.h"

#include <stdio.h>

void ask_child(struct sandbox *sandbox, const struct judge_options *options, const char *path, const struct fit *fit,
               const char *scenario)
{
    sandbox_reset(sandbox);
    struct flight *flight = sandbox->flight;
    snprintf(flight->contract, sizeof flight->contract, "%s", contract_in_force()->name);
    snprintf(flight->candidate, sizeof flight->candidate, "%s", path);
    snprintf(flight->binding, sizeof flight->binding, "%s", fit->binding);
    snprintf(flight->bindings_directory, sizeof flight->bindings_directory, "%s", options->bindings_directory);
    snprintf(flight->scenario, sizeof flight->scenario, "%s", scenario);
    flight->time_scale = options->time_scale;
    flight->returns_clause = contract_clause_index("abi/returns");
    flight->unwinds_clause = contract_clause_index("abi/no-unwind");
    sandbox->preload = fit->preload;
    sandbox->static_tls = fit->static_tls;
}
