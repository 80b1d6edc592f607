/* harness/base/platform.h: what the platform this program was built for is called.
 *
 * Promises: the names that build directories, reports and published results use.
 */
#pragma once

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
