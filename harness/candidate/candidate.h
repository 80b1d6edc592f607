/* harness/candidate/candidate.h: an allocator that somebody else wrote, loaded and bound, as six plain calls.
 *
 * Promises:
 * - candidate_open says in one line why a library cannot be loaded or bound. It may allocate.
 * - After that, the calls below allocate nothing themselves, touch no errno, and may be made from any thread at once.
 *   They reach the candidate through libffi and the gate (gate.h), so that a callee that loses registers is noticed and
 *   survived. Arguments are passed on unchanged; the caller answers for every rule about them.
 * - Nothing here judges: the oracle does.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/error.h"
#include "harness/candidate/operation.h"

struct binding;
struct candidate;

/* Loads the library at `path` as `binding` asks: by dlopen (now, local), or, where the binding says "preload", by
 * taking it from the running process, into which the dynamic linker must have loaded it (LD_PRELOAD; it is an error if
 * not). Resolves every symbol and prepares every call. NULL with `error` when it cannot. A library is never unloaded,
 * because candidates leave threads and handlers behind. */
struct candidate *candidate_open(const char *path, const struct binding *binding, struct error *error);

/* True when `error` says that the library wants more static thread-local storage than the dynamic linker
 * keeps in reserve: run this program again with GLIBC_TUNABLES=glibc.rtld.optional_static_tls=BYTES and it
 * will load. */
bool error_is_static_tls(const struct error *error);

/* Loads the library as candidate_open does and counts the symbols of the binding that it does not define; the
 * names of the first `capacity` go to `missing`. -1 with `error` set when it cannot be loaded. */
int candidate_missing_symbols(const char *path, const struct binding *binding, const char **missing, int capacity,
                              struct error *error);

/* Every thread that calls the candidate, except the one that opened it, calls the first of these before all else and
 * the second at its end. Some allocators need that (rpmalloc). All of them have their thread-local variables from then
 * on (storage.h). */
void candidate_enter_thread(const struct candidate *candidate);
void candidate_leave_thread(const struct candidate *candidate);
/* True where the binding names such a function. A thread that has left must not call the candidate any more. */
bool candidate_is_told_of_threads(const struct candidate *candidate);

/* What the binding gives. An operation that is absent must not be called. */
bool candidate_has(const struct candidate *candidate, enum operation operation);

/* Does the operation ever call the candidate? It does not where the binding works out every answer by itself (`value`),
 * or leaves the operation out. */
bool candidate_calls(const struct candidate *candidate, enum operation operation);

/* The first is true where usable_size is a function of (size, align) alone, as in the Rust contract: the same as
 * candidate_has(OP_USABLE_SIZE). The second is true where it can be asked of a block (malloc_usable_size). Either, both
 * or none may hold. */
bool candidate_has_pure_usable_size(const struct candidate *candidate);
bool candidate_has_block_usable_size(const struct candidate *candidate);

/* Largest alignment that may be asked of it (a power of two). */
size_t candidate_max_align(const struct candidate *candidate);

/* True when `address` lies in the loaded object itself (code or data), which tells whether a program counter comes from
 * it. */
bool candidate_owns_code(const struct candidate *candidate, const void *address);

void *candidate_allocate(const struct candidate *candidate, size_t size, size_t align);
void *candidate_allocate_zeroed(const struct candidate *candidate, size_t size, size_t align);
void candidate_deallocate(const struct candidate *candidate, void *block, size_t old_size, size_t align);
void *candidate_reallocate(const struct candidate *candidate, void *block, size_t old_size, size_t size, size_t align);
size_t candidate_reallocate_inplace(const struct candidate *candidate, void *block, size_t old_size, size_t size,
                                    size_t align);
size_t candidate_usable_size(const struct candidate *candidate, size_t size, size_t align);
size_t candidate_block_usable_size(const struct candidate *candidate, void *block);
