/* hooks.so has the six symbols, and each calls what the test put here: a test writes its allocators itself. */
#pragma once

#include <stddef.h>

struct hooks {
    void *(*allocate)(size_t size, size_t align);
    void *(*allocate_zeroed)(size_t size, size_t align);
    void (*deallocate)(void *block, size_t old_size, size_t align);
    void *(*reallocate)(void *block, size_t old_size, size_t size, size_t align);
    size_t (*reallocate_inplace)(void *block, size_t old_size, size_t size, size_t align);
    size_t (*usable_size)(size_t size, size_t align);
};
