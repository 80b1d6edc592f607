/* conformance/judging/ask.h: tells the child of a sandbox what it has to do.
 *
 * Promises: the same arguments always ask the same, so that a finding can be asked for again.
 */
#pragma once

#include "conformance/contract.h"
#include "conformance/judging/fit.h"
#include "conformance/judging/options.h"
#include "harness/sandbox/sandbox.h"

/* Resets the sandbox and fills in the part of its flight record that the child reads: the contract in force, the
 * candidate at `path`, its binding, and `scenario`, which is the name of one or one of child.h's. */
void ask_child(struct sandbox *sandbox, const struct judge_options *options, const char *path, const struct fit *fit,
               const char *scenario);
