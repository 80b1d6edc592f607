/* harness/base/utf8.h: text that came from a candidate, made fit for a format.
 *
 * Promises: the result is valid UTF-8 without control bytes other than tab and newline (which XML 1.0 and
 * JSON readers choke on); what was not is shown as '?'. malloc'd, the caller's to free.
 */
#pragma once

#include <stdbool.h>

char *utf8_clean(const char *text);

/* The same where it stands: text that another process has told. Newlines and tabs stay only where `keeps_lines`; else
 * they become spaces, and nothing in the text can look like a line of its own. */
void utf8_clean_here(char *text, bool keeps_lines);
