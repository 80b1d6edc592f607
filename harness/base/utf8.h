/* harness/base/utf8.h: text that came from a candidate, made fit for a format.
 *
 * Promises: the result is valid UTF-8 without control bytes other than tab and newline (which XML 1.0 and
 * JSON readers choke on); what was not is shown as '?'. malloc'd, the caller's to free.
 */
#pragma once

char *utf8_clean(const char *text);
