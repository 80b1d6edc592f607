/* libc's mapping functions are defined here, so that the dynamic linker gives these to a candidate: calls of functions
 * can be watched where system calls cannot. Calls that libc makes inside (in its malloc) do not pass here. Until
 * interpose_install, every call is passed on unchanged. */
#undef _FILE_OFFSET_BITS /* mmap and mmap64 are two names here */
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/refusal/count.h"

static _Atomic bool counting;

void interpose_install(void) { counting = true; }

static bool is_refused(bool asks)
{
    if (!counting || !asks || !count_is_refused())
        return false;
    errno = ENOMEM;
    return true;
}

static long noted(bool asks, long answer)
{
    if (counting && asks && answer == -1)
        count_failed();
    return answer;
}

static long map(void *address, size_t length, int protection, int flags, int fd, uint64_t offset)
{
#if defined SYS_mmap2
    if (offset % 4096 != 0) {
        errno = EINVAL;
        return -1;
    }
    return syscall(SYS_mmap2, address, length, protection, flags, fd, (long)(offset >> 12));
#elif defined __s390x__
    unsigned long arguments[] = {(unsigned long)address, length, (unsigned long)protection, (unsigned long)flags,
                                 (unsigned long)fd,      offset};
    return syscall(SYS_mmap, arguments);
#else
    return syscall(SYS_mmap, address, length, protection, flags, fd, offset);
#endif
}

void *mmap64(void *address, size_t length, int protection, int flags, int fd, off64_t offset)
{
    bool asks = (flags & MAP_ANONYMOUS) != 0;
    if (is_refused(asks))
        return MAP_FAILED;
    return (void *)noted(asks, map(address, length, protection, flags, fd, (uint64_t)offset));
}

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
    return mmap64(address, length, protection, flags, fd, offset);
}

void *mremap(void *address, size_t old_length, size_t length, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    void *target = (flags & MREMAP_FIXED) != 0 ? va_arg(arguments, void *) : NULL;
    va_end(arguments);
    bool asks = length > old_length;
    if (is_refused(asks))
        return MAP_FAILED;
    return (void *)noted(asks, syscall(SYS_mremap, address, old_length, length, flags, target));
}

int mprotect(void *address, size_t length, int protection)
{
    bool asks = (protection & PROT_WRITE) != 0;
    if (is_refused(asks))
        return -1;
    return (int)noted(asks, syscall(SYS_mprotect, address, length, protection));
}

/* libc keeps the break in a variable of its own, so these call libc's own functions. */
void *sbrk(intptr_t increment)
{
    extern void *__sbrk(intptr_t) __attribute__((weak));
    void *(*original)(intptr_t) = __sbrk != NULL ? __sbrk : (void *(*)(intptr_t))dlsym(RTLD_NEXT, "sbrk");
    if (is_refused(increment > 0))
        return (void *)-1;
    return (void *)noted(increment > 0, (long)original(increment));
}

int brk(void *end)
{
    int (*original)(void *) = (int (*)(void *))dlsym(RTLD_NEXT, "brk");
    bool asks = (char *)end > (char *)sbrk(0);
    if (is_refused(asks))
        return -1;
    return (int)noted(asks, original(end));
}
