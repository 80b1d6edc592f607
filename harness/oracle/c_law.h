/* harness/oracle/c_law.h: what a call of a C function must keep beside the laws of every block (internal to the
 * oracle).
 *
 * Promises: checks only; calls nothing of the candidate's. Sources stand with each rule.
 */
#pragma once

#include "harness/oracle/c_heap.h"
#include "harness/oracle/call.h"

struct c_try {
    struct call call;
    enum c_function function;
    size_t first;     /* count or alignment */
    size_t bytes;     /* asked for in all; meaningless when `overflows` */
    bool overflows;   /* the product has no size_t */
    bool is_resize;   /* of a block that was there */
    uintptr_t before; /* what the out-parameter held */
    int errno_before;
    struct c_answer answer;
    uintptr_t address; /* of the block that came back; 0: null */
};

/* What a crash or hang in this call breaks; -1: nothing special. */
int c_crash_clause(const struct c_try *try, const struct heap *heap, bool of_null);

/* The function answered that there is no block. */
void c_check_failure(const struct c_try *try);

/* It answered with a block. False: the block cannot be what was asked for, and is left alone. */
bool c_check_success(const struct c_try *try);

/* It ended a block, or did nothing to a null pointer. */
void c_check_free(const struct c_try *try, bool of_null);
