/* harness/base/error.h: one line that says what went wrong, and where.
 *
 * Promises: a `struct error` holds at most one message, the first that was set: the cause, not what followed from it.
 * It never allocates, so it may be used while a candidate's memory is under watch. An all-zero object is empty.
 */
#pragma once

#include <stdbool.h>

struct error {
    char text[1024]; /* empty: no error */
};

/* Records a printf-style message unless one is there already. Returns false, always, so that
 * `return error_set(error, ...)` reads as the failure it is. `error` may be NULL. */
bool error_set(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same with the place before it: "FILE:LINE: " and the message. */
bool error_at(struct error *error, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static inline bool error_is_set(const struct error *error) { return error->text[0] != '\0'; }
