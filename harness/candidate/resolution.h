/* harness/candidate/resolution.h: where the dynamic linker has a candidate's functions, as it stands now.
 *
 * Promises: asks only, changes nothing. The dynamic linker may allocate (libc's malloc) when a lookup fails,
 * so this is for moments at which no block of a candidate that replaces malloc is under watch.
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

/* Of the binding's function `index`; false when there is no such function. */
bool candidate_resolution(const struct candidate *candidate, int index, struct resolution *resolution);
