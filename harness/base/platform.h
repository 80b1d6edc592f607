/* harness/base/platform.h: what the platform this program was built for is called, and what it cannot do where it runs.
 *
 * Promises: the names that build directories, reports and published results use.
 */
#pragma once

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Whoever started this program says what does nothing there: ASSAY_PLATFORM_LACKS, words separated by commas
 * (seccomp, rlimit-as, wipe-on-fork, threads: runners/PLATFORMS.md). */
static inline bool platform_lacks(const char *what)
{
    const char *lacks = getenv("ASSAY_PLATFORM_LACKS");
    return lacks != NULL && strstr(lacks, what) != NULL;
}

static inline const char *platform_name(void)
{
#if defined __x86_64__
    return "x86_64";
#elif defined __i386__
    return "i686";
#elif defined __aarch64__
    return "aarch64";
#elif defined __arm__
    return "armhf";
#elif defined __riscv
    return "riscv64";
#elif defined __powerpc64__
    return "ppc64le";
#elif defined __s390x__
    return "s390x";
#else
    return "unknown";
#endif
}
