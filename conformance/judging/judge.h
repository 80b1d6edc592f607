/* conformance/judging/judge.h: from a file to a verdict.
 *
 * Promises: judge_candidate always fills the report. A candidate that could not be asked (unreadable, unloadable, no binding
 * fits) is `unjudged` with the reason in one line. Otherwise every selected scenario was run in a process of its own, as a
 * test of a Check suite named after its group (so CK_RUN_SUITE, CK_RUN_CASE and CK_INCLUDE_TAGS select), and each clause's
 * verdict is the sum of what the oracle saw in all of them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "conformance/scenario/run.h"
#include "harness/report/report.h"
#include "harness/report/waivers.h"

enum { MOST_GLOBS = 64 };

struct judge_options {
    const char *binding;            /* name or file; NULL: the most specific that fits */
    const char *bindings_directory;
    const char *globs[MOST_GLOBS];  /* clauses asked for; none: all */
    size_t glob_count;
    const char *scenarios[MOST_GLOBS]; /* scenarios asked for, whatever they are about; none: those about the clauses */
    size_t scenario_count;
    enum level level;
    enum effort effort;
    uint64_t seed;
    bool fail_fast;                 /* what decides the verdict ends the run: no further scenario is begun */
    const struct waivers *waivers;  /* what they cover decides nothing; or NULL */
    int jobs;
    uint32_t time_scale;
    double shrink_s;                /* seconds for shortening one finding's trace; 0: not at all */
    const char *results;            /* directory for traces and programs that reproduce findings; NULL: none */
};

void judge_candidate(const char *path, const struct judge_options *options, struct report *report);

/* A report on a candidate that was not asked, with the reason. */
void judge_unasked(const char *path, const char *reason, struct report *report);

/* How a binding fits a candidate. */
struct fit {
    char binding[256];
    bool fits;     /* loads, all symbols there */
    bool works;    /* and the probe's blocks kept the contract */
    bool preload;
    bool static_tls;
    uint32_t capabilities;
    char why[1024]; /* when it does not fit, or does not work */
};

/* Tries every shipped binding (or the one named) on the candidate, most specific first. Returns the number of rows filled,
 * -1 with `error` when the file itself is bad or a binding file has an error. */
int judge_probe(const char *path, const struct judge_options *options, struct fit *fits, int capacity, struct error *error);

/* Why none of these rows fits, in one line: what is wrong with the file itself, where that is the reason for all. */
void judge_why_none_fits(const char *path, const struct judge_options *options, const struct fit *fits, int count, char *text,
                         size_t size);

/* Where the shipped bindings are: ASSAY_BINDINGS, or beside the program. Static storage. */
const char *judge_bindings_directory(void);

/* Factor for deadlines: ASSAY_TIME_SCALE, at least 1. */
uint32_t judge_time_scale(void);
