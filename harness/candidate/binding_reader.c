#include "harness/candidate/binding_reader.h"

#include <stdarg.h>
#include <stdio.h>

#include "harness/base/lexer.h"

bool reader_refuse(struct reader *reader, const char *format, ...)
{
    char text[700];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return error_set(reader->error, "%s:%d: %s", reader->binding->path, reader->line, text);
}

bool reader_compile(struct reader *reader, const char **text, const struct scope *scope, struct expression *expression)
{
    struct error error = {0};
    if (expression_compile(text, scope, &reader->binding->arena, expression, &error))
        return true;
    return reader_refuse(reader, "%s", error.text);
}

bool reader_expect(struct reader *reader, const char **text, const char *token)
{
    return text_take(text, token) || reader_refuse(reader, "found %s, expected \"%s\"", text_found(*text), token);
}

bool reader_expect_end(struct reader *reader, const char *text, const char *or_else)
{
    if (*text_skip_space(text) == '\0')
        return true;
    return reader_refuse(reader, "found %s, expected %s or the end of the line", text_found(text), or_else);
}

struct scope reader_scope(const struct binding *binding, unsigned variables, bool usable_size)
{
    return (struct scope){variables | VARIABLE_BIT(VAR_SIZEOF_POINTER) | VARIABLE_BIT(VAR_PAGE_SIZE), usable_size,
                          binding->definitions, binding->definition_count};
}
