/* harness/candidate/candidate_model.h: what an open candidate is made of. Private to harness/candidate. */
#pragma once

#include <ffi.h>

#include "harness/candidate/binding_model.h"
#include "harness/candidate/c_function.h"
#include "harness/candidate/candidate.h"
#include "harness/candidate/gate.h"
#include "harness/candidate/storage.h"

struct candidate {
    const struct binding *binding;
    gate_function *address[FUNCTIONS_MAX]; /* by the binding's function index */
    ffi_cif cif[FUNCTIONS_MAX];
    ffi_type *types[FUNCTIONS_MAX][ARGUMENTS_MAX]; /* the cifs point here */
    gate_function *c_address[C_FUNCTIONS]; /* NULL: the candidate lacks it, or the binding does not speak of it */
    ffi_cif c_cif[C_FUNCTIONS];
    ffi_type *c_types[C_FUNCTIONS][C_ARGUMENTS_MAX];
    const char *low, *high; /* the loaded object, [low, high) */
    struct storage storage; /* the process's thread-local variables, once it was loaded */
    void *handle;           /* of the dynamic linker; NULL where it was preloaded */
    const char *name;       /* the dynamic linker's own for the object */
    size_t page_size;
};

/* Calls the binding's init. False when it answered with a failure (an int other than 0). */
bool candidate_start(const struct candidate *candidate);

/* Prepares the calls of C's functions. False: libffi cannot make them. */
bool candidate_prepare_c(struct candidate *candidate);
