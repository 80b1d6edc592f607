#include "conformance/judging/ask.h"

#include <stdio.h>

#include "harness/base/prng.h"

static uint64_t scenario_seed(uint64_t seed, const char *name)
{
    for (; *name != '\0'; name++)
        seed = prng_mix(seed * 31 + (unsigned char)*name);
    return seed;
}

void suites_ask(const struct suite_job *job, struct sandbox *sandbox, const struct scenario *scenario)
{
    sandbox_reset(sandbox);
    struct flight *flight = sandbox->flight;
    snprintf(flight->contract, sizeof flight->contract, "%s", contract_in_force()->name);
    snprintf(flight->candidate, sizeof flight->candidate, "%s", job->path);
    snprintf(flight->binding, sizeof flight->binding, "%s", job->fit->binding);
    snprintf(flight->bindings_directory, sizeof flight->bindings_directory, "%s", job->options->bindings_directory);
    snprintf(flight->scenario, sizeof flight->scenario, "%s", scenario->name);
    flight->seed = scenario_seed(job->seed, scenario->name);
    flight->effort = job->options->effort;
    flight->time_scale = job->options->time_scale;
    flight->returns_clause = contract_clause_index("abi/returns");
    flight->unwinds_clause = contract_clause_index("abi/no-unwind");
    sandbox->preload = job->fit->preload;
    sandbox->static_tls = job->fit->static_tls;
}
