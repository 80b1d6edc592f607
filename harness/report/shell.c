#include "harness/report/shell.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/utf8.h"

static bool is_plain(const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+,:@%=-";
    return text[0] != '\0' && text[strspn(text, plain)] == '\0';
}

static bool is_printable(const char *text)
{
    char *clean = utf8_clean(text);
    bool is = clean != NULL && strcmp(clean, text) == 0 && strchr(text, '\t') == NULL;
    free(clean);
    return is;
}

/* A command substitution takes the bytes from printf. None of them is a newline, which it would drop at the end. */
static void print_escaped(FILE *out, const unsigned char **at)
{
    fputs("\"$(printf '", out);
    for (; **at != '\0' && **at != '\n' && (**at < 0x20 || **at >= 0x7f); (*at)++)
        fprintf(out, "\\%03o", **at);
    fputs("')\"", out);
}

/* Nothing has a meaning of its own between single quotes. */
static void print_quoted(FILE *out, const char *text, bool escapes)
{
    bool inside = false;
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0';) {
        bool is_escaped = escapes && *at != '\n' && (*at < 0x20 || *at >= 0x7f);
        if (is_escaped == inside) {
            fputc('\'', out);
            inside = !inside;
        }
        if (is_escaped)
            print_escaped(out, &at);
        else if (*at == '\'')
            fputs("'\\''", out), at++;
        else
            fputc(*at++, out);
    }
    if (inside)
        fputc('\'', out);
    if (text[0] == '\0')
        fputs("''", out);
}

static char *word(const char *before, const char *text)
{
    char *made = NULL, *whole = NULL;
    size_t size = 0;
    if (asprintf(&whole, "%s%s", before, text) < 0)
        return NULL;
    FILE *out = open_memstream(&made, &size);
    if (out != NULL && is_plain(whole))
        fputs(whole, out);
    else if (out != NULL)
        print_quoted(out, whole, !is_printable(whole));
    if (out != NULL)
        fclose(out);
    free(whole);
    return made;
}

char *shell_word(const char *text) { return word("", text); }

char *shell_operand(const char *path) { return word(path[0] == '-' ? "./" : "", path); }

char *shell_file(const char *path) { return word(strchr(path, '/') == NULL ? "./" : "", path); }
