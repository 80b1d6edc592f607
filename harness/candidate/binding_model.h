/* harness/candidate/binding_model.h: a binding in memory, as the reader leaves it and the caller (candidate.c) uses it.
 *
 * Private to harness/candidate. Nothing here refers to a loaded library: addresses live in struct candidate.
 */
#pragma once

#include "harness/candidate/binding.h"
#include "harness/candidate/expression.h"

enum {
    ARGUMENTS_MAX = 8,
    FUNCTIONS_MAX = 32,
    DEFINITIONS_MAX = 32,
    ALTERNATIVES_MAX = 8,
    CONTRACTS_MAX = 8,
    BLOCK_USABLE_SIZE = OPERATIONS, /* one more list of alternatives: usable_size asked of a block */
    SLOTS,
};

enum type { TYPE_UNKNOWN, TYPE_VOID, TYPE_POINTER, TYPE_SIZE, TYPE_INT, TYPE_BOOL, TYPE_OUT };

struct function {
    char symbol[64];
    enum type result;
    enum type argument[ARGUMENTS_MAX];
    int argument_count;
    bool declared; /* in [functions]; otherwise its type was taken from its first use */
    bool called;
    int line;
};

struct binding_call {
    int function;                              /* index into the binding's functions; -1: no call */
    struct expression argument[ARGUMENTS_MAX]; /* empty where the function's type says TYPE_OUT */
};

enum form {
    FORM_CALL,  /* call one function; its result is the answer, or chooses between `yes` and `no` */
    FORM_VALUE, /* call nothing; `yes` is the answer */
    FORM_ZERO,  /* allocate, then fill with zero */
    FORM_MOVE,  /* allocate, copy, deallocate */
};

struct alternative {
    enum form form;
    struct expression guard; /* empty: always */
    struct binding_call call;
    struct expression yes, no; /* empty: the result itself */
    int line;
};

struct alternatives {
    struct alternative list[ALTERNATIVES_MAX];
    int count;
    int line; /* of the section's first key */
};

struct binding {
    char name[64], path[256], about[200];
    int specificity;
    enum binding_load load;
    enum binding_old_size old_size;
    bool symbols_are_contract;
    size_t max_align;
    char contracts[CONTRACTS_MAX][24]; /* it is judged by the first unless another is asked for */
    int contract_count;
    char prefix[24]; /* before the names of all functions */
    struct binding_call init, thread_init, thread_exit;
    struct function functions[FUNCTIONS_MAX];
    int function_count;
    struct definition definitions[DEFINITIONS_MAX];
    int definition_count;
    struct alternatives slots[SLOTS];
    struct arena arena; /* of the compiled expressions */
};

/* Reads the text of a binding file. On failure `error` is "FILE:LINE: found X, expected Y". */
bool binding_parse(struct binding *binding, char *text, struct error *error);

/* Checks the rules about whole operations: every alternative can be reached, every guard can hold, and every (size,
 * align) has an alternative. */
bool binding_check(const struct binding *binding, struct error *error);

/* The first alternative whose guard holds, NULL when none does. */
static inline const struct alternative *alternatives_choose(const struct alternatives *alternatives,
                                                            const struct expression_inputs *inputs)
{
    for (int i = 0; i < alternatives->count; i++) {
        const struct alternative *alternative = &alternatives->list[i];
        if (alternative->guard.length == 0 || expression_value(&alternative->guard, inputs) != 0)
            return alternative;
    }
    return NULL;
}
