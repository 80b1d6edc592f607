/* harness/report/text_words.h: the pieces that the report for people (text.c) is written with.
 *
 * Promises: text that came from a candidate or a file is shown without anything that a terminal would obey (utf8.h);
 * nothing is added to it or left out.
 */
#pragma once

#include "harness/report/report.h"

enum { TEXT_NAMED = 4 }; /* of a long list, the first so many are named and the others counted */

/* Where the page goes, and the colors that it has: all empty where there are none. */
struct page {
    FILE *out;
    const char *good, *bad, *dim, *plain;
};

struct page text_page(FILE *out, bool color);

/* 1204332 as 1,204,332, in `text`. */
const char *text_grouped(uint64_t number, char *text, size_t size);

/* Each line of the text behind `indent`. */
void text_lines(FILE *out, const char *indent, const char *text);

/* The text within a line: newlines become spaces. */
void text_one_line(FILE *out, const char *text);

/* A sentence of ours, broken between words into lines of at most 96 characters, each behind `indent`. */
void text_wrapped(FILE *out, const char *indent, const char *text);

/* `label  text`; further lines of the text stand under its first. */
void text_field(FILE *out, const char *label, const char *text);

/* A command to be pasted, as it is: a file's name may have a newline. Frees `command`. */
void text_command(FILE *out, const char *label, char *command);
