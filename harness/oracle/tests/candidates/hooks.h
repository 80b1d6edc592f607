/* hooks.so has the six symbols. Each calls the function that the test put here, so a test writes its allocators itself.
 */
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
