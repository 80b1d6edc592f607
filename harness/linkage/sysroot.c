#include "harness/linkage/sysroot.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_LINKS = 40 };

char *sysroot_read(const char *path)
{
    char *real = path == NULL || path[0] == '\0' ? NULL : realpath(path, NULL);
    if (real != NULL && strcmp(real, "/") != 0)
        return real;
    free(real);
    return strdup("");
}

bool sysroot_may_look(size_t *looks) { return *looks > 0 && --*looks > 0; }

const char *sysroot_path(const char *root, const char *path, bool is_rooted)
{
    size_t length = strlen(root);
    if (length == 0)
        return NULL;
    if (is_rooted)
        return path;
    return strncmp(path, root, length) == 0 && path[length] == '/' ? path + length : NULL;
}

bool sysroot_follow(const char *root, const char *path, char *result, size_t size, size_t *looks)
{
    char rest[PATH_MAX], link[PATH_MAX];
    size_t root_length = strlen(root), length = root_length;
    int links = 0;
    if (length >= size || (size_t)snprintf(rest, sizeof rest, "%s", path) >= sizeof rest)
        return false;
    memcpy(result, root, length + 1);
    for (char *part = rest; *part != '\0';) {
        size_t width = strcspn(part, "/");
        char *next = part + width + (part[width] == '/');
        if (width == 2 && memcmp(part, "..", 2) == 0) {
            while (length > root_length && result[--length] != '/')
                ;
            result[length] = '\0';
        } else if (width > 0 && !(width == 1 && *part == '.')) {
            if (length + width + 2 > size)
                return false;
            int added = snprintf(result + length, size - length, "/%.*s", (int)width, part);
            if (!sysroot_may_look(looks))
                return false;
            ssize_t target = readlink(result, link, sizeof link - 1);
            if (target < 0 && errno != EINVAL)
                return false; /* it does not exist, and so nothing below it does */
            if (target < 0) {
                length += (size_t)added;
            } else { /* continue with the target of the link, followed by the rest of the path */
                link[target] = '\0';
                if (++links > MOST_LINKS || (size_t)target + strlen(next) + 2 > sizeof rest)
                    return false;
                memmove(rest + target + 1, next, strlen(next) + 1);
                memcpy(rest, link, (size_t)target);
                rest[target] = '/';
                length = link[0] == '/' ? root_length : length;
                result[length] = '\0';
                next = rest;
            }
        }
        part = next;
    }
    return access(result, F_OK) == 0;
}
