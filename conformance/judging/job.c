#include "conformance/judging/job.h"

#include "harness/base/prng.h"

static uint64_t scenario_seed(uint64_t seed, const char *name)
{
    for (; *name != '\0'; name++)
        seed = prng_mix(seed * 31 + (unsigned char)*name);
    return seed;
}

void job_ask(const struct suite_job *job, struct sandbox *sandbox, const struct scenario *scenario)
{
    ask_child(sandbox, job->options, job->path, job->fit, scenario->name);
    sandbox->flight->seed = scenario_seed(job->seed, scenario->name);
    sandbox->flight->effort = job->options->effort;
}
