/* harness/trace/text.h: a trace as text a person reads, writes, and sends by mail.
 *
 * Promises: what trace_write wrote trace_read reads back as the same events (answers aside: they are comments), on
 * every platform that has its sizes and alignments. A file with an error, or with a number that this platform's size_t
 * does not have, is refused as a whole, with one line "FILE:LINE: found X, expected Y".
 *
 *     assay trace 1                                      the first line, always
 *     # anything                                         a comment, also behind an event
 *     b1 = allocate(size 24, align 16)
 *     b2 = allocate_zeroed(size 100, align 8)
 *     b1 = reallocate(b1, old_size requested, size 48)   old_size: requested | usable | requested + N; the sum wraps
 *                                                        at the end of the legal range requested ..= usable
 *     reallocate_inplace(b1, old_size requested + 3, size 64)
 *     deallocate(b1, old_size usable)
 *     usable_size(size 3, align 8)
 *     b3 = calloc(3, 8)                                  C's functions, by their own names and arguments
 *     b3 = realloc(b3, 40)
 *     b4 = realloc(null, 40)                             of a null pointer; also free(null)
 *     b5 = posix_memalign(64, 100)                       the first argument, an address for the answer, is left out
 *     free_sized(b3, 40)                                 the size passed is the block's own, whatever stands here
 *     verify()                                           checks the contents of every live block
 *     refuse(from 3)                                     the third mapping call from here fails, and all that follow
 *     refuse(only 3)                                     just the third one fails
 *     refuse(none)                                       none fails any more
 *     guard(size 4096)                                   puts an inaccessible page behind the place where the next
 *                                                        mapping of so many bytes goes
 *     thread 2: deallocate(b2, old_size requested)       by a thread of its own
 *     thread 2: end()                                    ends that thread; a later event of thread 2 starts a new one
 *     set(stack 65536)                                   of threads that start from here on; 0: as usual, 1: the
 *                                                        platform's least
 *     set(processor 2)                                   of those that the thread may use, and no other; 0: all
 *     set(pause 1100)                                    milliseconds in which nothing is called
 *     set(keep 1)                                        the system refuses to take memory back; 0: no longer
 *     set(exit 0)                                        the process ends here; a replay goes on without
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "harness/base/error.h"
#include "harness/sandbox/event.h"

/* Most characters of one event's line, with the final NUL. */
enum { EVENT_TEXT = 160 };

/* Writes one event as a line, without the newline, into `text`. Returns its length. */
size_t event_text(char *text, size_t size, const struct event *event);

/* Writes a whole file; `about` (lines of text, or NULL) stands as comments behind the header. False: writing failed. */
bool trace_write(FILE *out, const char *about, const struct event *events, size_t count);

/* Reads a whole file. `*events` is malloc'd, the caller's to free. Returns their number, -1 with `error`. */
long trace_read(const char *path, struct event **events, struct error *error);

/* The same from memory; `name` stands in messages. `text` is changed. */
long trace_parse(const char *name, char *text, struct event **events, struct error *error);

/* Writes recorded events for a report, as the calls that were made, one a line, with their answers: `p3 =
 * reallocate(p3, old_size 24, size 48, align 16)  -> 0x7f...`. Cut at whole lines to fit `size`, with a final NUL.
 * Returns the length written. */
size_t trace_print(char *out, size_t size, const struct event *events, size_t count);

/* ---- between text_write.c and print.c ---- */

/* What a trace and a report say differently of the same operation. */
struct event_words {
    const char *old_size; /* as it is to be written */
    uint64_t align;       /* 0: it is not written */
};

static inline uint64_t event_align(const struct event *event) { return UINT64_C(1) << (event->align_log2 & 63); }

/* One of the six operations, `b1 = reallocate(b1, old_size 24, size 48)`. `letter` stands before the block's number. */
void operation_event_text(char *text, size_t size, const struct event *event, const char *letter,
                          const struct event_words *words);

/* The same of a call of a C function (EVENT_C). */
void c_event_text(char *text, size_t size, const struct event *event, const char *letter);
