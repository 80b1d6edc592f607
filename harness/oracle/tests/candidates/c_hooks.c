#include "harness/oracle/tests/candidates/c_hooks.h"

struct c_hooks c_hooks;

void *hk_malloc(size_t size) { return c_hooks.malloc(size); }
void *hk_calloc(size_t count, size_t size) { return c_hooks.calloc(count, size); }
void *hk_realloc(void *block, size_t size) { return c_hooks.realloc(block, size); }
void *hk_reallocarray(void *block, size_t count, size_t size) { return c_hooks.reallocarray(block, count, size); }
void hk_free(void *block) { c_hooks.free(block); }
void *hk_aligned_alloc(size_t align, size_t size) { return c_hooks.aligned_alloc(align, size); }
int hk_posix_memalign(void **out, size_t align, size_t size) { return c_hooks.posix_memalign(out, align, size); }
void *hk_memalign(size_t align, size_t size) { return c_hooks.aligned_alloc(align, size); }
void *hk_valloc(size_t size) { return c_hooks.valloc(size); }
void *hk_pvalloc(size_t size) { return c_hooks.valloc(size); }
size_t hk_malloc_usable_size(void *block) { return c_hooks.malloc_usable_size(block); }
void hk_free_sized(void *block, size_t size) { c_hooks.free_sized(block, size); }
void hk_free_aligned_sized(void *block, size_t align, size_t size) { c_hooks.free_aligned_sized(block, align, size); }
