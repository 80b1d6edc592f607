/* harness/candidate/expression.h: the arithmetic of binding files, compiled once and evaluated before every call.
 *
 * Promises: all arithmetic is in size_t and wraps, as in the C that it stands for; a shift past the width gives 0.
 * Evaluation allocates nothing, takes no lock, and costs a few nanoseconds. The operators, loosest first: or, and, not,
 * comparisons, |, &, << and >>, + and -, *. An operand is a number, a name, (a), lg(a), max(a, b), min(a, b),
 * choose(condition, a, b) or usable_size(a).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/arena.h"
#include "harness/base/error.h"

enum variable { VAR_SIZE, VAR_ALIGN, VAR_OLD_SIZE, VAR_PTR, VAR_SIZEOF_POINTER, VAR_PAGE_SIZE, VARIABLES };

#define VARIABLE_BIT(variable) (1u << (variable))

struct instruction {
    unsigned operation;
    size_t value; /* the number of CONSTANT, the variable of VARIABLE */
};

struct expression {
    const struct instruction *code;
    int length; /* 0: no expression at all */
};

/* What an expression is evaluated over. `usable_size` answers usable_size(a), where the scope allows it. */
struct expression_inputs {
    size_t variable[VARIABLES];
    size_t (*usable_size)(const void *context, size_t size, size_t align);
    const void *context;
};

struct definition {
    char name[32];
    bool has_value; /* false: none of its lines is for this platform */
    struct expression value;
    int line;
};

/* What the names in an expression mean. */
struct scope {
    unsigned variables; /* VARIABLE_BITs */
    bool usable_size;   /* may usable_size(a) be asked? */
    const struct definition *definitions;
    int definition_count;
};

/* Compiles the expression that `*text` begins with into `arena`, and moves `*text` past it. On failure sets
 * `error` to "found X, expected Y" and returns false. */
bool expression_compile(const char **text, const struct scope *scope, struct arena *arena,
                        struct expression *expression, struct error *error);

size_t expression_run(const struct expression *expression, const struct expression_inputs *inputs);

/* The same, without a loop for the two commonest shapes: a number alone, and a name alone. */
static inline size_t expression_value(const struct expression *expression, const struct expression_inputs *inputs)
{
    enum { CONSTANT, VARIABLE };
    if (expression->length == 1 && expression->code[0].operation == VARIABLE)
        return inputs->variable[expression->code[0].value];
    if (expression->length == 1 && expression->code[0].operation == CONSTANT)
        return expression->code[0].value;
    return expression_run(expression, inputs);
}

/* True when the expression is this one variable and nothing else. */
bool expression_is_variable(const struct expression *expression, enum variable variable);

/* True when it reads the variable anywhere. */
bool expression_reads(const struct expression *expression, enum variable variable);

/* The expression as C, over variables and functions of the same names (see binding_c.c). False when it is
 * longer than `capacity`. */
bool expression_print_c(const struct expression *expression, char *text, size_t capacity);
