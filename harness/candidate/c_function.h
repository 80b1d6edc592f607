/* harness/candidate/c_function.h: the functions of C's malloc family, by number, by name and by shape.
 *
 * Promises: one table says what each function takes and does, and the calls (c_call.h), the oracle (c_heap.h) and the
 * trace use it. Sources: ISO C23 7.24.3 (malloc, calloc, realloc, free, free_sized, free_aligned_sized, aligned_alloc);
 * POSIX.1-2024 (posix_memalign, reallocarray); the Linux manual page posix_memalign(3) (memalign, valloc, pvalloc);
 * malloc_usable_size(3); NetBSD's reallocarr(3).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum c_function {
    C_MALLOC,
    C_CALLOC,
    C_REALLOC,
    C_REALLOCARRAY,
    C_FREE,
    C_ALIGNED_ALLOC,
    C_POSIX_MEMALIGN,
    C_MEMALIGN,
    C_VALLOC,
    C_PVALLOC,
    C_MALLOC_USABLE_SIZE,
    C_FREE_SIZED,
    C_FREE_ALIGNED_SIZED,
    C_REALLOCARR,
    C_FUNCTIONS
};

/* What a function does with blocks. */
enum c_role {
    C_MAKES,   /* makes one */
    C_RESIZES, /* takes one, or a null pointer, and gives it another size */
    C_FREES,   /* takes one, or a null pointer, and ends it */
    C_ASKS,    /* says something about one, or about a null pointer */
};

/* What an argument is. Arguments stand in the function's own order. */
enum c_argument {
    C_NO_ARGUMENT,
    C_POINTER, /* the block */
    C_OUT,     /* the address of a pointer, which the function may write */
    C_SIZE,    /* a size in bytes */
    C_COUNT,   /* a number of elements; the size is that of one of them */
    C_ALIGN,   /* an alignment in bytes */
};

enum { C_ARGUMENTS_MAX = 3 };

struct c_shape {
    const char *name;
    enum c_role role;
    enum c_argument arguments[C_ARGUMENTS_MAX];
    bool answers_code; /* the result is an int, 0 for success, and the block comes through C_OUT */
};

/* Static storage. */
const struct c_shape *c_shape(enum c_function function);

/* "malloc" ...; "?" for a number that is no function's. */
const char *c_function_name(unsigned function);

/* The function whose name is the first `length` bytes of `name`; C_FUNCTIONS when there is none. */
enum c_function c_function_find(const char *name, size_t length);

/* Does it take such an argument? */
bool c_takes(enum c_function function, enum c_argument argument);

/* The number of bytes that a count and a size ask for. False when the product does not fit a size_t. */
static inline bool c_product(uint64_t count, uint64_t size, size_t *bytes)
{
    size_t narrow_count = (size_t)count, narrow_size = (size_t)size;
    return narrow_count == count && narrow_size == size && !__builtin_mul_overflow(narrow_count, narrow_size, bytes);
}
