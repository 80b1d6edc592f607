/* The reader of binding files. libinih finds sections, names and values; the rest is here, with one function for each
 * section. */
#include "harness/candidate/binding_model.h"

#include <ctype.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/lexer.h"
#include "harness/base/platform.h"

#define SYMBOL_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

struct reader {
    struct binding *binding;
    const char *rest; /* of the text, not read yet */
    int line;
    bool names; /* the first reading takes [constants] and [functions] only, so that these may stand below their use */
    unsigned seen; /* which keys of [binding] have been given */
    struct error *error;
};

/* ---- messages ---- */

/* Completes a message with its place. `format` says what was found and what was expected. */
__attribute__((format(printf, 2, 3))) static bool refuse(struct reader *reader, const char *format, ...)
{
    char text[700];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return error_set(reader->error, "%s:%d: %s", reader->binding->path, reader->line, text);
}

static bool compile(struct reader *reader, const char **text, const struct scope *scope, struct expression *expression)
{
    struct error error = {0};
    if (expression_compile(text, scope, &reader->binding->arena, expression, &error))
        return true;
    return refuse(reader, "%s", error.text);
}

static bool expect(struct reader *reader, const char **text, const char *token)
{
    return text_take(text, token) || refuse(reader, "found %s, expected \"%s\"", text_found(*text), token);
}

static bool expect_end(struct reader *reader, const char *text, const char *or_else)
{
    if (*text_skip_space(text) == '\0')
        return true;
    return refuse(reader, "found %s, expected %s or the end of the line", text_found(text), or_else);
}

/* ---- the platform ---- */

/* Takes the name of an architecture; `*applies` becomes true when this program was built for it. */
static bool take_architecture(const char **text, bool *applies)
{
    const struct platform *platform;
    for (size_t i = 0; (platform = platform_at(i)) != NULL; i++)
        if (platform->in_binding != NULL && text_take(text, platform->in_binding)) {
            *applies |= platform == platform_here();
            return true;
        }
    return false;
}

/* "on ARCH..." after a constant: does it apply here? */
static bool parse_platforms(struct reader *reader, const char **text, bool *applies)
{
    *applies = true;
    if (!text_take(text, "on"))
        return expect_end(reader, *text, "an operator, \"on\" and architectures,");
    for (*applies = false; *text_skip_space(*text) != '\0';) {
        const char *before = *text;
        if (!take_architecture(text, applies))
            return refuse(reader, "found %s, expected an architecture such as x86_64, x86, arm, aarch64, powerpc64",
                          text_found(before));
    }
    return true;
}

/* ---- [constants] ---- */

static struct definition *definition_named(struct binding *binding, const char *name)
{
    for (int i = 0; i < binding->definition_count; i++)
        if (strcmp(binding->definitions[i].name, name) == 0)
            return &binding->definitions[i];
    return NULL;
}

/* A constant may be made of the arguments of an operation, too: it is then worked out at each use. */
static struct scope scope_of(const struct binding *binding, unsigned variables, bool usable_size)
{
    return (struct scope){variables | VARIABLE_BIT(VAR_SIZEOF_POINTER) | VARIABLE_BIT(VAR_PAGE_SIZE), usable_size,
                          binding->definitions, binding->definition_count};
}

static bool parse_constant(struct reader *reader, const char *name, const char *text)
{
    struct binding *binding = reader->binding;
    struct scope scope =
        scope_of(binding, VARIABLE_BIT(VAR_SIZE) | VARIABLE_BIT(VAR_ALIGN) | VARIABLE_BIT(VAR_OLD_SIZE), false);
    struct definition *definition = definition_named(binding, name);
    struct expression value;
    bool applies;
    if (text_word(name) != strlen(name) || isdigit((unsigned char)name[0]) || strlen(name) >= sizeof definition->name)
        return refuse(reader, "found \"%s\", expected a name of letters, digits and _, shorter than %zu", name,
                      sizeof definition->name);
    if (!compile(reader, &text, &scope, &value) || !parse_platforms(reader, &text, &applies))
        return false;
    if (definition != NULL && definition->has_value && applies)
        return refuse(reader, "found a second value of %s for this platform, expected one (line %d)", name,
                      definition->line);
    if (definition == NULL && binding->definition_count == DEFINITIONS_MAX)
        return refuse(reader, "found more than %d constants, expected fewer", DEFINITIONS_MAX);
    if (definition == NULL) {
        definition = &binding->definitions[binding->definition_count++];
        *definition = (struct definition){.line = reader->line};
        strcpy(definition->name, name);
    }
    if (applies)
        *definition = (struct definition){.has_value = true, .value = value, .line = reader->line};
    strcpy(definition->name, name);
    return true;
}

/* ---- [functions] and calls ---- */

static int function_named(struct binding *binding, const char *symbol, size_t length)
{
    for (int i = 0; i < binding->function_count; i++)
        if (strlen(binding->functions[i].symbol) == length &&
            strncmp(binding->functions[i].symbol, symbol, length) == 0)
            return i;
    return -1;
}

/* The function of that name, made if it is new; -1 when the table is full or the name too long. */
static int function_add(struct reader *reader, const char *symbol, size_t length)
{
    struct binding *binding = reader->binding;
    int found = function_named(binding, symbol, length);
    if (found >= 0)
        return found;
    if (length == 0 || length >= sizeof binding->functions[0].symbol || binding->function_count == FUNCTIONS_MAX) {
        refuse(reader, "found %s, expected the name of one of at most %d functions, shorter than %zu",
               text_found(symbol), FUNCTIONS_MAX, sizeof binding->functions[0].symbol);
        return -1;
    }
    struct function *function = &binding->functions[binding->function_count];
    *function = (struct function){.argument_count = -1, .line = reader->line};
    memcpy(function->symbol, symbol, length);
    return binding->function_count++;
}

static bool parse_type(struct reader *reader, const char **text, bool is_result, enum type *type)
{
    static const struct {
        const char *name;
        enum type type;
    } types[] = {{"pointer", TYPE_POINTER}, {"size", TYPE_SIZE}, {"int", TYPE_INT},
                 {"bool", TYPE_BOOL},       {"void", TYPE_VOID}, {"out", TYPE_OUT}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i].type != (is_result ? TYPE_OUT : TYPE_VOID) && text_take(text, types[i].name)) {
            *type = types[i].type;
            return true;
        }
    return refuse(reader, "found %s, expected a type: pointer, size, int, bool or %s", text_found(*text),
                  is_result ? "void" : "out");
}

/* NAME = RESULT (TYPE, ...) */
static bool parse_function(struct reader *reader, const char *name, const char *text)
{
    int index = function_add(reader, name, strlen(name));
    if (index < 0)
        return false;
    struct function *function = &reader->binding->functions[index];
    if (function->argument_count >= 0)
        return refuse(reader, "found a second type of %s, expected one (line %d)", name, function->line);
    *function = (struct function){.declared = true, .line = reader->line};
    strcpy(function->symbol, name);
    if (!parse_type(reader, &text, true, &function->result) || !expect(reader, &text, "("))
        return false;
    while (!text_take(&text, ")")) {
        if (function->argument_count == ARGUMENTS_MAX)
            return refuse(reader, "found more than %d arguments, expected fewer", ARGUMENTS_MAX);
        if ((function->argument_count > 0 && !expect(reader, &text, ",")) ||
            !parse_type(reader, &text, false, &function->argument[function->argument_count++]))
            return false;
    }
    return expect_end(reader, text, "\"(\" types \")\"");
}

/* One argument: `out`, or an expression. `type` is the type that it seems to have. */
static bool parse_argument(struct reader *reader, const char **text, const struct scope *scope,
                           struct expression *argument, enum type *type)
{
    *type = TYPE_OUT;
    *argument = (struct expression){0};
    if (text_take(text, "out"))
        return true;
    if (!compile(reader, text, scope, argument))
        return false;
    *type = expression_is_variable(argument, VAR_PTR) ? TYPE_POINTER : TYPE_SIZE;
    return true;
}

/* A declared function that nothing calls would still be required of every library. */
static bool all_are_called(struct reader *reader)
{
    for (int i = 0; i < reader->binding->function_count; i++) {
        const struct function *function = &reader->binding->functions[i];
        reader->line = function->line;
        if (function->declared && !function->called)
            return refuse(reader, "found the type of %s, which no operation calls, expected a use of it",
                          function->symbol);
    }
    return true;
}

/* Holds the arguments just read against the function's type; an undeclared function gets its type here. */
static bool settle_type(struct reader *reader, struct function *function, const enum type *looks, int count,
                        enum type result)
{
    bool has_out = false;
    for (int i = 0; i < count; i++)
        has_out |= looks[i] == TYPE_OUT;
    if (function->argument_count < 0) {
        memcpy(function->argument, looks, sizeof function->argument);
        function->argument_count = count;
        function->result = has_out ? TYPE_INT : result;
        return true;
    }
    if (function->argument_count != count)
        return refuse(reader, "found %d arguments of %s, expected %d (line %d)", count, function->symbol,
                      function->argument_count, function->line);
    for (int i = 0; i < count; i++)
        if ((looks[i] == TYPE_OUT) != (function->argument[i] == TYPE_OUT) ||
            (looks[i] == TYPE_POINTER && function->argument[i] != TYPE_POINTER) ||
            (!function->declared && looks[i] != function->argument[i]))
            return refuse(reader, "found another type of argument %d of %s than at line %d, expected the same%s", i + 1,
                          function->symbol, function->line, function->declared ? "" : "; [functions] can say its type");
    return true;
}

/* SYMBOL(ARGUMENT, ...) */
static bool parse_call(struct reader *reader, const char **text, const struct scope *scope, enum type result,
                       struct binding_call *call)
{
    const char *symbol = text_skip_space(*text);
    size_t length = text_word(symbol);
    enum type looks[ARGUMENTS_MAX] = {0};
    int count = 0;
    if (length == 0)
        return refuse(reader, "found %s, expected a function and its arguments, as malloc(size)", text_found(symbol));
    if ((call->function = function_add(reader, symbol, length)) < 0)
        return false;
    reader->binding->functions[call->function].called = true;
    *text = symbol + length;
    if (!expect(reader, text, "("))
        return false;
    while (!text_take(text, ")")) {
        if (count == ARGUMENTS_MAX)
            return refuse(reader, "found more than %d arguments, expected fewer", ARGUMENTS_MAX);
        if ((count > 0 && !expect(reader, text, ",")) ||
            !parse_argument(reader, text, scope, &call->argument[count], &looks[count]))
            return false;
        count++;
    }
    return settle_type(reader, &reader->binding->functions[call->function], looks, count, result);
}

/* ---- [allocate] and its like ---- */

static const struct slot {
    const char *name;
    unsigned variables;
    enum type result;
} slots[SLOTS] = {
    [OP_ALLOCATE] = {"allocate", 1 << VAR_SIZE | 1 << VAR_ALIGN, TYPE_POINTER},
    [OP_ALLOCATE_ZEROED] = {"allocate_zeroed", 1 << VAR_SIZE | 1 << VAR_ALIGN, TYPE_POINTER},
    [OP_DEALLOCATE] = {"deallocate", 1 << VAR_PTR | 1 << VAR_OLD_SIZE | 1 << VAR_ALIGN, TYPE_VOID},
    [OP_REALLOCATE] = {"reallocate", 1 << VAR_PTR | 1 << VAR_OLD_SIZE | 1 << VAR_SIZE | 1 << VAR_ALIGN, TYPE_POINTER},
    [OP_REALLOCATE_INPLACE] = {"reallocate_inplace", 1 << VAR_PTR | 1 << VAR_OLD_SIZE | 1 << VAR_SIZE | 1 << VAR_ALIGN,
                               TYPE_SIZE},
    [OP_USABLE_SIZE] = {"usable_size", 1 << VAR_SIZE | 1 << VAR_ALIGN, TYPE_SIZE},
    [BLOCK_USABLE_SIZE] = {"usable_size of a block", 1 << VAR_PTR, TYPE_SIZE},
};

static bool result_fits(const struct function *function, enum type wanted)
{
    for (int i = 0; i < function->argument_count; i++)
        if (function->argument[i] == TYPE_OUT)
            return wanted == TYPE_POINTER && function->result == TYPE_INT;
    return wanted == TYPE_VOID || function->result == wanted;
}

/* CALL, or CALL ? EXPRESSION : EXPRESSION */
static bool parse_call_form(struct reader *reader, const char **text, const struct slot *slot,
                            const struct scope *scope, struct alternative *alternative)
{
    if (!parse_call(reader, text, scope, slot->result, &alternative->call))
        return false;
    struct function *function = &reader->binding->functions[alternative->call.function];
    if (!text_take(text, "?")) {
        if (result_fits(function, slot->result))
            return true;
        return refuse(reader, "found %s, whose result (line %d) is no %s, expected one that answers %s, or \"? a : b\"",
                      function->symbol, function->line, slot->result == TYPE_POINTER ? "pointer" : "size", slot->name);
    }
    if (slot->result != TYPE_SIZE)
        return refuse(reader, "found \"?\", expected it only where the answer is a size");
    if (function->result == TYPE_VOID)
        return refuse(reader, "found \"?\" after %s, which returns nothing, expected a result", function->symbol);
    if (!function->declared)
        return refuse(reader, "found \"?\" after %s, expected its type in [functions]", function->symbol);
    return compile(reader, text, scope, &alternative->yes) && expect(reader, text, ":") &&
           compile(reader, text, scope, &alternative->no);
}

static bool parse_steps(struct reader *reader, const char **text, int index, struct alternative *alternative)
{
    bool zero = index == OP_ALLOCATE_ZEROED;
    if (index != OP_ALLOCATE_ZEROED && index != OP_REALLOCATE)
        return refuse(reader, "found \"steps\", expected it in [allocate_zeroed] or [reallocate] only");
    alternative->form = zero ? FORM_ZERO : FORM_MOVE;
    if (!expect(reader, text, "allocate") || !expect(reader, text, ","))
        return false;
    return zero ? expect(reader, text, "zero")
                : expect(reader, text, "copy") && expect(reader, text, ",") && expect(reader, text, "deallocate");
}

static bool parse_guard(struct reader *reader, const char *text, const struct scope *scope, struct expression *guard)
{
    if (!text_take(&text, "if"))
        return expect_end(reader, text, "\"if\" and a condition");
    return compile(reader, &text, scope, guard) && expect_end(reader, text, "an operator");
}

static bool parse_alternative(struct reader *reader, int index, const char *key, const char *text)
{
    bool is_block = index == OP_USABLE_SIZE && strcmp(key, "block") == 0;
    const struct slot *slot = &slots[is_block ? BLOCK_USABLE_SIZE : index];
    struct alternatives *into = &reader->binding->slots[slot - slots];
    struct alternative alternative = {.call.function = -1, .line = reader->line};
    struct scope scope = scope_of(reader->binding, slot->variables, index == OP_REALLOCATE_INPLACE);
    bool parsed;
    if (into->count == ALTERNATIVES_MAX)
        return refuse(reader, "found more than %d alternatives, expected fewer", ALTERNATIVES_MAX);
    if (is_block || strcmp(key, "call") == 0) {
        parsed = parse_call_form(reader, &text, slot, &scope, &alternative);
    } else if (strcmp(key, "value") == 0 && slot->result == TYPE_SIZE) {
        alternative.form = FORM_VALUE;
        parsed = compile(reader, &text, &scope, &alternative.yes);
    } else if (strcmp(key, "steps") == 0) {
        parsed = parse_steps(reader, &text, index, &alternative);
    } else {
        return refuse(reader, "found \"%s\", expected call, %s%s", key, slot->result == TYPE_SIZE ? "value" : "steps",
                      index == OP_USABLE_SIZE ? " or block" : "");
    }
    if (!parsed || !parse_guard(reader, text, &scope, &alternative.guard))
        return false;
    into->line = into->line == 0 ? reader->line : into->line;
    into->list[into->count++] = alternative;
    return true;
}

/* ---- [binding] ---- */

static int choice(struct reader *reader, const char *value, const char *const *choices)
{
    for (int i = 0; choices[i] != NULL; i++)
        if (strcmp(value, choices[i]) == 0)
            return i;
    char expected[100] = "";
    for (int i = 0; choices[i] != NULL; i++)
        snprintf(expected + strlen(expected), sizeof expected - strlen(expected), "%s%s", i > 0 ? " or " : "",
                 choices[i]);
    refuse(reader, "found \"%s\", expected %s", value, expected);
    return -1;
}

/* An expression of constants alone. */
static bool parse_fixed(struct reader *reader, const char *text, size_t *value)
{
    struct scope scope = scope_of(reader->binding, 0, false);
    struct expression expression;
    struct expression_inputs inputs = {.variable[VAR_SIZEOF_POINTER] = sizeof(void *)};
    if (!compile(reader, &text, &scope, &expression) || !expect_end(reader, text, "an operator"))
        return false;
    *value = expression_value(&expression, &inputs);
    return true;
}

static bool parse_hook(struct reader *reader, const char *text, struct binding_call *call)
{
    struct scope scope = scope_of(reader->binding, 0, false);
    return parse_call(reader, &text, &scope, TYPE_VOID, call) && expect_end(reader, text, "nothing more");
}

static bool parse_max_align(struct reader *reader, const char *text)
{
    if (!parse_fixed(reader, text, &reader->binding->max_align))
        return false;
    size_t value = reader->binding->max_align;
    return (value != 0 && (value & (value - 1)) == 0) ||
           refuse(reader, "found a largest alignment of %zu, expected a power of two", value);
}

static bool parse_specificity(struct reader *reader, const char *text)
{
    size_t value = 0;
    if (!parse_fixed(reader, text, &value))
        return false;
    reader->binding->specificity = (int)value;
    return value <= 1000 || refuse(reader, "found %zu, expected a number up to 1000", value);
}

static bool parse_contracts(struct reader *reader, const char *text)
{
    struct binding *binding = reader->binding;
    for (size_t length; *(text += strspn(text, " \t,")) != '\0'; text += length) {
        length = strcspn(text, " \t,");
        if (length >= sizeof binding->contracts[0])
            return refuse(reader, "found a contract's name of %zu characters, expected at most %zu", length,
                          sizeof binding->contracts[0] - 1);
        if (binding->contract_count == CONTRACTS_MAX)
            return refuse(reader, "found more than %d contracts", CONTRACTS_MAX);
        snprintf(binding->contracts[binding->contract_count++], sizeof binding->contracts[0], "%.*s", (int)length,
                 text);
    }
    return binding->contract_count > 0 ||
           refuse(reader, "found nothing, expected the names of contracts, such as rust-1.19");
}

static bool parse_prefix(struct reader *reader, const char *text)
{
    char *prefix = reader->binding->prefix;
    size_t length = strlen(text);
    bool is_name = length < sizeof reader->binding->prefix && strspn(text, SYMBOL_LETTERS) == length &&
                   (*text < '0' || *text > '9');
    if (!is_name)
        return refuse(reader, "found \"%s\", expected the beginning of a function's name, at most %zu characters", text,
                      sizeof reader->binding->prefix - 1);
    memcpy(prefix, text, length + 1);
    return true;
}

/* Functions go by their names in the file until the whole of it is read. */
static bool put_prefix(struct reader *reader)
{
    struct binding *binding = reader->binding;
    for (int i = 0; i < binding->function_count && binding->prefix[0] != '\0'; i++) {
        char *symbol = binding->functions[i].symbol;
        size_t size = sizeof binding->functions[i].symbol, before = strlen(binding->prefix), length = strlen(symbol);
        if (before + length >= size)
            return refuse(reader, "found the name %s%s, expected at most %zu characters", binding->prefix, symbol,
                          size - 1);
        memmove(symbol + before, symbol, length + 1);
        memcpy(symbol, binding->prefix, before);
    }
    return true;
}

static bool parse_about_binding(struct reader *reader, const char *key, const char *value)
{
    static const char *const keys[] = {"about",     "specificity", "load", "old_size",    "symbols",     "max_align",
                                       "contracts", "prefix",      "init", "thread_init", "thread_exit", NULL};
    enum { ABOUT, SPECIFICITY, LOAD, OLD_SIZE, SYMBOLS, MAX_ALIGN, CONTRACTS, PREFIX, INIT, THREAD_INIT, THREAD_EXIT };
    struct binding *binding = reader->binding;
    int which = 0, chosen;
    while (keys[which] != NULL && strcmp(key, keys[which]) != 0)
        which++;
    if (keys[which] == NULL)
        return refuse(reader,
                      "found \"%s\", expected about, specificity, load, old_size, symbols, max_align, "
                      "contracts, prefix, init, thread_init or thread_exit",
                      key);
    if (reader->seen & 1u << which)
        return refuse(reader, "found a second \"%s\", expected one", key);
    reader->seen |= 1u << which;
    switch (which) {
    case ABOUT: snprintf(binding->about, sizeof binding->about, "%s", value); return true;
    case SPECIFICITY: return parse_specificity(reader, value);
    case LOAD:
        chosen = choice(reader, value, (const char *const[]){"dlopen", "preload", NULL});
        binding->load = (enum binding_load)chosen;
        return chosen >= 0;
    case OLD_SIZE:
        chosen = choice(reader, value, (const char *const[]){"range", "exact", "ignored", NULL});
        binding->old_size = (enum binding_old_size)chosen;
        return chosen >= 0;
    case SYMBOLS:
        chosen = choice(reader, value, (const char *const[]){"any", "contract", NULL});
        binding->symbols_are_contract = chosen == 1;
        return chosen >= 0;
    case MAX_ALIGN: return parse_max_align(reader, value);
    case CONTRACTS: return parse_contracts(reader, value);
    case PREFIX: return parse_prefix(reader, value);
    case INIT: return parse_hook(reader, value, &binding->init);
    case THREAD_INIT: return parse_hook(reader, value, &binding->thread_init);
    default: return parse_hook(reader, value, &binding->thread_exit);
    }
}

/* ---- the file ---- */

static int handle(void *user, const char *section, const char *key, const char *value)
{
    struct reader *reader = user;
    if (error_is_set(reader->error))
        return 0;
    bool constant = strcmp(section, "constants") == 0, function = strcmp(section, "functions") == 0;
    if (reader->names != (constant || function))
        return 1;
    if (constant)
        return parse_constant(reader, key, value);
    if (function)
        return parse_function(reader, key, value);
    if (strcmp(section, "binding") == 0)
        return parse_about_binding(reader, key, value);
    for (int i = 0; i < OPERATIONS; i++)
        if (strcmp(section, operation_name((enum operation)i)) == 0)
            return parse_alternative(reader, i, key, value);
    return refuse(reader,
                  "found section [%s], expected binding, constants, functions or an operation: allocate, "
                  "allocate_zeroed, deallocate, reallocate, reallocate_inplace, usable_size",
                  section);
}

/* Works as fgets does, on the text. libinih would split a line that is longer than its buffer, so such a line is an
 * error here. */
static char *next_line(char *line, int capacity, void *user)
{
    struct reader *reader = user;
    if (*reader->rest == '\0' || error_is_set(reader->error))
        return NULL;
    size_t length = strcspn(reader->rest, "\n");
    reader->line++;
    if (length + 3 > (size_t)capacity) {
        refuse(reader, "found a line of %zu characters, expected at most %d", length, capacity - 3);
        return NULL;
    }
    memcpy(line, reader->rest, length);
    strcpy(line + length, "\n");
    reader->rest += length + (reader->rest[length] == '\n');
    return line;
}

/* Reads the text once, from its beginning. A line that no INI file has is reported by the second reading, after any
 * error above it. */
static bool read_all(struct reader *reader, const char *text, bool names)
{
    reader->rest = text;
    reader->line = 0;
    reader->names = names;
    int bad_line = ini_parse_stream(next_line, reader, handle, reader);
    if (error_is_set(reader->error))
        return false;
    reader->line = bad_line > 0 ? bad_line : reader->line > 0 ? reader->line : 1; /* 1: an empty file */
    if (names || bad_line <= 0)
        return true;
    return refuse(reader, "found a line that is none of [section], key = value, # comment; expected one of these");
}

bool binding_parse(struct binding *binding, char *text, struct error *error)
{
    struct reader reader = {.binding = binding, .error = error};
    binding->max_align = ~(SIZE_MAX >> 1);
    binding->init.function = binding->thread_init.function = binding->thread_exit.function = -1;
    if (!read_all(&reader, text, true) || !read_all(&reader, text, false))
        return false;
    static const enum operation required[] = {OP_ALLOCATE, OP_DEALLOCATE, OP_REALLOCATE};
    for (size_t i = 0; i < sizeof required / sizeof required[0]; i++)
        if (binding->slots[required[i]].count == 0)
            return refuse(&reader,
                          "found no [%s] in the whole file, expected allocate, deallocate and reallocate at least",
                          operation_name(required[i]));
    if (binding->contract_count == 0)
        snprintf(binding->contracts[binding->contract_count++], sizeof binding->contracts[0], "rust-1.19");
    return all_are_called(&reader) && put_prefix(&reader) && binding_check(binding, error);
}
