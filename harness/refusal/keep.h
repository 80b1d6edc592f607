/* harness/refusal/keep.h: a system that does not take memory back.
 *
 * Promises: as Linux does once a process has as many mappings as vm.max_map_count allows: munmap, mremap that makes
 * smaller, and mprotect without PROT_WRITE fail with ENOMEM where they would cut a mapping in two, and only there;
 * madvise fails with EAGAIN [man madvise]. Calls that ask for memory are left alone. Nothing here touches errno or
 * calls malloc, and keep_refuses is safe in a signal handler.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From here on (or, false, no longer). False: the platform cannot, and nothing was changed. In a process that runs with
 * refuse_never nothing is refused, and the answer is true. */
bool keep_memory(bool keeps);

/* How many calls were refused so. */
uint64_t keep_refused(void);

/* Internal to the refusal: is this system call (its number, and its first three arguments) refused? `*error` is then
 * the errno. */
bool keep_refuses(long number, const long *arguments, int *error);
