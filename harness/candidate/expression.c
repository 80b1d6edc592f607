#include "harness/candidate/expression.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/lexer.h"

enum {
    CONSTANT,
    VARIABLE, /* the header's fast path knows these two */
    ADD,
    SUBTRACT,
    MULTIPLY,
    SHIFT_LEFT,
    SHIFT_RIGHT,
    AND,
    OR,
    EQUAL,
    UNEQUAL,
    LESS,
    AT_MOST,
    GREATER,
    AT_LEAST,
    BOTH,
    EITHER,
    NOT,
    LG,
    MAX,
    MIN,
    CHOOSE,
    USABLE_SIZE,
};

enum { CODE_MAX = 64, STACK_MAX = 16, NESTING_MAX = 24 };

struct parser {
    const char *at;
    const struct scope *scope;
    struct instruction code[CODE_MAX];
    int length, nesting;
    struct error *error;
};

static const char *const variable_names[VARIABLES] = {"size", "align",          "old_size",
                                                      "ptr",  "sizeof_pointer", "page_size"};

/* ---- code ---- */

static size_t lg(size_t value) { return value == 0 ? 0 : sizeof(long) * 8 - 1 - (size_t)__builtin_clzl(value); }

static size_t shifted(size_t value, size_t by, bool left)
{
    return by >= sizeof value * 8 ? 0 : left ? value << by : value >> by;
}

static size_t combined(unsigned operation, size_t a, size_t b)
{
    switch (operation) {
    case ADD: return a + b;
    case SUBTRACT: return a - b;
    case MULTIPLY: return a * b;
    case SHIFT_LEFT: return shifted(a, b, true);
    case SHIFT_RIGHT: return shifted(a, b, false);
    case AND: return a & b;
    case OR: return a | b;
    case EQUAL: return a == b;
    case UNEQUAL: return a != b;
    case LESS: return a < b;
    case AT_MOST: return a <= b;
    case GREATER: return a > b;
    case AT_LEAST: return a >= b;
    case BOTH: return a && b;
    case EITHER: return a || b;
    case MAX: return a > b ? a : b;
    default: return a < b ? a : b; /* MIN */
    }
}

size_t expression_run(const struct expression *expression, const struct expression_inputs *inputs)
{
    size_t stack[STACK_MAX] = {0};
    int top = -1;
    for (int i = 0; i < expression->length; i++) {
        const struct instruction *instruction = &expression->code[i];
        switch (instruction->operation) {
        case CONSTANT: stack[++top] = instruction->value; break;
        case VARIABLE: stack[++top] = inputs->variable[instruction->value]; break;
        case NOT: stack[top] = !stack[top]; break;
        case LG: stack[top] = lg(stack[top]); break;
        case USABLE_SIZE:
            stack[top] = inputs->usable_size(inputs->context, stack[top], inputs->variable[VAR_ALIGN]);
            break;
        case CHOOSE:
            top -= 2;
            stack[top] = stack[top] ? stack[top + 1] : stack[top + 2];
            break;
        default: top--; stack[top] = combined(instruction->operation, stack[top], stack[top + 1]);
        }
    }
    return stack[0];
}

bool expression_is_variable(const struct expression *expression, enum variable variable)
{
    return expression->length == 1 && expression->code[0].operation == VARIABLE &&
           expression->code[0].value == variable;
}

bool expression_reads(const struct expression *expression, enum variable variable)
{
    for (int i = 0; i < expression->length; i++)
        if (expression->code[i].operation == VARIABLE && expression->code[i].value == variable)
            return true;
    return false;
}

static int operands(unsigned operation)
{
    switch (operation) {
    case CONSTANT:
    case VARIABLE: return 0;
    case NOT:
    case LG:
    case USABLE_SIZE: return 1;
    case CHOOSE: return 3;
    default: return 2;
    }
}

/* ---- as C ---- */

enum { TEXT_MAX = 1024 };

/* %s stands for an operand. An operation that C does not define for every operand is a function there. */
static const char *const c_forms[] = {
    [ADD] = "(%s + %s)",
    [SUBTRACT] = "(%s - %s)",
    [MULTIPLY] = "(%s * %s)",
    [SHIFT_LEFT] = "shift_left(%s, %s)",
    [SHIFT_RIGHT] = "shift_right(%s, %s)",
    [AND] = "(%s & %s)",
    [OR] = "(%s | %s)",
    [EQUAL] = "(%s == %s)",
    [UNEQUAL] = "(%s != %s)",
    [LESS] = "(%s < %s)",
    [AT_MOST] = "(%s <= %s)",
    [GREATER] = "(%s > %s)",
    [AT_LEAST] = "(%s >= %s)",
    [BOTH] = "(%s && %s)",
    [EITHER] = "(%s || %s)",
    [NOT] = "!%s",
    [LG] = "lg(%s)",
    [MAX] = "max(%s, %s)",
    [MIN] = "min(%s, %s)",
    [CHOOSE] = "choose(%s, %s, %s)",
    [USABLE_SIZE] = "usable_size(%s, align)",
};

bool expression_print_c(const struct expression *expression, char *text, size_t capacity)
{
    static const char *const names[VARIABLES] = {"size",        "align",          "old_size",
                                                 "(size_t)ptr", "sizeof(void *)", "page_size()"};
    char stack[STACK_MAX][TEXT_MAX], joined[TEXT_MAX];
    int top = -1, length = 0;
    for (int i = 0; i < expression->length; i++) {
        const struct instruction *instruction = &expression->code[i];
        if (instruction->operation == CONSTANT)
            length =
                snprintf(joined, sizeof joined, "%zu%s", instruction->value, instruction->value > INT_MAX ? "u" : "");
        else if (instruction->operation == VARIABLE)
            length = snprintf(joined, sizeof joined, "%s", names[instruction->value]);
        else {
            top -= operands(instruction->operation);
            const char *second = stack[top + 2 < STACK_MAX ? top + 2 : 0],
                       *third = stack[top + 3 < STACK_MAX ? top + 3 : 0];
            length = snprintf(joined, sizeof joined, c_forms[instruction->operation], stack[top + 1], second, third);
        }
        if (length >= TEXT_MAX)
            return false;
        strcpy(stack[++top], joined);
    }
    return (size_t)snprintf(text, capacity, "%s", expression->length > 0 ? stack[0] : "") < capacity;
}

/* The deepest the stack gets; the evaluator relies on it. */
static int stack_depth(const struct instruction *code, int length)
{
    int depth = 0, deepest = 0;
    for (int i = 0; i < length; i++) {
        depth += 1 - operands(code[i].operation);
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest;
}

/* ---- parser ---- */

static bool emit(struct parser *parser, unsigned operation, size_t value)
{
    if (parser->length == CODE_MAX)
        return error_set(parser->error, "found an expression of more than %d steps, expected a shorter one", CODE_MAX);
    struct instruction *code = parser->code + parser->length;
    if (operands(operation) == 2 && parser->length >= 2 && code[-1].operation == CONSTANT &&
        code[-2].operation == CONSTANT) {
        code[-2].value = combined(operation, code[-2].value, code[-1].value);
        parser->length--;
        return true;
    }
    *code = (struct instruction){operation, value};
    parser->length++;
    return true;
}

static bool expect(struct parser *parser, const char *token)
{
    if (text_take(&parser->at, token))
        return true;
    return error_set(parser->error, "found %s, expected \"%s\"", text_found(parser->at), token);
}

static bool parse_level(struct parser *parser, int level);

static bool parse_expression(struct parser *parser) { return parse_level(parser, 0); }

static bool parse_number(struct parser *parser)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(parser->at, &end, 0);
    if (end == parser->at || text_word(end) > 0)
        return error_set(parser->error, "found %s, expected a number (decimal, or hexadecimal with 0x)",
                         text_found(parser->at));
    if (errno == ERANGE || value > SIZE_MAX)
        return error_set(parser->error, "found %s, expected a number of at most %zu bits", text_found(parser->at),
                         sizeof(size_t) * 8);
    parser->at = end;
    return emit(parser, CONSTANT, (size_t)value);
}

static bool parse_definition(struct parser *parser, const struct definition *definition)
{
    if (!definition->has_value)
        return error_set(parser->error,
                         "found \"%s\", which has no value on this platform (line %d), expected one that has",
                         definition->name, definition->line);
    for (int i = 0; i < definition->value.length; i++)
        if (!emit(parser, definition->value.code[i].operation, definition->value.code[i].value))
            return false;
    return true;
}

static bool unknown_name(struct parser *parser, const char *name)
{
    char expected[300] = "";
    for (int i = 0; i < VARIABLES; i++)
        if (parser->scope->variables & VARIABLE_BIT(i))
            snprintf(expected + strlen(expected), sizeof expected - strlen(expected), ", %s", variable_names[i]);
    for (int i = 0; i < parser->scope->definition_count; i++)
        snprintf(expected + strlen(expected), sizeof expected - strlen(expected), ", %s",
                 parser->scope->definitions[i].name);
    return error_set(parser->error, "found %s, expected a number%s, or lg(), max(), min(), choose()%s",
                     text_found(name), expected, parser->scope->usable_size ? ", usable_size()" : "");
}

static bool parse_function(struct parser *parser, unsigned operation)
{
    if (!expect(parser, "("))
        return false;
    for (int i = 0; i < operands(operation); i++)
        if ((i > 0 && !expect(parser, ",")) || !parse_expression(parser))
            return false;
    return expect(parser, ")") && emit(parser, operation, 0);
}

static bool parse_name(struct parser *parser)
{
    static const struct {
        const char *name;
        unsigned operation;
    } functions[] = {{"lg", LG}, {"max", MAX}, {"min", MIN}, {"choose", CHOOSE}};
    const char *name = parser->at;
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
        if (text_take(&parser->at, functions[i].name))
            return parse_function(parser, functions[i].operation);
    if (parser->scope->usable_size && text_take(&parser->at, "usable_size"))
        return parse_function(parser, USABLE_SIZE);
    for (size_t i = 0; i < VARIABLES; i++)
        if ((parser->scope->variables & VARIABLE_BIT(i)) && text_take(&parser->at, variable_names[i]))
            return emit(parser, VARIABLE, i);
    for (int i = 0; i < parser->scope->definition_count; i++)
        if (text_take(&parser->at, parser->scope->definitions[i].name))
            return parse_definition(parser, &parser->scope->definitions[i]);
    return unknown_name(parser, name);
}

static bool parse_primary(struct parser *parser)
{
    parser->at = text_skip_space(parser->at);
    if (text_take(&parser->at, "("))
        return parse_expression(parser) && expect(parser, ")");
    if (text_take(&parser->at, "not"))
        return parse_level(parser, 2) && emit(parser, NOT, 0);
    if (isdigit((unsigned char)*parser->at))
        return parse_number(parser);
    return parse_name(parser);
}

/* Binary operators, loosest level first; within a level the longer token stands before its prefix. */
static const struct {
    const char *token;
    unsigned operation;
    int level;
} operators[] = {
    {"or", EITHER, 0},     {"and", BOTH, 1},       {"==", EQUAL, 2},  {"!=", UNEQUAL, 2}, {"<=", AT_MOST, 2},
    {">=", AT_LEAST, 2},   {"<", LESS, 2},         {">", GREATER, 2}, {"|", OR, 3},       {"&", AND, 4},
    {"<<", SHIFT_LEFT, 5}, {">>", SHIFT_RIGHT, 5}, {"+", ADD, 6},     {"-", SUBTRACT, 6}, {"*", MULTIPLY, 7},
};
enum { LEVELS = 8, OPERATORS = sizeof operators / sizeof operators[0] };

/* The operator of `level` that comes next, or -1. Shifts are tighter than comparisons, so "<<" is gone when
 * "<" is tried. */
static int next_operator(struct parser *parser, int level)
{
    for (int i = 0; i < OPERATORS; i++)
        if (operators[i].level == level && text_take(&parser->at, operators[i].token))
            return i;
    return -1;
}

static bool parse_level(struct parser *parser, int level)
{
    if (level == LEVELS)
        return parse_primary(parser);
    if (level == 0 && ++parser->nesting > NESTING_MAX)
        return error_set(parser->error, "found parentheses nested deeper than %d, expected fewer", NESTING_MAX);
    if (!parse_level(parser, level + 1))
        return false;
    for (int i; (i = next_operator(parser, level)) >= 0;)
        if (!parse_level(parser, level + 1) || !emit(parser, operators[i].operation, 0))
            return false;
    parser->nesting -= level == 0;
    return true;
}

bool expression_compile(const char **text, const struct scope *scope, struct arena *arena,
                        struct expression *expression, struct error *error)
{
    struct parser parser = {.at = *text, .scope = scope, .error = error};
    if (!parse_expression(&parser))
        return false;
    if (stack_depth(parser.code, parser.length) > STACK_MAX)
        return error_set(error, "found an expression that needs more than %d values at once, expected a simpler one",
                         STACK_MAX);
    size_t bytes = (size_t)parser.length * sizeof parser.code[0];
    struct instruction *code = arena_take(arena, bytes);
    if (code == NULL)
        return error_set(error, "found more expressions than fit, expected a shorter file");
    memcpy(code, parser.code, bytes);
    *expression = (struct expression){code, parser.length};
    *text = parser.at;
    return true;
}
