/* The names of a binding file: [constants] and [functions], and the calls that use them. */
#include <ctype.h>
#include <string.h>

#include "harness/base/lexer.h"
#include "harness/base/platform.h"
#include "harness/candidate/binding_reader.h"

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
        return reader_expect_end(reader, *text, "an operator, \"on\" and architectures,");
    for (*applies = false; *text_skip_space(*text) != '\0';) {
        const char *before = *text;
        if (!take_architecture(text, applies))
            return reader_refuse(reader,
                                 "found %s, expected an architecture such as x86_64, x86, arm, aarch64, powerpc64",
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
bool reader_constant(struct reader *reader, const char *name, const char *text)
{
    struct binding *binding = reader->binding;
    struct scope scope =
        reader_scope(binding, VARIABLE_BIT(VAR_SIZE) | VARIABLE_BIT(VAR_ALIGN) | VARIABLE_BIT(VAR_OLD_SIZE), false);
    struct definition *definition = definition_named(binding, name);
    struct expression value;
    bool applies;
    if (text_word(name) != strlen(name) || isdigit((unsigned char)name[0]) || strlen(name) >= sizeof definition->name)
        return reader_refuse(reader, "found \"%s\", expected a name of letters, digits and _, shorter than %zu", name,
                             sizeof definition->name);
    if (!reader_compile(reader, &text, &scope, &value) || !parse_platforms(reader, &text, &applies))
        return false;
    if (definition != NULL && definition->has_value && applies)
        return reader_refuse(reader, "found a second value of %s for this platform, expected one (line %d)", name,
                             definition->line);
    if (definition == NULL && binding->definition_count == DEFINITIONS_MAX)
        return reader_refuse(reader, "found more than %d constants, expected fewer", DEFINITIONS_MAX);
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
        reader_refuse(reader, "found %s, expected the name of one of at most %d functions, shorter than %zu",
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
    return reader_refuse(reader, "found %s, expected a type: pointer, size, int, bool or %s", text_found(*text),
                         is_result ? "void" : "out");
}

/* NAME = RESULT (TYPE, ...) */
bool reader_function(struct reader *reader, const char *name, const char *text)
{
    int index = function_add(reader, name, strlen(name));
    if (index < 0)
        return false;
    struct function *function = &reader->binding->functions[index];
    if (function->argument_count >= 0)
        return reader_refuse(reader, "found a second type of %s, expected one (line %d)", name, function->line);
    *function = (struct function){.declared = true, .line = reader->line};
    strcpy(function->symbol, name);
    if (!parse_type(reader, &text, true, &function->result) || !reader_expect(reader, &text, "("))
        return false;
    while (!text_take(&text, ")")) {
        if (function->argument_count == ARGUMENTS_MAX)
            return reader_refuse(reader, "found more than %d arguments, expected fewer", ARGUMENTS_MAX);
        if ((function->argument_count > 0 && !reader_expect(reader, &text, ",")) ||
            !parse_type(reader, &text, false, &function->argument[function->argument_count++]))
            return false;
    }
    return reader_expect_end(reader, text, "\"(\" types \")\"");
}

/* One argument: `out`, or an expression. `type` is the type that it seems to have. */
static bool parse_argument(struct reader *reader, const char **text, const struct scope *scope,
                           struct expression *argument, enum type *type)
{
    *type = TYPE_OUT;
    *argument = (struct expression){0};
    if (text_take(text, "out"))
        return true;
    if (!reader_compile(reader, text, scope, argument))
        return false;
    *type = expression_is_variable(argument, VAR_PTR) ? TYPE_POINTER : TYPE_SIZE;
    return true;
}

/* A declared function that nothing calls would still be required of every library. */
bool reader_all_are_called(struct reader *reader)
{
    for (int i = 0; i < reader->binding->function_count; i++) {
        const struct function *function = &reader->binding->functions[i];
        reader->line = function->line;
        if (function->declared && !function->called)
            return reader_refuse(reader, "found the type of %s, which no operation calls, expected a use of it",
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
        return reader_refuse(reader, "found %d arguments of %s, expected %d (line %d)", count, function->symbol,
                             function->argument_count, function->line);
    for (int i = 0; i < count; i++)
        if ((looks[i] == TYPE_OUT) != (function->argument[i] == TYPE_OUT) ||
            (looks[i] == TYPE_POINTER && function->argument[i] != TYPE_POINTER) ||
            (!function->declared && looks[i] != function->argument[i]))
            return reader_refuse(reader, "found another type of argument %d of %s than at line %d, expected the same%s",
                                 i + 1, function->symbol, function->line,
                                 function->declared ? "" : "; [functions] can say its type");
    return true;
}

/* SYMBOL(ARGUMENT, ...) */
bool reader_call(struct reader *reader, const char **text, const struct scope *scope, enum type result,
                 struct binding_call *call)
{
    const char *symbol = text_skip_space(*text);
    size_t length = text_word(symbol);
    enum type looks[ARGUMENTS_MAX] = {0};
    int count = 0;
    if (length == 0)
        return reader_refuse(reader, "found %s, expected a function and its arguments, as malloc(size)",
                             text_found(symbol));
    if ((call->function = function_add(reader, symbol, length)) < 0)
        return false;
    reader->binding->functions[call->function].called = true;
    *text = symbol + length;
    if (!reader_expect(reader, text, "("))
        return false;
    while (!text_take(text, ")")) {
        if (count == ARGUMENTS_MAX)
            return reader_refuse(reader, "found more than %d arguments, expected fewer", ARGUMENTS_MAX);
        if ((count > 0 && !reader_expect(reader, text, ",")) ||
            !parse_argument(reader, text, scope, &call->argument[count], &looks[count]))
            return false;
        count++;
    }
    return settle_type(reader, &reader->binding->functions[call->function], looks, count, result);
}

bool reader_put_prefix(struct reader *reader)
{
    struct binding *binding = reader->binding;
    for (int i = 0; i < binding->function_count && binding->prefix[0] != '\0'; i++) {
        char *symbol = binding->functions[i].symbol;
        size_t size = sizeof binding->functions[i].symbol, before = strlen(binding->prefix), length = strlen(symbol);
        if (before + length >= size)
            return reader_refuse(reader, "found the name %s%s, expected at most %zu characters", binding->prefix,
                                 symbol, size - 1);
        memmove(symbol + before, symbol, length + 1);
        memcpy(symbol, binding->prefix, before);
    }
    return true;
}
