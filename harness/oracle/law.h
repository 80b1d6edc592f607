/* harness/oracle/law.h: what the oracle itself can see broken, by the clause ids of the contract.
 *
 * Promises: one row a law. A law counts only where the contract in force has a clause of that id. A contract without
 * in-place resizing, say, has no clauses for it, and what the oracle sees of it counts nowhere.
 */
#pragma once

#define LAWS(X)                                             \
    X(LAW_RETURNS, "abi/returns")                           \
    X(LAW_NO_UNWIND, "abi/no-unwind")                       \
    X(LAW_REGISTERS, "abi/registers")                       \
    X(LAW_ALIGN_ALLOCATE, "alignment/allocate")             \
    X(LAW_ALIGN_ZEROED, "alignment/allocate-zeroed")        \
    X(LAW_ALIGN_REALLOCATE, "alignment/reallocate")         \
    X(LAW_ALIGN_ABOVE_PAGE, "alignment/above-page")         \
    X(LAW_ACCESSIBLE, "block/accessible")                   \
    X(LAW_DISJOINT, "block/disjoint")                       \
    X(LAW_UNDISTURBED, "block/undisturbed")                 \
    X(LAW_NO_WRAP, "block/no-wrapped-size")                 \
    X(LAW_AT_LEAST_SIZE, "usable-size/at-least-size")       \
    X(LAW_PURE, "usable-size/pure")                         \
    X(LAW_SLACK_OWNED, "usable-size/slack-owned")           \
    X(LAW_ZEROED, "zeroing/allocate-zeroed")                \
    X(LAW_ZEROED_SLACK, "zeroing/slack")                    \
    X(LAW_CONTENTS, "reallocate/contents")                  \
    X(LAW_SLACK_CONTENTS, "reallocate/slack-contents")      \
    X(LAW_FAILURE_INTACT, "reallocate/failure-intact")      \
    X(LAW_REALLOCATE_OLD_SIZE, "reallocate/old-size-range") \
    X(LAW_SHRINK_SUCCEEDS, "reallocate/shrink-succeeds")    \
    X(LAW_INPLACE_ANSWER, "in-place/answer")                \
    X(LAW_INPLACE_GROWN, "in-place/grown-capacity")         \
    X(LAW_INPLACE_SHRUNK, "in-place/shrunk")                \
    X(LAW_INPLACE_CONTENTS, "in-place/contents")            \
    X(LAW_INPLACE_REFUSAL, "in-place/refusal-intact")       \
    X(LAW_INPLACE_NO_OP, "in-place/no-op")                  \
    X(LAW_DEALLOCATE_OLD_SIZE, "deallocate/old-size-range") \
    X(LAW_EXHAUSTION_NULL, "exhaustion/null")               \
    X(LAW_EXHAUSTION_RECOVERS, "exhaustion/recovers")       \
    X(LAW_C_ALIGNMENT, "c/alignment")                       \
    X(LAW_C_ALIGNED, "c/aligned")                           \
    X(LAW_C_PRODUCT, "c/product")                           \
    X(LAW_C_PTRDIFF, "c/above-ptrdiff-max")                 \
    X(LAW_C_CODE, "c/posix-memalign-code")                  \
    X(LAW_C_OUT, "c/posix-memalign-out")                    \
    X(LAW_C_REALLOCARR, "c/reallocarr-code")                \
    X(LAW_C_ERRNO, "c/errno-on-failure")                    \
    X(LAW_C_ERRNO_OLD, "c/errno-of-old-functions")          \
    X(LAW_C_ERRNO_SUCCESS, "c/errno-on-success")            \
    X(LAW_C_FREE_ERRNO, "c/free-keeps-errno")               \
    X(LAW_C_FREE_NULL, "c/free-null")                       \
    X(LAW_C_SIZED_FREE, "c/sized-free")                     \
    X(LAW_C_REALLOC_NULL, "c/realloc-null")                 \
    X(LAW_C_USABLE_NULL, "c/usable-size-null")              \
    X(LAW_C_ZERO_SIZE, "c/zero-size")                       \
    X(LAW_C_ZERO_ALIGNED, "c/zero-with-alignment")          \
    X(LAW_C_ALIGNED_LENIENT, "c/aligned-alloc-multiple")

enum law {
#define LAW_ENUM(name, id) name,
    LAWS(LAW_ENUM)
#undef LAW_ENUM
        LAW_COUNT
};

/* The clause id of a law. */
const char *law_id(enum law law);
