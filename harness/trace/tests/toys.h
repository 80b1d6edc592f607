/* What the tests of traces share: where the toy allocators are, and the laws as a contract of their own. */
#pragma once

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/candidate/binding.h"
#include "harness/oracle/law.h"

#define TOY_BINDINGS "conformance/bindings"

/* Path of a fixture: the build directory is three directories above this program. Static storage. */
static inline const char *toy_path(const char *name)
{
    static char path[PATH_MAX + 64];
    char self[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    self[length > 0 ? length : 0] = '\0';
    for (int i = 0; i < 4; i++)
        *strrchr(self, '/') = '\0';
    snprintf(path, sizeof path, "%s/fixtures/%s.so", self, name);
    return path;
}

static inline int toy_clause_index(const char *id)
{
    for (int law = 0; law < LAW_COUNT; law++)
        if (strcmp(law_id((enum law)law), id) == 0)
            return law;
    return -1;
}
