/* conformance/judging/probe.h: which bindings fit a candidate.
 *
 * Promises: each binding is tried in a process of its own, so a candidate that crashes while loading costs one row.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "conformance/judging/options.h"
#include "harness/base/error.h"

/* How a binding fits a candidate. */
struct fit {
    char binding[256];
    bool fits;  /* loads, all symbols there */
    bool works; /* and the probe's blocks kept the contract */
    bool preload;
    uint64_t static_tls; /* bytes that had to be kept for it; 0: none */
    uint32_t capabilities;
    char why[1024]; /* when it does not fit, or does not work */
};

/* Tries every shipped binding (or the one named) on the candidate, most specific first. Returns the number of rows
 * filled, -1 with `error` when the file itself is bad or a binding file has an error. */
int judge_probe(const char *path, const struct judge_options *options, struct fit *fits, int capacity,
                struct error *error);

/* Where the shipped bindings are: ASSAY_BINDINGS, or beside the program. Static storage. */
const char *judge_bindings_directory(void);

/* Factor for deadlines: ASSAY_TIME_SCALE, at least 1. */
uint32_t judge_time_scale(void);
