/* harness/trace/text.h: a trace as text a person reads, writes, and sends by mail.
 *
 * Promises: what trace_write wrote trace_read reads back as the same events (answers aside: they are comments), on
 * every platform that has its sizes and alignments. A file with an error, or with a number that this platform's size_t
 * does not have, is refused as a whole, with one line "FILE:LINE: found X, expected Y".
 *
 *     assay trace 1                                        the first line, always
 *     # anything                                           a comment, also behind an event
 *     b1 = allocate(size 24, align 16)
 *     b2 = allocate_zeroed(size 100, align 8)
 *     b1 = reallocate(b1, old_size requested, size 48)     old_size: requested | usable | requested + N, where N wraps
 * at reallocate_inplace(b1, old_size requested + 3, size 64)                the end of the legal range requested ..=
 * usable deallocate(b1, old_size usable) usable_size(size 3, align 8) b3 = calloc(3, 8) C's functions, by their own
 * names and arguments b3 = realloc(b3, 40)                                 b4 = realloc(null, 40), free(null): of a
 * null pointer b5 = posix_memalign(64, 100)                         its first argument, the address of the answer, is
 * not written free_sized(b3, 40)                                   the size is the block's own, whatever stands here
 *     verify()                                             the contents of every live block
 *     refuse(from 3)                                       memory: the third mapping call from here and all behind it
 * fail refuse(only 3)                                       just the third refuse(none) guard(size 4096) an
 * inaccessible page behind where a mapping of so much goes thread 2: deallocate(b2, old_size requested)         by a
 * thread of its own thread 2: end()                                      which ends; the next event of number 2 starts
 * a new one
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "harness/base/error.h"
#include "harness/sandbox/event.h"

/* Most characters of one event's line, with the final NUL. */
enum { EVENT_TEXT = 160 };

/* Writes one event's line, without its end, into `text`. Returns its length. */
size_t event_text(char *text, size_t size, const struct event *event);

/* The same of an EVENT_C alone; `letter` stands before the block's number. */
void c_event_text(char *text, size_t size, const struct event *event, const char *letter);

/* Writes a whole file; `about` (lines of text, or NULL) stands as comments behind the header. False: writing failed. */
bool trace_write(FILE *out, const char *about, const struct event *events, size_t count);

/* Reads a whole file. `*events` is malloc'd, the caller's to free. Returns their number, -1 with `error`. */
long trace_read(const char *path, struct event **events, struct error *error);

/* The same from memory; `name` stands in messages. `text` is changed. */
long trace_parse(const char *name, char *text, struct event **events, struct error *error);

/* For reports: recorded events as the calls that were made, one a line, with the answers: `p3 = reallocate(p3, old_size
 * 24, size 48, align 16)  -> 0x7f...`. Cut at whole lines to fit `size`, with a final NUL. Returns the length written.
 */
size_t trace_print(char *out, size_t size, const struct event *events, size_t count);
