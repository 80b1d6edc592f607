/* The binary interface: six functions that exist, return, and leave the machine as the calling convention says. */
#include <errno.h>
#include <string.h>

#include "conformance/contract.h"
#include "conformance/scenario/process.h"
#include "conformance/scenario/run.h"

static const struct clause clauses[] = {
    {.id = "abi/complete",
     .level = LEVEL_MUST,
     .strength = "documented",
     .statement = "All six symbols are defined, once each, as functions, visible to a loader.",
     .source = "the page [P1]; allocators that lacked the sixth symbol [B20]",
     .why = "a program that needs the missing one does not link, or links it from elsewhere",
     .broken_by = "a symbol that is missing, hidden, data, or defined twice",
     .needs = NEEDS_RUST_SYMBOLS},
    {.id = "abi/returns",
     .level = LEVEL_MUST,
     .strength = "derived",
     .statement =
         "Every call returns to its caller: it neither crashes nor aborts, leaves the process or goes on for ever.",
     .source = "[A1] and [A18]: null is the only sign of failure, and 1.19's words allow aborting nowhere",
     .why = "a program dies, or stands still, in a call that could have answered null",
     .broken_by = "an assertion, a null pointer in a rare path, exit on exhaustion, a list that has become a ring"},
    {.id = "abi/no-unwind",
     .level = LEVEL_MUST,
     .strength = "required-by-std",
     .statement = "No call leaves by an exception or a longjmp.",
     .source = "[A18]: rustc declares the symbols nounwind",
     .why = "the compiler has left out what an unwinding needs",
     .broken_by = "operator new that throws; pthread_exit"},
    {.id = "abi/registers",
     .level = LEVEL_MUST,
     .strength = "derived",
     .statement =
         "A call keeps what the platform's calling convention says it keeps: callee-saved registers, direction flag, "
         "floating-point control words, stack pointer.",
     .source = "the System V psABI of the platform [psABI-x86-64] [psABI-i386]; the AAPCS on ARM [AAPCS32]",
     .why = "the caller goes on with wrong values, long after the call",
     .broken_by = "hand-written assembly; SIMD code that leaves the x87 stack or MXCSR changed",
     .needs = NEEDS_REGISTER_GATE},
    {.id = "abi/process-state",
     .level = LEVEL_SHOULD,
     .strength = "quality",
     .statement = "A call leaves the signal mask and handlers, the working directory, resource limits, umask, the open "
                  "descriptors and, when it succeeds, errno as they were, and prints nothing.",
     .source = "not promised anywhere; the caller of an allocator expects memory of it",
     .why = "a library deep below changes what the program set up, at a moment nobody can tell",
     .broken_by = "a handler for faults of its own; a message on exhaustion; errno left from a failed attempt that a "
                  "second one made good"},
};

/* All six operations, small and large, granted and refused: each is a path on which a register may be lost. */
static void all_operations(struct run *run)
{
    static const size_t sizes[] = {1, 24, 500, 4000, 5000, 40000, 300000, 3000000};
    size_t rounds = run_rounds(run, 20, 200);
    for (size_t round = 0; round < rounds && run_goes_on(run); round++) {
        size_t size = sizes[round % (sizeof sizes / sizeof *sizes)], align = run_align(run, run->heap.page);
        struct block *block = heap_allocate(&run->heap, size, align),
                     *zeroed = heap_allocate_zeroed(&run->heap, size, align);
        heap_allocate(&run->heap, SIZE_MAX - round, align);
        if (block != NULL && candidate_has(run->candidate, OP_REALLOCATE_INPLACE)) {
            heap_reallocate_inplace(&run->heap, block, run_old_size(run, block), size + 1);
            heap_reallocate_inplace(&run->heap, block, run_old_size(run, block), size > 100000 ? size * 2 : size * 40);
        }
        if (block != NULL) {
            heap_reallocate(&run->heap, block, run_old_size(run, block), size * 2);
            heap_reallocate(&run->heap, block, run_old_size(run, block), SIZE_MAX - round);
            heap_deallocate(&run->heap, block, run_old_size(run, block));
        }
        if (zeroed != NULL)
            heap_deallocate(&run->heap, zeroed, run_old_size(run, zeroed));
    }
}

/* The supervisor looks the symbols up in the file. What is left to show here is that those which the loader found can
 * be called. */
static void call_each(struct run *run)
{
    struct block *block = run_allocate(run, 10, 1, true);
    if (block == NULL)
        return;
    heap_reallocate_inplace(&run->heap, block, block->requested, 11);
    heap_reallocate(&run->heap, block, block->requested, 100);
    heap_deallocate(&run->heap, block, block->requested);
}

/* ---- the state of the process ---- */

enum { NO_ERROR = 4711 }; /* no errno of any system */

static void check_errno(struct run *run, const char *operation, size_t size, bool succeeded)
{
    if (succeeded && errno != NO_ERROR)
        run_violated(run, "abi/process-state", "errno is set before a call and read after it succeeded",
                     "errno as it was", "errno is %d after %s (size %zu)", errno, operation, size);
    errno = NO_ERROR;
}

/* Calls all six once. The checks of the heap leave errno alone. */
static void call_all(struct run *run, size_t size, size_t align)
{
    errno = NO_ERROR;
    struct block *zeroed = heap_allocate_zeroed(&run->heap, size, align);
    check_errno(run, "allocate_zeroed", size, zeroed != NULL);
    struct block *block = heap_allocate(&run->heap, size, align);
    check_errno(run, "allocate", size, block != NULL);
    if (block != NULL && candidate_has(run->candidate, OP_REALLOCATE_INPLACE))
        check_errno(run, "reallocate_inplace", size,
                    heap_reallocate_inplace(&run->heap, block, block->requested, size + 1));
    if (block != NULL && candidate_has(run->candidate, OP_REALLOCATE))
        check_errno(run, "reallocate", size * 3, heap_reallocate(&run->heap, block, block->requested, size * 3));
    heap_allocate(&run->heap, SIZE_MAX - size, align); /* must answer null and print nothing */
    errno = NO_ERROR;
    if (block != NULL)
        heap_deallocate(&run->heap, block, block->requested);
    if (zeroed != NULL)
        heap_deallocate(&run->heap, zeroed, zeroed->requested);
    check_errno(run, "deallocate", size, true);
}

static void process_state(struct run *run)
{
    struct process *before = run_scratch(run, sizeof *before), *after = run_scratch(run, sizeof *after);
    char difference[400];
    size_t top = run_rounds(run, 300000, 3000000);
    process_read(before);
    call_all(run, 100, 8);
    process_read(after);
    memcpy(before->open, after->open, sizeof before->open); /* what the first call opens for good is not judged */
    for (size_t size = 1; size < top && run_goes_on(run); size = size * 3 + 1) {
        call_all(run, size, run_align(run, 4096));
        process_read(after);
        run_exercised(run, "abi/process-state");
        if (!process_differs(before, after, difference, sizeof difference))
            continue;
        run_violated(run, "abi/process-state", "all six operations are called", "the process as it was",
                     "%s (at size %zu)", difference, size);
        return;
    }
}

static const struct scenario scenarios[] = {
    {.name = "abi/all-operations",
     .about = "all six operations, small and large, granted and refused, through the register gate",
     .clauses = "abi/returns abi/no-unwind abi/registers",
     .tags = "quick",
     .run = all_operations},
    {.name = "abi/process-state",
     .about = "signals, descriptors, limits, directory, errno and output, before and after",
     .clauses = "abi/process-state",
     .tags = "quality",
     .run = process_state},
    {.name = "abi/symbols",
     .about = "the six symbols are looked up in the file",
     .clauses = "abi/complete",
     .needs = NEEDS_RUST_SYMBOLS,
     .run = call_each},
};

CLAUSE_GROUP(abi, "abi", 10, clauses, scenarios);
