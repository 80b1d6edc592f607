/* The reader of binding files: the section [binding], and the file as a whole. libinih finds sections, names and
 * values.
 */
#include <ini.h>
#include <stdio.h>
#include <string.h>

#include "harness/candidate/binding_reader.h"

#define SYMBOL_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

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
    reader_refuse(reader, "found \"%s\", expected %s", value, expected);
    return -1;
}

/* An expression of constants alone. */
static bool parse_fixed(struct reader *reader, const char *text, size_t *value)
{
    struct scope scope = reader_scope(reader->binding, 0, false);
    struct expression expression;
    struct expression_inputs inputs = {.variable[VAR_SIZEOF_POINTER] = sizeof(void *)};
    if (!reader_compile(reader, &text, &scope, &expression) || !reader_expect_end(reader, text, "an operator"))
        return false;
    *value = expression_value(&expression, &inputs);
    return true;
}

static bool parse_hook(struct reader *reader, const char *text, struct binding_call *call)
{
    struct scope scope = reader_scope(reader->binding, 0, false);
    return reader_call(reader, &text, &scope, TYPE_VOID, call) && reader_expect_end(reader, text, "nothing more");
}

static bool parse_max_align(struct reader *reader, const char *text)
{
    if (!parse_fixed(reader, text, &reader->binding->max_align))
        return false;
    size_t value = reader->binding->max_align;
    return (value != 0 && (value & (value - 1)) == 0) ||
           reader_refuse(reader, "found a largest alignment of %zu, expected a power of two", value);
}

static bool parse_specificity(struct reader *reader, const char *text)
{
    size_t value = 0;
    if (!parse_fixed(reader, text, &value))
        return false;
    reader->binding->specificity = (int)value;
    return value <= 1000 || reader_refuse(reader, "found %zu, expected a number up to 1000", value);
}

static bool parse_contracts(struct reader *reader, const char *text)
{
    struct binding *binding = reader->binding;
    for (size_t length; *(text += strspn(text, " \t,")) != '\0'; text += length) {
        length = strcspn(text, " \t,");
        if (length >= sizeof binding->contracts[0])
            return reader_refuse(reader, "found a contract's name of %zu characters, expected at most %zu", length,
                                 sizeof binding->contracts[0] - 1);
        if (binding->contract_count == CONTRACTS_MAX)
            return reader_refuse(reader, "found more than %d contracts", CONTRACTS_MAX);
        snprintf(binding->contracts[binding->contract_count++], sizeof binding->contracts[0], "%.*s", (int)length,
                 text);
    }
    return binding->contract_count > 0 ||
           reader_refuse(reader, "found nothing, expected the names of contracts, such as rust-1.19");
}

static bool parse_prefix(struct reader *reader, const char *text)
{
    char *prefix = reader->binding->prefix;
    size_t length = strlen(text);
    bool is_name = length < sizeof reader->binding->prefix && strspn(text, SYMBOL_LETTERS) == length &&
                   (*text < '0' || *text > '9');
    if (!is_name)
        return reader_refuse(reader,
                             "found \"%s\", expected the beginning of a function's name, at most %zu characters", text,
                             sizeof reader->binding->prefix - 1);
    memcpy(prefix, text, length + 1);
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
        return reader_refuse(reader,
                             "found \"%s\", expected about, specificity, load, old_size, symbols, max_align, "
                             "contracts, prefix, init, thread_init or thread_exit",
                             key);
    if (reader->seen & 1u << which)
        return reader_refuse(reader, "found a second \"%s\", expected one", key);
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
        return reader_constant(reader, key, value);
    if (function)
        return reader_function(reader, key, value);
    if (strcmp(section, "binding") == 0)
        return parse_about_binding(reader, key, value);
    for (int i = 0; i < OPERATIONS; i++)
        if (strcmp(section, operation_name((enum operation)i)) == 0)
            return reader_alternative(reader, i, key, value);
    return reader_refuse(reader,
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
        reader_refuse(reader, "found a line of %zu characters, expected at most %d", length, capacity - 3);
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
    return reader_refuse(reader,
                         "found a line that is none of [section], key = value, # comment; expected one of these");
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
            return reader_refuse(
                &reader, "found no [%s] in the whole file, expected allocate, deallocate and reallocate at least",
                operation_name(required[i]));
    if (binding->contract_count == 0)
        snprintf(binding->contracts[binding->contract_count++], sizeof binding->contracts[0], "rust-1.19");
    return reader_all_are_called(&reader) && reader_put_prefix(&reader) && binding_check(binding, error);
}
