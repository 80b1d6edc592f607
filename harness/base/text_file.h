/* harness/base/text_file.h: opens text files for reading, and refuses what would be no text or would never end.
 *
 * Promises: neither function waits for another process to open the file. A directory, a socket, a block device and a
 * terminal are refused with one line that names the file, says what it is and what was expected. A symbolic link is
 * followed. /
 */
#pragma once

#include <stdio.h>

#include "harness/base/error.h"

/* Opens a regular file, for one that is read several times. `expected` is what it should hold, such as "a binding".
 * Returns a descriptor that the caller closes, or -1 with `error`. Allocates nothing. */
int text_file_open(const char *path, const char *expected, struct error *error);

/* Opens a file that is read once. It may also be a pipe that some process writes to (a shell's `<(command)`), or a
 * character device such as /dev/null. Returns a stream that the caller closes, or NULL with `error`. */
FILE *text_stream_open(const char *path, const char *expected, struct error *error);

/* Sets "PATH: cannot be read: REASON" from a value of errno. Returns false. */
bool text_file_cannot_be_read(const char *path, int reason, struct error *error);
