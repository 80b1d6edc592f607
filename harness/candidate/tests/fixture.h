/* Where the tests of harness/candidate find their libraries, and how they write a file of their own. */
#pragma once

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The path of fixtures/NAME.so in the build directory: ASSAY_FIXTURES, or the nearest one above this program.
 */
static inline const char *fixture(const char *name)
{
    static char path[PATH_MAX + 300];
    char self[PATH_MAX] = "";
    const char *set = getenv("ASSAY_FIXTURES");
    snprintf(path, sizeof path, "%s/%s.so", set != NULL ? set : "", name);
    if (set != NULL || readlink("/proc/self/exe", self, sizeof self - 1) < 0)
        return path;
    for (char *slash; (slash = strrchr(self, '/')) != NULL;) {
        *slash = '\0';
        snprintf(path, sizeof path, "%s/fixtures/%s.so", self, name);
        if (access(path, R_OK) == 0)
            break;
    }
    return path;
}

static inline const char *bindings_directory(void)
{
    const char *set = getenv("ASSAY_BINDINGS");
    return set != NULL ? set : "conformance/bindings"; /* tests run from the top of the tree */
}

/* Writes the bytes to a new file whose name ends in `ending`; the test's end removes it (file_remove). */
static inline const char *file_write(const char *ending, const void *bytes, size_t length)
{
    static char path[PATH_MAX];
    const char *directory = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/assay-XXXXXX%s", directory != NULL ? directory : "/tmp", ending);
    int descriptor = mkstemps(path, (int)strlen(ending));
    if (descriptor < 0 || write(descriptor, bytes, length) != (ssize_t)length || close(descriptor) != 0)
        abort();
    return path;
}

static inline void file_remove(const char *path) { unlink(path); }
