/* conformance/judging/options.h: how a user wants a candidate to be judged.
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
    const char *excluded[MOST_GLOBS]; /* scenarios that are left out of those */
    size_t excluded_count;
    enum level level;
    enum effort effort;
    uint64_t seed;
    bool fail_fast;                /* the first finding that decides the verdict ends the run */
    const struct waivers *waivers; /* a finding that they cover decides nothing; NULL: none */
    int jobs;
    uint32_t time_scale;
    double shrink_s;     /* seconds for shortening one finding's trace; 0: not at all */
    const char *results; /* directory for traces and programs that reproduce findings; NULL: none */
};
