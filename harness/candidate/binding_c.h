/* harness/candidate/binding_c.h: prints a binding as C source, for reproducers that stand alone.
 *
 * Promises: the text compiles without warnings as C11 behind #include <dlfcn.h>, <stddef.h>, <string.h> and <unistd.h>,
 * and holds nothing that was not asked for. It defines these functions, all static:
 *
 * - const char *bind_library(void *library)
 * - void *allocate(size_t size, size_t align)
 * - void *allocate_zeroed(size_t size, size_t align)
 * - void deallocate(void *ptr, size_t old_size, size_t align)
 * - void *reallocate(void *ptr, size_t old_size, size_t size, size_t align)
 * - size_t reallocate_inplace(void *ptr, size_t old_size, size_t size, size_t align)
 * - size_t usable_size(size_t size, size_t align)
 * - size_t block_usable_size(void *ptr)
 * - void enter_thread(void), leave_thread(void)
 *
 * bind_library looks up every symbol and then calls the binding's init. It returns the name of a symbol that is
 * missing, else NULL. `library` is what dlopen returned, or RTLD_DEFAULT where the binding says preload. Every thread
 * but the one that bound the library calls enter_thread first and leave_thread last.
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

/* `operations` has the bit 1u << OP_... of each operation wanted, and the bits above. An operation that the binding
 * lacks is left out. False when there is no memory for the text. Allocates. */
bool binding_print_c(const struct binding *binding, unsigned operations, FILE *stream);
