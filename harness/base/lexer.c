#include "harness/base/lexer.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

const char *text_skip_space(const char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    return text;
}

size_t text_word(const char *text)
{
    size_t length = 0;
    while (isalnum((unsigned char)text[length]) || text[length] == '_' || text[length] == '.')
        length++;
    return length;
}

bool text_take(const char **text, const char *token)
{
    const char *at = text_skip_space(*text);
    size_t length = strlen(token);
    bool is_word = text_word(token) > 0;
    if (is_word ? text_word(at) != length || strncmp(at, token, length) != 0 : strncmp(at, token, length) != 0)
        return false;
    *text = at + length;
    return true;
}

const char *text_found(const char *text)
{
    static _Thread_local char quoted[48];
    const char *at = text_skip_space(text);
    size_t length = text_word(at);
    if (*at == '\0')
        return "the end of the line";
    snprintf(quoted, sizeof quoted, "\"%.*s\"", (int)(length > 40 ? 40 : length > 0 ? length : 1), at);
    return quoted;
}
