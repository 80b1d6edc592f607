/* harness/candidate/artifact.h: what can be said about a library file before anything of it is loaded.
 *
 * Promises: the file is read, never mapped and never run, so that a broken or hostile file does nothing. Every answer
 * takes a few milliseconds. Allocates (libelf), so it is for the supervising process, not for a child under watch.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/error.h"

/* True when `path` is a whole shared library of this program's own platform, so that loading it is worth a
 * try. Otherwise `error` is one line that names the file, what it is instead, and the next step. */
bool artifact_check(const char *path, struct error *error);

/* Bytes of thread-local storage that the file itself asks for, its alignment included; 0 where it has none or cannot
 * be read. */
uint64_t artifact_tls_size(const char *path);

enum artifact_symbol {
    SYMBOL_UNKNOWN,   /* no symbol table can be read: the dynamic linker may know better */
    SYMBOL_ABSENT,    /* not defined, or not visible to a loader */
    SYMBOL_FUNCTION,  /* defined once, in code */
    SYMBOL_OBJECT,    /* defined, but as data */
    SYMBOL_DUPLICATE, /* defined more than once; hidden old versions of a versioned symbol do not count */
};

/* What the dynamic symbol table says of `symbol`. The library's dependencies are not asked. */
enum artifact_symbol artifact_find_symbol(const char *path, const char *symbol);

/* "is missing", "is data", "is defined twice" ... for a message; "is a function" of SYMBOL_FUNCTION. */
const char *artifact_symbol_text(enum artifact_symbol symbol);
