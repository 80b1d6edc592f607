#include "harness/candidate/c_call.h"

#include <errno.h>

#include "harness/candidate/candidate_model.h"
#include "harness/candidate/gate.h"

static ffi_type *ffi_type_of(enum c_argument argument)
{
    bool is_word = argument == C_SIZE || argument == C_COUNT || argument == C_ALIGN;
    return !is_word ? &ffi_type_pointer : sizeof(size_t) == 8 ? &ffi_type_uint64 : &ffi_type_uint32;
}

static ffi_type *result_type(const struct c_shape *shape)
{
    return shape->answers_code ? &ffi_type_sint32 : shape->role == C_FREES ? &ffi_type_void : &ffi_type_pointer;
}

bool candidate_prepare_c(struct candidate *candidate)
{
    for (int function = 0; function < C_FUNCTIONS; function++) {
        const struct c_shape *shape = c_shape((enum c_function)function);
        unsigned count = 0;
        for (; count < C_ARGUMENTS_MAX && shape->arguments[count] != C_NO_ARGUMENT; count++)
            candidate->c_types[function][count] = ffi_type_of(shape->arguments[count]);
        if (ffi_prep_cif(&candidate->c_cif[function], FFI_DEFAULT_ABI, count, result_type(shape),
                         candidate->c_types[function]) != FFI_OK)
            return false;
    }
    return true;
}

bool candidate_has_c(const struct candidate *candidate, enum c_function function)
{
    return candidate->c_address[function] != NULL;
}

struct c_answer candidate_call_c(const struct candidate *candidate, const struct c_request *request)
{
    const struct c_shape *shape = c_shape(request->function);
    size_t words[C_ARGUMENTS_MAX];
    void *values[C_ARGUMENTS_MAX], *out = request->pointer;
    for (int i = 0; i < C_ARGUMENTS_MAX && shape->arguments[i] != C_NO_ARGUMENT; i++) {
        words[i] = shape->arguments[i] == C_POINTER ? (size_t)request->pointer
                   : shape->arguments[i] == C_OUT   ? (size_t)&out
                   : shape->arguments[i] == C_SIZE  ? request->size
                                                    : request->first;
        values[i] = &words[i];
    }
    ffi_arg result = 0;
    gate_function *entry = gate_enter(candidate->c_address[request->function]);
    errno = request->errno_before;
    ffi_call((ffi_cif *)&candidate->c_cif[request->function], entry, &result, values);
    int errno_after = errno;
    gate_leave();
    uintptr_t word = shape->role == C_FREES ? 0
                     : shape->answers_code  ? (uintptr_t)(intptr_t)(int)result
                                            : (uintptr_t)result;
    return (struct c_answer){.result = word, .out = (uintptr_t)out, .errno_after = errno_after};
}
