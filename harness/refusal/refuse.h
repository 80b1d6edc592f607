/* harness/refusal/refuse.h: a system that refuses memory, call by call.
 *
 * Promises: from refuse_prepare on, every call by which the candidate asks the system for memory is counted, and the
 * calls chosen here fail with ENOMEM. Such calls are mmap of anonymous memory, mremap that grows, brk that moves up,
 * and mprotect that makes memory writable (reserved memory is committed that way), whether made through libc's
 * functions or as system calls of the candidate's own. Calls that map files, shrink a mapping or give memory back are
 * not counted. Nothing else is disturbed: the harness's own memory was mapped before. Threads that were started before
 * refuse_prepare are not seen. Where the platform cannot do this (see refuse_means), the scenario that needs it is
 * told, and its clauses stay unexercised rather than silently held.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/error.h"

enum refuse_means {
    REFUSE_BY_NOTHING,    /* this platform cannot */
    REFUSE_BY_SECCOMP,    /* every system call is seen, even those that the candidate makes itself */
    REFUSE_BY_INTERPOSING /* only calls of libc's functions from outside libc are seen: not what its own malloc does */
};

/* Installs what is needed, once, in the child. Returns the means that it found: seccomp where a copy of this process
 * shows that it works here and ASSAY_PLATFORM_LACKS does not name it, else interposing. A candidate that handles SIGSYS
 * or filters system calls itself has no success: its sigaction(SIGSYS) answers 0 and changes nothing. */
enum refuse_means refuse_prepare(void);

/* The n-th mapping call from here (1 is the next) and all after it are refused; 0: none is. Restarts the count. */
void refuse_from(uint64_t n);
/* Just the n-th from here is refused. Restarts the count. */
void refuse_only(uint64_t n);
/* Mapping calls seen, and refused (by choice here, or by the system itself), since the count was restarted. */
uint64_t refuse_seen(void);
uint64_t refuse_refused(void);

/* From here on no call is refused by choice, whatever is chosen. A scenario uses this to make the same calls in a
 * system that has memory. */
void refuse_never(void);
/* Each refusal that refuse_refused counts is counted in `*refusals`, too, and that count is never restarted. NULL:
 * nowhere. Refusals by which this module tries out what works are not counted. The memory is the caller's. */
void refuse_count_into(_Atomic uint64_t *refusals);

/* Limits the address space to what the process has now plus `bytes`; UINT64_MAX lifts the limit. False: the platform
 * cannot do it, or accepts the limit and does not keep it (an emulator). */
bool refuse_limit_address_space(uint64_t bytes);
