#include "harness/candidate/operation.h"

const char *operation_name(enum operation operation)
{
    static const char *const names[OPERATIONS] = {
        [OP_ALLOCATE] = "allocate",
        [OP_ALLOCATE_ZEROED] = "allocate_zeroed",
        [OP_DEALLOCATE] = "deallocate",
        [OP_REALLOCATE] = "reallocate",
        [OP_REALLOCATE_INPLACE] = "reallocate_inplace",
        [OP_USABLE_SIZE] = "usable_size",
    };
    return names[operation];
}
