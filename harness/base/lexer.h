/* harness/base/lexer.h: the words and signs that a line of a binding or of a trace is made of.
 *
 * Promises: a word consists of letters, digits, _ and . (a letter is what isalnum says). White space before a word or a
 * sign is skipped, except where text_word measures. Allocates nothing.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Where the white space that `text` begins with ends. */
const char *text_skip_space(const char *text);

/* The length of the word that `text` begins with; 0 when it begins with none. */
size_t text_word(const char *text);

/* True when `*text` begins with exactly this word, or with this sign; `*text` is then moved past it. */
bool text_take(const char **text, const char *token);

/* What `text` begins with, for a message: a word or a sign in quotation marks, or `the end of the line`. Valid until
 * this thread's next call. */
const char *text_found(const char *text);
