/* harness/refusal/count.h: which of the mapping calls is refused (internal to harness/refusal).
 *
 * Promises: safe in a signal handler and from any thread; touches no errno.
 */
#pragma once

#include <stdbool.h>

#include "harness/refusal/refuse.h"

/* Counts a call that asks for memory and is about to be made. True: it is to be refused. */
bool count_is_refused(void);

/* Counts a call that the system itself refused. */
void count_failed(void);

/* Makes the kernel report mapping calls by signal. False: it cannot here, and nothing was changed. */
bool seccomp_install(void);

/* The same for calls that give memory back, once seccomp_install has worked. False: it cannot. */
bool seccomp_watch_giving_back(void);

/* Has refuse_never been called? */
bool refuse_is_never(void);

/* From here on the wrappers of libc's functions (interpose.c) count; until then they only pass calls on. */
void interpose_install(void);
