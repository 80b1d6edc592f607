/* conformance/judging/job.h: the job of judging one candidate, as all workers share it.
 *
 * Promises: job_ask asks the same of a child each time it is given the same job and scenario, so that a finding can be
 * asked for again.
 */
#pragma once

#include "conformance/judging/ask.h"

enum { HANGS_ENDURED = 2 };

/* The state of a scenario that was selected, in the `claim` of its flight record. */
enum suite_claim {
    CLAIM_NONE,
    CLAIM_RUNS,
    CLAIM_KEPT,     /* it ran, and its flight record is complete */
    CLAIM_LEFT_OUT, /* the run had ended before its turn, or the platform cannot run it */
};

struct suite_shared {
    _Atomic uint32_t shortened[FLIGHT_CLAUSES]; /* some worker shortens a finding of this clause */
    _Atomic uint32_t stopped;
    _Atomic uint32_t decided; /* `decided` has said so */
    _Atomic uint32_t hangs;   /* also counts what took too long; after HANGS_ENDURED no further scenario is begun */
};

struct suite_job {
    const char *path; /* of the candidate */
    const struct fit *fit;
    const struct judge_options *options;
    uint64_t seed;
    bool (*selected)(const struct suite_job *job, const struct scenario *scenario);
    bool (*decided)(const struct suite_job *job, const struct flight *record); /* the verdict is clear from it alone */
    struct flight *records;      /* shared memory: one for each scenario, without its tape */
    struct suite_shared *shared; /* between the workers */
};

static inline bool job_has_run(const struct flight *record) { return atomic_load(&record->claim) == CLAIM_KEPT; }
static inline bool job_was_left_out(const struct flight *record)
{
    return atomic_load(&record->claim) == CLAIM_LEFT_OUT;
}

/* Fills in what the child has to do for this scenario. */
void job_ask(const struct suite_job *job, struct sandbox *sandbox, const struct scenario *scenario);
