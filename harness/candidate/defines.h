/* harness/candidate/defines.h: does a loaded object itself define a function?
 *
 * Promises: reads the object's own tables as they lie in memory, and calls nothing. A lookup by dlsym that fails makes
 * the dynamic linker allocate its error message, and with a preloaded candidate that would be the candidate's first
 * call.
 */
#pragma once

#include <link.h>
#include <stdbool.h>

/* True for a function of that name, global or weak, in the object's dynamic symbol table. */
bool object_defines_function(const struct link_map *object, const char *name);
