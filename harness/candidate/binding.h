/* harness/candidate/binding.h: how a given library spells the six operations, read from a text file.
 *
 * Promises: a file with an error is refused as a whole, with one line "FILE:LINE: what was found, what was expected".
 * The syntax is documented in conformance/bindings/README.md. Bindings live as long as the process.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/error.h"
#include "harness/candidate/operation.h"

struct binding;

enum binding_load { BINDING_DLOPEN, BINDING_PRELOAD };

/* What deallocate and reallocate take for old_size: any value from the requested size to usable_size, the
 * requested size alone, or whatever they get. */
enum binding_old_size { OLD_SIZE_RANGE, OLD_SIZE_EXACT, OLD_SIZE_IGNORED };

/* Loads one binding: a path (contains '/' or ends in ".binding") or the name of a shipped one, looked for in
 * `directory`. */
const struct binding *binding_load(const char *name_or_path, const char *directory, struct error *error);

/* Loads every *.binding file of `directory`, most specific first (then by name). Returns the number, or -1
 * with `error`. */
int binding_load_all(const char *directory, const struct binding **bindings, int capacity, struct error *error);

const char *binding_name(const struct binding *binding);
const char *binding_about(const struct binding *binding);
enum binding_load binding_load_mode(const struct binding *binding);
enum binding_old_size binding_old_size(const struct binding *binding);
bool binding_has(const struct binding *binding, enum operation operation);
/* Does it name a call to be made before any other? */
bool binding_has_init(const struct binding *binding);
/* Can usable_size be asked of a block (malloc_usable_size)? */
bool binding_has_block_usable_size(const struct binding *binding);

/* True where the contract names the symbols themselves (rust-1.19): a library that defines some of them and
 * not all is not "unfit", it breaks abi/complete. */
bool binding_symbols_are_contract(const struct binding *binding);

/* The name of the i-th contract that the binding serves; NULL past the last. It is judged by the first unless another
 * is asked for. */
const char *binding_contract(const struct binding *binding, int index);
bool binding_serves(const struct binding *binding, const char *contract);

/* The contract of C's malloc family. A binding that serves it calls C's functions (c_function.h) by their own names,
 * with binding_prefix before each. */
#define BINDING_C_CONTRACT "malloc"
const char *binding_prefix(const struct binding *binding);

/* The i-th symbol the binding needs, NULL past the last. */
const char *binding_symbol(const struct binding *binding, int index);

/* True when the candidate is the process's own malloc (it is preloaded): whoever calls malloc calls the candidate. */
static inline bool binding_replaces_malloc(const struct binding *binding)
{
    return binding_load_mode(binding) == BINDING_PRELOAD;
}
