/* harness/refusal/count.h: which of the mapping calls is refused (internal to faults).
 *
 * Promises: safe in a signal handler and from any thread; touches no errno.
 */
#pragma once

#include <stdbool.h>

#include "harness/refusal/refuse.h"

/* A call that asks for memory is about to be made: counted. True: it is to be refused. */
bool count_is_refused(void);

/* The system itself refused one. */
void count_failed(void);

/* Makes the kernel report mapping calls by signal. False: it cannot here, and nothing was changed. */
bool seccomp_install(void);

/* From here on the wrappers of libc's functions (interpose.c) count; until then they only pass calls on. */
void interpose_install(void);
