#include "harness/oracle/pages.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* since Linux 5.14 */
#endif

enum { FEW = 64 << 10 };

void pages_bring(const void *block, size_t size)
{
    static _Atomic bool is_unknown;
    if (size < FEW || is_unknown)
        return;
    uintptr_t page = (uintptr_t)getpagesize(), begin = (uintptr_t)block & ~(page - 1);
    if (madvise((void *)begin, (uintptr_t)block + size - begin, MADV_POPULATE_WRITE) != 0 && errno == EINVAL)
        is_unknown = true;
}
