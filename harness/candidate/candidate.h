/* harness/candidate/candidate.h: an allocator somebody else wrote, loaded and bound, as six plain calls.
 *
 * Promises:
 * - candidate_open and candidate_bind say in one line why a library cannot be loaded or bound; they may allocate.
 * - After that, the calls below allocate nothing themselves, touch no errno, may be made from any thread at once, and
 *   reach the candidate through libffi and the ABI gate (gate.h), so that a callee that loses registers is noticed and
 *   survived. Arguments are passed on unchanged; every rule about them is the caller's.
 * - Nothing here judges: the oracle does.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/error.h"
#include "harness/candidate/operation.h"

struct binding;
struct candidate;

/* Loads the library at `path` as `binding` asks: by dlopen (now, local), or, where the binding says "preload", takes it from
 * the running process, into which the dynamic linker must have loaded it (LD_PRELOAD; it is an error if not). Resolves every
 * symbol and prepares every call. NULL with `error` set when it cannot. Never unloaded: candidates leave threads and handlers. */
struct candidate *candidate_open(const char *path, const struct binding *binding, struct error *error);

/* What the binding gives. An operation that is absent must not be called. */
bool candidate_has(const struct candidate *candidate, enum operation operation);

/* True where usable_size is a function of (size, align) alone, as the Rust contract has it; false where it can only be asked
 * of a block (malloc_usable_size) or not at all. */
bool candidate_has_pure_usable_size(const struct candidate *candidate);
bool candidate_has_block_usable_size(const struct candidate *candidate);

/* Largest alignment that may be asked of it (a power of two). */
size_t candidate_max_align(const struct candidate *candidate);

/* The address range of the loaded object, for "does this pointer come from it"; and the address an operation resolved to. */
bool candidate_owns_code(const struct candidate *candidate, const void *address);

void *candidate_allocate(const struct candidate *candidate, size_t size, size_t align);
void *candidate_allocate_zeroed(const struct candidate *candidate, size_t size, size_t align);
void candidate_deallocate(const struct candidate *candidate, void *block, size_t old_size, size_t align);
void *candidate_reallocate(const struct candidate *candidate, void *block, size_t old_size, size_t size, size_t align);
size_t candidate_reallocate_inplace(const struct candidate *candidate, void *block, size_t old_size, size_t size,
                                    size_t align);
size_t candidate_usable_size(const struct candidate *candidate, size_t size, size_t align);
size_t candidate_block_usable_size(const struct candidate *candidate, void *block);
