/* harness/base/text_file.h: reads files that a person or another program has written, and refuses what cannot be one.
 *
 * Promises: no function waits for another process to open the file. A directory, a socket, a block device and a
 * terminal are refused with one line that names the file, says what it is and what was expected. A symbolic link is
 * followed. `expected` is what the file should hold, such as "a binding".
 */
#pragma once

#include <stdio.h>

#include "harness/base/error.h"

/* Reads a regular file of at most `room` - 1 bytes without allocating, and puts a NUL behind it. For a file that is
 * read several times, or while the process's malloc may be the candidate. False with `error`: also when it is longer,
 * and when it has a NUL in it. */
bool text_file_read_into(const char *path, const char *expected, char *text, size_t room, struct error *error);

/* Reads a file of at most `most` bytes, which is read once, and puts a NUL behind it. It may also be a pipe that some
 * process writes to (a shell's `<(command)`), or a character device such as /dev/null. Returns memory that the caller
 * frees, or NULL with `error`: also when it is longer, and when it has a NUL in it. */
char *text_file_read(const char *path, const char *expected, size_t most, struct error *error);

/* The same for a file that need not be text: a NUL is a byte like any other. `*length`: how many bytes there are. */
char *text_file_read_bytes(const char *path, const char *expected, size_t most, size_t *length, struct error *error);

/* Opens a file that is read once, as above, for a reader that takes a stream. Returns a stream that the caller closes,
 * or NULL with `error`. */
FILE *text_stream_open(const char *path, const char *expected, struct error *error);

/* Sets "PATH: cannot be read: REASON" from a value of errno. Returns false. */
bool text_file_cannot_be_read(const char *path, int reason, struct error *error);
