/* conformance/judging/probe.h: which bindings fit a candidate.
 *
 * Promises: each binding is tried in a process of its own, so a candidate that crashes while it is loaded costs one
 * row.
 */
#pragma once

#include "conformance/judging/fit.h"
#include "conformance/judging/options.h"
#include "harness/base/error.h"

enum { MOST_FITS = 64 };

/* Tries every shipped binding (or the one named) on the candidate, most specific first. Returns the number of rows
 * filled; -1 with `error` when the file itself is bad or a binding file has an error. */
int probe_bindings(const char *path, const struct judge_options *options, struct fit *fits, int capacity,
                   struct error *error);

/* The first row that fits and serves the contract asked for. Where none serves it, the first that fits; NULL: none. */
const struct fit *probe_choose(const struct fit *fits, int count, const struct judge_options *options);

/* Writes into `text`, in one line, why none of these rows fits. A reason that all of them share is told once. */
void probe_why_none_fits(const char *path, const struct judge_options *options, const struct fit *fits, int count,
                         char *text, size_t size);
