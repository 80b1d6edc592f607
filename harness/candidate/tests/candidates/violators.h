/* The functions of violators.c, found there by name. */
#pragma once

#include <stdint.h>

uintptr_t sum_of_eight(uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d, uintptr_t e, uintptr_t f, uintptr_t g,
                       uintptr_t h);
