/* The calls. Everything here may run while the candidate is the process's malloc and memory is short. */
#include "harness/candidate/candidate_model.h"

#include <string.h>

#include "harness/candidate/gate.h"

union word {
    size_t size;
    void *pointer;
    int number;
    unsigned char flag;
};

/* Where the binding leaves usable_size out, a block of `size` has `size` bytes. */
static size_t usable_size_of(const void *context, size_t size, size_t align)
{
    return candidate_has(context, OP_USABLE_SIZE) ? candidate_usable_size(context, size, align) : size;
}

static struct expression_inputs inputs_of(const struct candidate *candidate, void *block, size_t old_size, size_t size,
                                          size_t align)
{
    return (struct expression_inputs){
        .variable = {[VAR_SIZE] = size,
                     [VAR_ALIGN] = align,
                     [VAR_OLD_SIZE] = old_size,
                     [VAR_PTR] = (size_t)block,
                     [VAR_SIZEOF_POINTER] = sizeof(void *),
                     [VAR_PAGE_SIZE] = candidate->page_size},
        .usable_size = usable_size_of,
        .context = candidate,
    };
}

static void set_word(union word *word, enum type type, size_t value)
{
    if (type == TYPE_INT)
        word->number = (int)value;
    else if (type == TYPE_BOOL)
        word->flag = value != 0;
    else
        word->size = value; /* TYPE_POINTER too: all platforms have size_t as wide as a pointer */
}

static size_t result_word(enum type type, ffi_arg result)
{
    switch (type) {
    case TYPE_INT: return (size_t)(long)(int)result;
    case TYPE_BOOL: return (result & 0xff) != 0;
    case TYPE_VOID: return 0;
    default: return (size_t)result;
    }
}

/* Calls the function. Returns its result as a word. For a function with an out-parameter, returns what it stored there,
 * or NULL when its result was not 0. */
static size_t call_function(const struct candidate *candidate, const struct binding_call *call,
                            const struct expression_inputs *inputs)
{
    const struct function *function = &candidate->binding->functions[call->function];
    union word words[ARGUMENTS_MAX];
    void *values[ARGUMENTS_MAX], *out = NULL;
    bool has_out = false;
    ffi_arg result = 0;
    for (int i = 0; i < function->argument_count; i++) {
        values[i] = &words[i];
        if (function->argument[i] == TYPE_OUT) {
            words[i].pointer = &out;
            has_out = true;
        } else {
            set_word(&words[i], function->argument[i], expression_value(&call->argument[i], inputs));
        }
    }
    gate_function *entry = gate_enter(candidate->address[call->function]);
    ffi_call((ffi_cif *)&candidate->cif[call->function], entry, &result, values);
    gate_leave();
    size_t answer = result_word(function->result, result);
    return !has_out ? answer : answer == 0 ? (size_t)out : 0;
}

static size_t answer(const struct candidate *candidate, int slot, const struct expression_inputs *inputs)
{
    const struct alternative *alternative = alternatives_choose(&candidate->binding->slots[slot], inputs);
    if (alternative == NULL) /* an operation that is absent, or a case binding_check did not foresee */
        return 0;
    if (alternative->form == FORM_VALUE)
        return expression_value(&alternative->yes, inputs);
    if (alternative->form == FORM_ZERO) {
        void *block = candidate_allocate(candidate, inputs->variable[VAR_SIZE], inputs->variable[VAR_ALIGN]);
        return (size_t)(block != NULL ? memset(block, 0, inputs->variable[VAR_SIZE]) : NULL);
    }
    if (alternative->form == FORM_MOVE) {
        size_t old_size = inputs->variable[VAR_OLD_SIZE], size = inputs->variable[VAR_SIZE];
        void *old = (void *)inputs->variable[VAR_PTR],
             *block = candidate_allocate(candidate, size, inputs->variable[VAR_ALIGN]);
        if (block != NULL) {
            memmove(block, old, old_size < size ? old_size : size);
            candidate_deallocate(candidate, old, old_size, inputs->variable[VAR_ALIGN]);
        }
        return (size_t)block;
    }
    size_t result = call_function(candidate, &alternative->call, inputs);
    return alternative->yes.length == 0 ? result
                                        : expression_value(result ? &alternative->yes : &alternative->no, inputs);
}

void *candidate_allocate(const struct candidate *candidate, size_t size, size_t align)
{
    struct expression_inputs inputs = inputs_of(candidate, NULL, 0, size, align);
    return (void *)answer(candidate, OP_ALLOCATE, &inputs);
}

void *candidate_allocate_zeroed(const struct candidate *candidate, size_t size, size_t align)
{
    struct expression_inputs inputs = inputs_of(candidate, NULL, 0, size, align);
    return (void *)answer(candidate, OP_ALLOCATE_ZEROED, &inputs);
}

void candidate_deallocate(const struct candidate *candidate, void *block, size_t old_size, size_t align)
{
    struct expression_inputs inputs = inputs_of(candidate, block, old_size, 0, align);
    answer(candidate, OP_DEALLOCATE, &inputs);
}

void *candidate_reallocate(const struct candidate *candidate, void *block, size_t old_size, size_t size, size_t align)
{
    struct expression_inputs inputs = inputs_of(candidate, block, old_size, size, align);
    return (void *)answer(candidate, OP_REALLOCATE, &inputs);
}

size_t candidate_reallocate_inplace(const struct candidate *candidate, void *block, size_t old_size, size_t size,
                                    size_t align)
{
    struct expression_inputs inputs = inputs_of(candidate, block, old_size, size, align);
    return answer(candidate, OP_REALLOCATE_INPLACE, &inputs);
}

size_t candidate_usable_size(const struct candidate *candidate, size_t size, size_t align)
{
    struct expression_inputs inputs = inputs_of(candidate, NULL, 0, size, align);
    return answer(candidate, OP_USABLE_SIZE, &inputs);
}

size_t candidate_block_usable_size(const struct candidate *candidate, void *block)
{
    struct expression_inputs inputs = inputs_of(candidate, block, 0, 0, 0);
    return answer(candidate, BLOCK_USABLE_SIZE, &inputs);
}

static size_t call_hook(const struct candidate *candidate, const struct binding_call *hook)
{
    struct expression_inputs inputs = inputs_of(candidate, NULL, 0, 0, 0);
    return hook->function < 0 ? 0 : call_function(candidate, hook, &inputs);
}

bool candidate_start(const struct candidate *candidate) { return call_hook(candidate, &candidate->binding->init) == 0; }

void candidate_enter_thread(const struct candidate *candidate)
{
    storage_make(&candidate->storage);
    call_hook(candidate, &candidate->binding->thread_init);
}

void candidate_leave_thread(const struct candidate *candidate)
{
    call_hook(candidate, &candidate->binding->thread_exit);
}

bool candidate_is_told_of_threads(const struct candidate *candidate)
{
    return candidate->binding->thread_init.function >= 0 || candidate->binding->thread_exit.function >= 0;
}

bool candidate_has(const struct candidate *candidate, enum operation operation)
{
    return binding_has(candidate->binding, operation);
}

bool candidate_calls(const struct candidate *candidate, enum operation operation)
{
    const struct alternatives *alternatives = &candidate->binding->slots[operation];
    for (int i = 0; i < alternatives->count; i++)
        if (alternatives->list[i].form != FORM_VALUE)
            return true;
    return false;
}

bool candidate_has_pure_usable_size(const struct candidate *candidate)
{
    return candidate_has(candidate, OP_USABLE_SIZE);
}

bool candidate_has_block_usable_size(const struct candidate *candidate)
{
    return candidate->binding->slots[BLOCK_USABLE_SIZE].count > 0;
}

size_t candidate_max_align(const struct candidate *candidate) { return candidate->binding->max_align; }

bool candidate_owns_code(const struct candidate *candidate, const void *address)
{
    return (const char *)address >= candidate->low && (const char *)address < candidate->high;
}
