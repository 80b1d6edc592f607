/* harness/trace/emit_c.h: a trace as a program of its own.
 *
 * Promises: the text is one C file that needs nothing of this project. After `cc repro.c -ldl` (and -pthread before
 * glibc 2.34), `./a.out [LIBRARY]` exits 1 while the clause is broken, 0 once it is kept, 2 when the library cannot be
 * loaded. The calls are spelt as the binding spells them. Each is checked by what the oracle would check, and only the
 * clause the program is about decides. The calls run in a process of their own, so that a crash, an exit or a hang
 * inside one is an answer too; `./a.out LIBRARY here` runs them in place, for a debugger. For a library that must be
 * preloaded the program starts itself again with LD_PRELOAD.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "harness/base/error.h"
#include "harness/sandbox/event.h"

struct binding;

struct reproducer {
    const char *library; /* path of the candidate, used when none is given */
    const struct binding *binding;
    const char *clause;                      /* id of the clause it is about; NULL: whatever is broken counts */
    const char *message, *expected, *actual; /* of the finding, for the reader; each may be NULL */
    const struct event *events;
    size_t count;
};

/* False with `error`: the clause cannot be shown by a C program (abi/registers), or writing failed. */
bool emit_c(FILE *out, const struct reproducer *reproducer, struct error *error);
