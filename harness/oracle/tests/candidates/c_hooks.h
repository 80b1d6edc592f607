/* c_hooks.so has C's functions behind the prefix "hk_", and each calls what the test put here. It lacks reallocarr. */
#pragma once

#include <stddef.h>

struct c_hooks {
    void *(*malloc)(size_t size);
    void *(*calloc)(size_t count, size_t size);
    void *(*realloc)(void *block, size_t size);
    void *(*reallocarray)(void *block, size_t count, size_t size);
    void (*free)(void *block);
    void *(*aligned_alloc)(size_t align, size_t size);
    int (*posix_memalign)(void **out, size_t align, size_t size);
    void *(*valloc)(size_t size);
    size_t (*malloc_usable_size)(void *block);
    void (*free_sized)(void *block, size_t size);
    void (*free_aligned_sized)(void *block, size_t align, size_t size);
};
