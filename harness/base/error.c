#include "harness/base/error.h"

#include <stdarg.h>
#include <stdio.h>

bool error_set(struct error *error, const char *format, ...)
{
    if (error == NULL || error_is_set(error))
        return false;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    /* Names and contents of files may hold anything, and the message stays one line. */
    for (char *at = error->text; *at != '\0'; at++)
        *at = (unsigned char)*at < ' ' || *at == 0x7f ? '?' : *at;
    return false;
}

bool error_at(struct error *error, const char *file, int line, const char *format, ...)
{
    char text[sizeof error->text];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return error_set(error, "%s:%d: %s", file, line, text);
}
