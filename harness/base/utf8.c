#include "harness/base/utf8.h"

#include <stdlib.h>
#include <string.h>

/* Length of the well-formed sequence at `s`; 0 if there is none. Overlong forms, surrogates and values past
 * U+10FFFF are none, and so are control characters: a terminal obeys them, U+009B like escape. */
static size_t sequence(const unsigned char *s)
{
    if (s[0] < 0x80)
        return s[0] >= 0x20 || s[0] == '\t' || s[0] == '\n' ? s[0] != 0x7f : 0;
    size_t length = s[0] >= 0xc2 && s[0] <= 0xdf   ? 2
                    : s[0] >= 0xe0 && s[0] <= 0xef ? 3
                    : s[0] >= 0xf0 && s[0] <= 0xf4 ? 4
                                                   : 0;
    for (size_t i = 1; i < length; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf0 && s[1] < 0x90) ||
        (s[0] == 0xf4 && s[1] > 0x8f) || (s[0] == 0xc2 && s[1] < 0xa0) ||
        (s[0] == 0xef && s[1] == 0xbf && s[2] >= 0xbe))
        return 0;
    return length;
}

char *utf8_clean(const char *text)
{
    const unsigned char *from = (const unsigned char *)(text == NULL ? "" : text);
    char *clean = malloc(strlen((const char *)from) + 1), *to = clean;
    while (clean != NULL && *from != '\0') {
        size_t length = sequence(from);
        if (length == 0) {
            *to++ = '?';
            from++;
        }
        for (; length > 0; length--)
            *to++ = (char)*from++;
    }
    if (clean != NULL)
        *to = '\0';
    return clean;
}

void utf8_clean_here(char *text, bool keeps_lines)
{
    for (size_t length; *text != '\0'; text += length) {
        length = sequence((const unsigned char *)text);
        if (length == 0)
            *text = '?';
        else if ((*text == '\n' || *text == '\t') && !keeps_lines)
            *text = ' ';
        length += length == 0;
    }
}
