#include "harness/report/text_words.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/utf8.h"

enum { LINE = 96 };

struct page text_page(FILE *out, bool color)
{
    return color ? (struct page){out, "\033[32m", "\033[1;31m", "\033[2m", "\033[0m"}
                 : (struct page){out, "", "", "", ""};
}

const char *text_grouped(uint64_t number, char *text, size_t size)
{
    char digits[32];
    int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)number), at = 0;
    for (int i = 0; i < length && at + 2 < (int)size; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            text[at++] = ',';
        text[at++] = digits[i];
    }
    text[at] = '\0';
    return text;
}

void text_lines(FILE *out, const char *indent, const char *text)
{
    char *clean = utf8_clean(text);
    for (const char *line = clean; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        fprintf(out, "%s%.*s\n", indent, (int)length, line);
        line += length + (line[length] == '\n');
    }
    free(clean);
}

void text_one_line(FILE *out, const char *text)
{
    char *clean = utf8_clean(text);
    for (char *at = strchr(clean, '\n'); at != NULL; at = strchr(at, '\n'))
        *at = ' ';
    fputs(clean, out);
    free(clean);
}

void text_wrapped(FILE *out, const char *indent, const char *text)
{
    while (*text != '\0') {
        size_t length = strlen(text);
        if (length > LINE)
            for (length = LINE; length > 0 && text[length] != ' ';)
                length--;
        length = length == 0 ? strcspn(text, " ") : length;
        fprintf(out, "%s%.*s\n", indent, (int)length, text);
        text += length + strspn(text + length, " ");
    }
}

void text_field(FILE *out, const char *label, const char *text)
{
    char *clean = utf8_clean(text), first[64];
    size_t length = strcspn(clean, "\n");
    snprintf(first, sizeof first, "    %-10s", label);
    fprintf(out, "%s%.*s\n", first, (int)length, clean);
    if (clean[length] == '\n')
        text_lines(out, "              ", clean + length + 1);
    free(clean);
}

void text_command(FILE *out, const char *label, char *command)
{
    fprintf(out, "    %-10s%s\n", label, command == NULL ? "" : command);
    free(command);
}
