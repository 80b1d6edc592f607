#include "harness/oracle/tests/candidates/hooks.h"

struct hooks hooks;

void *__rust_allocate(size_t size, size_t align) { return hooks.allocate(size, align); }
void *__rust_allocate_zeroed(size_t size, size_t align) { return hooks.allocate_zeroed(size, align); }
void __rust_deallocate(void *block, size_t old_size, size_t align) { hooks.deallocate(block, old_size, align); }

void *__rust_reallocate(void *block, size_t old_size, size_t size, size_t align)
{
    return hooks.reallocate(block, old_size, size, align);
}

size_t __rust_reallocate_inplace(void *block, size_t old_size, size_t size, size_t align)
{
    return hooks.reallocate_inplace(block, old_size, size, align);
}

size_t __rust_usable_size(size_t size, size_t align) { return hooks.usable_size(size, align); }
