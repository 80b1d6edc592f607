/* harness/base/whole_file.h: files are whole or not there.
 *
 * Promises: a file is written beside its place and gets its name when it is complete; what was there before
 * stays until then, and for good when writing fails. "-" is standard output; a device, a pipe or a terminal
 * is written as it is.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "harness/base/error.h"

/* Writes what `context` is; false when it could not. */
typedef bool whole_file_writer(FILE *out, const void *context);

/* False with `error`, one line that names the file. */
bool whole_file_write(const char *path, whole_file_writer *write, const void *context, struct error *error);

/* The same, but the new file replaces whatever has the name: no link is followed and no device is written. For names
 * that somebody else may have taken. "-" is an ordinary name here. */
bool whole_file_replace(const char *path, whole_file_writer *write, const void *context, struct error *error);

/* Is it a device, a pipe or a terminal, which is written as it is? */
bool whole_file_is_special(const char *path);

/* Could the file be written now? To be asked before the work whose result it will hold. Leaves nothing behind. False
 * with `error` as above. */
bool whole_file_may_write(const char *path, struct error *error);
