/* harness/candidate/binding_c.h: a binding as C source, for reproducers that stand alone.
 *
 * Promises: the text compiles without warnings as C11 behind #include <dlfcn.h>, <stddef.h>, <string.h> and <unistd.h>,
 * and holds nothing that was not asked for. It defines, all static:
 *
 *     const char *bind_library(void *library)     looks every symbol up, then calls the binding's init: the name of a
 * symbol that is missing, else NULL. `library` is what dlopen gave, or RTLD_DEFAULT where the binding says preload void
 * *allocate(size_t size, size_t align) void *allocate_zeroed(size_t size, size_t align) void deallocate(void *ptr,
 * size_t old_size, size_t align) void *reallocate(void *ptr, size_t old_size, size_t size, size_t align) size_t
 * reallocate_inplace(void *ptr, size_t old_size, size_t size, size_t align) size_t usable_size(size_t size, size_t
 * align) size_t block_usable_size(void *ptr) void enter_thread(void), leave_thread(void) to be called first and last in
 * every thread but the one that bound it
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "harness/candidate/operation.h"

struct binding;

enum {
    BINDING_C_BLOCK_USABLE_SIZE = 1 << OPERATIONS,
    BINDING_C_THREADS = 2 << OPERATIONS,
};

/* `operations` has bit 1u << OP_... of each operation wanted, and the bits above; an operation that the binding has not
 * is left out. False when the text could not be made (no memory). Allocates. */
bool binding_print_c(const struct binding *binding, unsigned operations, FILE *stream);
