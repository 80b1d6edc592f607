/* conformance/sources.h: the documents that the clauses' rules come from.
 *
 * Promises: the rows of sources.tsv, compiled into the program, so that they are wherever the program is. A clause's
 * `source` is plain text that cites rows by their keys in brackets: "[A15] [A17]; rustc declares the result noalias".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct source {
    const char *key;      /* letters, digits, '.' and '-' */
    const char *document; /* with its version, and where the public finds it */
    const char *place;    /* in the document: a section, a function, the item of a list */
    const char *rule;     /* one sentence in plain words */
};

enum { SOURCE_KEY_SIZE = 32 }; /* bytes of the longest key, with its end */

/* Copies the next key that the text at `*text` cites, and moves `*text` behind it. False when there is none left.
 * Brackets around anything that cannot be a key, as in "[0, size)", are passed over. */
bool source_next_key(const char **text, char key[SOURCE_KEY_SIZE]);

/* The row of that key, in static storage; NULL when there is none. */
const struct source *source_find(const char *key);
