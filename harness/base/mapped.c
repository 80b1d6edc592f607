#include "harness/base/mapped.h"

#include <sys/mman.h>

enum { SAMPLES = 64 };

static bool all_by_msync(uintptr_t first, size_t size)
{
    const size_t piece = (size_t)256 << 20;
    for (size_t done = 0; done < size; done += piece)
        if (msync((void *)(first + done), size - done < piece ? size - done : piece, MS_ASYNC) != 0)
            return false;
    return true;
}

/* The first page, the last, and some between. */
static bool some_by_mincore(uintptr_t first, size_t pages, size_t page)
{
    unsigned char answer;
    size_t stride = pages / SAMPLES + 1;
    for (size_t at = 0; at < pages; at += stride)
        if (mincore((void *)(first + at * page), page, &answer) != 0)
            return false;
    return mincore((void *)(first + (pages - 1) * page), page, &answer) == 0;
}

bool is_mapped(uintptr_t address, size_t size, size_t page)
{
    uintptr_t first = address & ~(uintptr_t)(page - 1);
    if (size == 0 || address + (size - 1) < address)
        return false;
    size_t pages = (size_t)(address + (size - 1) - first) / page + 1;
    return all_by_msync(first, size + (size_t)(address - first)) && some_by_mincore(first, pages, page);
}
