/* C's malloc family, as ISO C23, POSIX.1-2024 and, for what is in neither, the system's manual have it.
 *
 * The clauses about C's own functions are at home here (conformance/clauses/c/). What every allocator owes is adopted
 * below: the scenarios that exercise it make their calls through the binding, which spells them with C's functions.
 */
#include "conformance/contract.h"

static const struct adopted adopted[] = {
    {"abi/returns", LEVEL_MUST, "a function returns to its caller; failure is a null pointer [C23-general]"},
    {"abi/no-unwind", LEVEL_MUST, "C has no exceptions, and its callers no tables to unwind by [C23-general]"},
    {"abi/registers", LEVEL_MUST, "the platform's calling convention [psABI-x86-64] [psABI-i386] [AAPCS32]"},
    {"abi/process-state", LEVEL_SHOULD, "not promised anywhere; programs count on it"},
    {"alignment/allocate", LEVEL_MUST, "[C23-general] for what fits, [POSIX-posix-memalign] for more"},
    {"alignment/allocate-zeroed", LEVEL_MUST, "[C23-general] [POSIX-posix-memalign]"},
    {"alignment/reallocate", LEVEL_MUST, "[C23-general] [POSIX-posix-memalign]"},
    {"alignment/above-page", LEVEL_MUST, "[POSIX-posix-memalign]: an alignment that is not served is refused"},
    {"block/accessible", LEVEL_MUST, "[C23-general]"},
    {"block/disjoint", LEVEL_MUST, "[C23-general]: each allocation yields an object disjoint from any other"},
    {"block/undisturbed", LEVEL_MUST, "[C23-lifetime]"},
    {"block/no-wrapped-size", LEVEL_MUST,
     "[C23-general]: space that cannot be allocated is answered with a null pointer"},
    {"usable-size/at-least-size", LEVEL_MUST, "[man-usable-size]"},
    {"usable-size/slack-owned", LEVEL_SHOULD,
     "[man-usable-size]: the manual advises against the use of the surplus bytes"},
    {"zeroing/allocate-zeroed", LEVEL_MUST, "[C23-calloc]"},
    {"zeroing/slack", LEVEL_OBSERVED, "left open [C23-calloc]"},
    {"reallocate/contents", LEVEL_MUST, "[C23-realloc]"},
    {"reallocate/failure-intact", LEVEL_MUST, "[C23-realloc]"},
    {"reallocate/shrink-succeeds", LEVEL_OBSERVED, "left open [C23-realloc]"},
    {"deallocate/reuse", LEVEL_SHOULD, "[C23-free]: freed space is made available for further allocation"},
    {"early/calls", LEVEL_MUST, "[gABI-init]: another library's constructor may call malloc first [C23-general]"},
    {"exhaustion/null", LEVEL_MUST, "[C23-general]"},
    {"exhaustion/recovers", LEVEL_MUST, "[C23-general] [C23-lifetime]"},
    {"threads/concurrent", LEVEL_MUST, "[C23-threads]"},
    {"threads/foreign-free", LEVEL_MUST, "[C23-threads]"},
    {"threads/progress", LEVEL_MUST, "[C23-threads]"},
    {"threads/fork", LEVEL_SHOULD, "[POSIX-fork] allows it only to what is async-signal-safe; programs count on more"},
    {"threads/small-stacks", LEVEL_SHOULD,
     "[C23-threads] says nothing of stacks; programs with many threads give them small ones"},
    {"threads/least-stacks", LEVEL_SHOULD, "not promised anywhere; programs may ask for it"},
    {"hygiene/no-exec", LEVEL_SHOULD, "not promised anywhere; a matter of safety"},
    {"hygiene/leaks", LEVEL_SHOULD, "not promised anywhere"},
};

CONTRACT(c_malloc, "malloc", "C's malloc and its family: ISO C23, POSIX.1-2024 and the system's manual", adopted);
