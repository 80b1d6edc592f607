#include "harness/candidate/c_function.h"

#include <string.h>

static const struct c_shape shapes[C_FUNCTIONS] = {
    [C_MALLOC] = {"malloc", C_MAKES, {C_SIZE}, false},
    [C_CALLOC] = {"calloc", C_MAKES, {C_COUNT, C_SIZE}, false},
    [C_REALLOC] = {"realloc", C_RESIZES, {C_POINTER, C_SIZE}, false},
    [C_REALLOCARRAY] = {"reallocarray", C_RESIZES, {C_POINTER, C_COUNT, C_SIZE}, false},
    [C_FREE] = {"free", C_FREES, {C_POINTER}, false},
    [C_ALIGNED_ALLOC] = {"aligned_alloc", C_MAKES, {C_ALIGN, C_SIZE}, false},
    [C_POSIX_MEMALIGN] = {"posix_memalign", C_MAKES, {C_OUT, C_ALIGN, C_SIZE}, true},
    [C_MEMALIGN] = {"memalign", C_MAKES, {C_ALIGN, C_SIZE}, false},
    [C_VALLOC] = {"valloc", C_MAKES, {C_SIZE}, false},
    [C_PVALLOC] = {"pvalloc", C_MAKES, {C_SIZE}, false},
    [C_MALLOC_USABLE_SIZE] = {"malloc_usable_size", C_ASKS, {C_POINTER}, false},
    [C_FREE_SIZED] = {"free_sized", C_FREES, {C_POINTER, C_SIZE}, false},
    [C_FREE_ALIGNED_SIZED] = {"free_aligned_sized", C_FREES, {C_POINTER, C_ALIGN, C_SIZE}, false},
    [C_REALLOCARR] = {"reallocarr", C_RESIZES, {C_OUT, C_COUNT, C_SIZE}, true},
};

const struct c_shape *c_shape(enum c_function function) { return &shapes[function]; }

const char *c_function_name(unsigned function) { return function < C_FUNCTIONS ? shapes[function].name : "?"; }

enum c_function c_function_find(const char *name, size_t length)
{
    for (int i = 0; i < C_FUNCTIONS; i++)
        if (strlen(shapes[i].name) == length && memcmp(shapes[i].name, name, length) == 0)
            return (enum c_function)i;
    return C_FUNCTIONS;
}

bool c_takes(enum c_function function, enum c_argument argument)
{
    for (int i = 0; i < C_ARGUMENTS_MAX; i++)
        if (shapes[function].arguments[i] == argument)
            return true;
    return false;
}
