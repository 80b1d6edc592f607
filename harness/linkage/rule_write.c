/* Adds findings and notes. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/linkage/rule_parts.h"

static char *formatted(const char *format, va_list arguments)
{
    char *text = NULL;
    return vasprintf(&text, format, arguments) < 0 ? strdup("") : text;
}

void add_finding(struct linkage *linkage, enum linkage_clause clause, bool is_open, const char *format, ...)
{
    va_list arguments;
    if (!linkage_applies(linkage, clause))
        return;
    va_start(arguments, format);
    linkage->findings = realloc(linkage->findings, (linkage->finding_count + 1) * sizeof *linkage->findings);
    linkage->findings[linkage->finding_count++] =
        (struct linkage_finding){.clause = clause, .is_open = is_open, .message = formatted(format, arguments)};
    va_end(arguments);
}

void add_note(struct linkage *linkage, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    linkage->notes = realloc(linkage->notes, (linkage->note_count + 1) * sizeof *linkage->notes);
    linkage->notes[linkage->note_count++] = formatted(format, arguments);
    va_end(arguments);
}
