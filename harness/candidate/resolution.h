/* harness/candidate/resolution.h: what the dynamic linker answers at this moment for the names of a candidate's
 * functions.
 *
 * Promises: asks, and changes nothing. The dynamic linker may allocate (libc's malloc) when a lookup fails, so this is
 * for moments at which no block is under watch of a candidate that replaces malloc.
 */
#pragma once

#include <stdbool.h>

#include "harness/candidate/candidate.h"

struct resolution {
    const char *symbol;
    const void *called;   /* what the calls go to */
    const void *resolved; /* what the library's handle answers now; NULL: nothing any more */
    const void *global;   /* what any object that is loaded from now on binds to; NULL: nobody exports it to all */
    const char *called_in, *global_in; /* paths of the objects these lie in; "" where it is not known */
    bool is_own;                       /* `called` lies in the candidate itself */
};

/* Fills `resolution` for the binding's function `index`. False when there is no such function. */
bool candidate_resolution(const struct candidate *candidate, int index, struct resolution *resolution);
