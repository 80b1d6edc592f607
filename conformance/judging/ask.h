/* conformance/judging/ask.h: one scenario as the child of a sandbox is asked to run it.
 *
 * Promises: the same job and scenario always ask the same, so that a finding can be asked for again.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "conformance/contract.h"
#include "conformance/judging/options.h"
#include "conformance/judging/probe.h"
#include "harness/sandbox/sandbox.h"

enum { HANGS_ENDURED = 2 };

struct suite_shared {
    _Atomic uint32_t shortened[FLIGHT_CLAUSES]; /* somebody shortens a finding of this clause */
    _Atomic uint32_t stopped;
    _Atomic uint32_t decided; /* by what `decided` said */
    _Atomic uint32_t hangs;   /* and ends by the clock: after HANGS_ENDURED the candidate is waited for no more */
};

struct suite_job {
    const char *path; /* of the candidate */
    const struct fit *fit;
    const struct judge_options *options;
    uint64_t seed;
    bool (*selected)(const struct suite_job *job, const struct scenario *scenario);
    bool (*decided)(const struct suite_job *job, const struct flight *result); /* nothing further need be asked */
    struct flight *results;      /* shared, one a scenario, without tapes: outcome, counts, findings */
    struct suite_shared *shared; /* between the workers */
};

/* The flight record's "asked of the child" part, for a scenario. */
void suites_ask(const struct suite_job *job, struct sandbox *sandbox, const struct scenario *scenario);
