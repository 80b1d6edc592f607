#include "harness/base/text_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool text_file_cannot_be_read(const char *path, int reason, struct error *error)
{
    return error_set(error, "%s: cannot be read: %s", path, strerror(reason));
}

static const char *kind_name(mode_t mode)
{
    return S_ISDIR(mode)    ? "a directory"
           : S_ISFIFO(mode) ? "a pipe"
           : S_ISSOCK(mode) ? "a socket"
           : S_ISBLK(mode)  ? "a block device"
                            : "a character device";
}

/* Opened without waiting: a pipe that no process has open for writing would make open() wait for one. */
static int open_at_once(const char *path, mode_t *mode, struct error *error)
{
    struct stat status;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor >= 0 && fstat(descriptor, &status) == 0) {
        *mode = status.st_mode;
        return descriptor;
    }
    text_file_cannot_be_read(path, errno, error);
    if (descriptor >= 0)
        close(descriptor);
    return -1;
}

static int refuse(int descriptor, const char *path, const char *what, const char *expected, struct error *error)
{
    error_set(error, "%s: is %s, expected %s", path, what, expected);
    close(descriptor);
    return -1;
}

int text_file_open(const char *path, const char *expected, struct error *error)
{
    mode_t mode = 0;
    int descriptor = open_at_once(path, &mode, error);
    if (descriptor >= 0 && !S_ISREG(mode))
        return refuse(descriptor, path, kind_name(mode), expected, error);
    return descriptor;
}

/* Whether some process writes to the pipe is seen at the first read. The byte that was read is put back. */
static bool has_writer(FILE *file)
{
    errno = 0;
    int byte = fgetc(file);
    bool waits = byte == EOF && errno == EAGAIN;
    clearerr(file);
    return waits || (byte != EOF && ungetc(byte, file) == byte);
}

FILE *text_stream_open(const char *path, const char *expected, struct error *error)
{
    mode_t mode = 0;
    int descriptor = open_at_once(path, &mode, error);
    if (descriptor < 0)
        return NULL;
    bool terminal = S_ISCHR(mode) && isatty(descriptor);
    if (terminal || S_ISDIR(mode) || S_ISSOCK(mode) || S_ISBLK(mode)) {
        refuse(descriptor, path, terminal ? "a terminal" : kind_name(mode), expected, error);
        return NULL;
    }
    FILE *file = fdopen(descriptor, "r");
    if (file == NULL) {
        text_file_cannot_be_read(path, errno, error);
        close(descriptor);
    } else if (S_ISFIFO(mode) && !has_writer(file)) {
        error_set(error, "%s: is a pipe that nobody writes to, expected %s", path, expected);
        fclose(file);
        return NULL;
    } else {
        fcntl(descriptor, F_SETFL, 0);
    }
    return file;
}
