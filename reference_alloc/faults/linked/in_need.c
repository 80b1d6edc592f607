/* A library that needs an allocator. */
#include <stddef.h>

void *__rust_allocate(size_t size, size_t align);

void *table(void) { return __rust_allocate(4096, 64); }
