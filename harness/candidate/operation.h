/* harness/candidate/operation.h: the six operations, by number and by name.
 *
 * Promises: every module that speaks of an operation (bindings, oracle, trace, report) uses these numbers and names.
 */
#pragma once

enum operation {
    OP_ALLOCATE,
    OP_ALLOCATE_ZEROED,
    OP_DEALLOCATE,
    OP_REALLOCATE,
    OP_REALLOCATE_INPLACE,
    OP_USABLE_SIZE,
    OPERATIONS
};

/* "allocate", "allocate_zeroed", "deallocate", "reallocate", "reallocate_inplace", "usable_size". */
const char *operation_name(enum operation operation);
