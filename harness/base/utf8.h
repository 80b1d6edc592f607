/* harness/base/utf8.h: makes text that came from a candidate fit for every format of a report.
 *
 * Promises: the result is valid UTF-8 without control bytes other than tab and newline (which XML 1.0 and JSON readers
 * choke on). Every byte that is not valid is shown as '?'.
 */
#pragma once

#include <stdbool.h>

/* The cleaned text, malloc'd, which the caller frees; NULL when there is no memory. */
char *utf8_clean(const char *text);

/* The same in place, for text that another process has told. Newlines and tabs stay only where `keeps_lines`; otherwise
 * they become spaces, so that nothing in the text can look like a line of its own. */
void utf8_clean_here(char *text, bool keeps_lines);
