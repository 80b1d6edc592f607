/* What recorder.c writes down: the latest calls, and whether the next ones are to be refused. */
#pragma once

#include <stdint.h>

struct recording {
    int calls;
    int refuse;
    const char *name[8]; /* of call N at N % 8, the first being 1 */
    uintptr_t argument[8][4];
};
