/* harness/candidate/binding_c.h: a binding as C source, for reproducers that need nothing of this program.
 *
 * Promises: the text compiles without warnings as C11 behind #include <dlfcn.h>, <stddef.h>, <string.h> and
 * <unistd.h>, and holds nothing that is not needed. It defines, all static:
 *     const char *bind_library(void *library)
 *         looks every symbol up and calls the binding's init; the name of a symbol that is missing, else
 * NULL. `library` is what dlopen gave, or RTLD_DEFAULT where the binding says preload. and of the operations
 * asked for void *allocate(size_t size, size_t align) void *allocate_zeroed(size_t size, size_t align) void
 * deallocate(void *ptr, size_t old_size, size_t align) void *reallocate(void *ptr, size_t old_size, size_t
 * size, size_t align) size_t reallocate_inplace(void *ptr, size_t old_size, size_t size, size_t align) size_t
 * usable_size(size_t size, size_t align)
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "harness/candidate/operation.h"

struct binding;

/* `operations` has bit 1u << OP_... of each operation wanted; one that the binding has not is left out. False
 * when the text could not be made (no memory). Allocates. */
bool binding_print_c(const struct binding *binding, unsigned operations, FILE *stream);
