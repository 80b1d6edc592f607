/* A library that is given memory and gives it back. */
#include <stddef.h>

void __rust_deallocate(void *block, size_t old_size, size_t align);

void finish(void *block) { __rust_deallocate(block, 4096, 64); }
