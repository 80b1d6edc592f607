#include "harness/refusal/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/refusal/count.h"

static _Atomic bool keeps_now;
static _Atomic uint64_t refused;

uint64_t keep_refused(void) { return refused; }

bool keep_memory(bool keeps)
{
    if (keeps && (refuse_prepare() != REFUSE_BY_SECCOMP || !seccomp_watch_giving_back()))
        return false;
    keeps_now = keeps && !refuse_is_never();
    return true;
}

/* ---- /proc/self/maps, read a byte at a time: in a signal handler there is nothing better ---- */

struct maps {
    int fd;
    size_t at, length;
    char text[1024];
};

static int next(struct maps *maps)
{
    if (maps->at == maps->length) {
        long got = syscall(SYS_read, maps->fd, maps->text, sizeof maps->text);
        maps->length = got > 0 ? (size_t)got : 0;
        maps->at = 0;
    }
    return maps->at < maps->length ? (unsigned char)maps->text[maps->at++] : -1;
}

/* The number up to `end`, or to the end of the file. */
static uintptr_t next_address(struct maps *maps, int end)
{
    uintptr_t address = 0;
    for (int c; (c = next(maps)) != end && c != -1;)
        address = address * 16 + (uintptr_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    return address;
}

/* Do both ends (`both`), or does one of them, lie inside a mapping, the same one? */
static bool cuts(uintptr_t first, uintptr_t end, bool both)
{
    struct maps maps = {.fd = (int)syscall(SYS_openat, AT_FDCWD, "/proc/self/maps", O_RDONLY | O_CLOEXEC)};
    bool does = false;
    for (int c = maps.fd < 0 ? -1 : 0; c != -1 && !does;) {
        uintptr_t from = next_address(&maps, '-'), to = next_address(&maps, ' ');
        bool cuts_first = from < first && first < to, cuts_end = from < end && end < to;
        does = both ? cuts_first && cuts_end : cuts_first || cuts_end;
        while ((c = next(&maps)) != '\n' && c != -1)
            ;
    }
    if (maps.fd >= 0)
        syscall(SYS_close, maps.fd);
    return does;
}

/* ---- */

static bool is_refused(long number, const long *arguments, int *error)
{
    uintptr_t first = (uintptr_t)arguments[0], length = (uintptr_t)arguments[1];
    *error = ENOMEM;
    if (number == SYS_munmap)
        return cuts(first, first + ((length + 4095) & ~(uintptr_t)4095), true);
    if (number == SYS_mprotect)
        return (arguments[2] & PROT_WRITE) == 0 && cuts(first, first + ((length + 4095) & ~(uintptr_t)4095), false);
    if (number == SYS_mremap)
        return (uintptr_t)arguments[2] < length && cuts(first + (uintptr_t)arguments[2], first + length, true);
    *error = EAGAIN;
    return number == SYS_madvise;
}

bool keep_refuses(long number, const long *arguments, int *error)
{
    int before = errno;
    bool is = keeps_now && is_refused(number, arguments, error);
    errno = before;
    if (is)
        atomic_fetch_add(&refused, 1);
    return is;
}
