/* conformance/judging/options.h: what a user asks of a judgement.
 *
 * Promises: plain data. The texts are the caller's and outlive the judgement.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conformance/scenario/run.h"
#include "harness/report/report.h"
#include "harness/report/waivers.h"

enum { MOST_GLOBS = 64 };

struct judge_options {
    const char *binding; /* name or file; NULL: the most specific that fits */
    const char *bindings_directory;
    const char *contract;          /* NULL: the one that the binding names first */
    const char *globs[MOST_GLOBS]; /* clauses asked for; none: all */
    size_t glob_count;
    const char *scenarios[MOST_GLOBS]; /* scenarios asked for, whatever they are about; none: those about the clauses */
    size_t scenario_count;
    enum level level;
    enum effort effort;
    uint64_t seed;
    bool fail_fast;                /* what decides the verdict ends the run: no further scenario is begun */
    const struct waivers *waivers; /* what they cover decides nothing; or NULL */
    int jobs;
    uint32_t time_scale;
    double shrink_s;     /* seconds for shortening one finding's trace; 0: not at all */
    const char *results; /* directory for traces and programs that reproduce findings; NULL: none */
};
