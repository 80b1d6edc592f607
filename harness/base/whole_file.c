#include "harness/base/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool cannot(const char *path, struct error *error)
{
    return error_set(error, "%s: cannot be written: %s", path, strerror(errno == 0 ? EIO : errno));
}

static bool write_stream(FILE *out, whole_file_writer *write, const void *context)
{
    errno = 0;
    return write(out, context) && fflush(out) == 0 && !ferror(out);
}

/* A stream on a fresh file beside `path`, with the permissions any new file would get. */
static FILE *open_beside(const char *path, char **temporary)
{
    if (asprintf(temporary, "%s.XXXXXX", path) < 0) {
        *temporary = NULL;
        return NULL;
    }
    int descriptor = mkstemp(*temporary);
    mode_t mask = umask(0);
    umask(mask);
    if (descriptor < 0)
        return NULL;
    fchmod(descriptor, 0666 & ~mask);
    return fdopen(descriptor, "w");
}

/* A device, a pipe or a terminal (/dev/stdout, /dev/null) is written as it is: renaming would replace it. */
bool whole_file_is_special(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

/* Opened without waiting: a named pipe that nobody reads is an error, not a wait for a reader. */
static FILE *open_special(const char *path)
{
    int descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0)
        return NULL;
    fcntl(descriptor, F_SETFL, 0); /* writing waits for a reader that is slow */
    FILE *file = fdopen(descriptor, "w");
    if (file == NULL)
        close(descriptor);
    return file;
}

static bool write_special(const char *path, whole_file_writer *write, const void *context, struct error *error)
{
    FILE *out = open_special(path);
    bool well = out != NULL && write_stream(out, write, context);
    if (out != NULL)
        well = fclose(out) == 0 && well;
    return well || cannot(path, error);
}

bool whole_file_write(const char *path, whole_file_writer *write, const void *context, struct error *error)
{
    if (strcmp(path, "-") == 0)
        return write_stream(stdout, write, context) || cannot("standard output", error);
    if (whole_file_is_special(path))
        return write_special(path, write, context, error);
    return whole_file_replace(path, write, context, error);
}

bool whole_file_replace(const char *path, whole_file_writer *write, const void *context, struct error *error)
{
    char *temporary = NULL;
    FILE *out = open_beside(path, &temporary);
    bool well = out != NULL && write_stream(out, write, context);
    if (out != NULL)
        well = fclose(out) == 0 && well;
    well = well && rename(temporary, path) == 0;
    if (!well)
        cannot(path, error);
    if (!well && out != NULL)
        unlink(temporary); /* what cannot be renamed is not left behind */
    free(temporary);
    return well;
}

/* A directory is neither written as it is nor replaced. */
static bool is_directory(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

bool whole_file_may_write(const char *path, struct error *error)
{
    char *temporary = NULL;
    errno = 0;
    if (strcmp(path, "-") == 0)
        return true;
    if (is_directory(path)) {
        errno = EISDIR;
        return cannot(path, error);
    }
    if (whole_file_is_special(path))
        return access(path, W_OK) == 0 || cannot(path, error);
    FILE *out = open_beside(path, &temporary);
    if (out == NULL)
        cannot(path, error);
    else
        fclose(out);
    if (out != NULL)
        unlink(temporary);
    free(temporary);
    return out != NULL;
}
