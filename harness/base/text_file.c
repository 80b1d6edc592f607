#include "harness/base/text_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
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

static int open_regular(const char *path, const char *expected, struct error *error)
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

/* ---- whole files ---- */

static bool is_too_large(const char *path, const char *expected, size_t most, struct error *error)
{
    bool in_mib = most >= (size_t)1 << 20 && most % ((size_t)1 << 20) == 0;
    return error_set(error, "%s: is larger than %zu %s, expected %s", path, in_mib ? most >> 20 : most,
                     in_mib ? "MiB" : "bytes", expected);
}

static bool is_text(const char *path, const char *expected, const char *text, size_t length, struct error *error)
{
    return memchr(text, '\0', length) == NULL || error_set(error, "%s: is no text file, expected %s", path, expected);
}

bool text_file_read_into(const char *path, const char *expected, char *text, size_t room, struct error *error)
{
    int descriptor = open_regular(path, expected, error);
    size_t length = 0;
    ssize_t got = 1;
    if (descriptor < 0)
        return false;
    while (got > 0 && length < room) {
        got = read(descriptor, text + length, room - length);
        length += got > 0 ? (size_t)got : 0;
    }
    int reason = errno;
    close(descriptor);
    if (got < 0)
        return text_file_cannot_be_read(path, reason, error);
    if (length == room)
        return is_too_large(path, expected, room - 1, error);
    text[length] = '\0';
    return is_text(path, expected, text, length, error);
}

enum { PIECE = 64 << 10 };

/* Reads on to the end, or to the byte behind the last one that is allowed. Returns NULL when there is no memory. */
static char *read_stream(FILE *file, size_t most, size_t *length)
{
    char *text = NULL;
    size_t got = 1;
    for (*length = 0; got > 0 && *length <= most; *length += got) {
        char *larger = realloc(text, *length + PIECE + 1);
        if (larger == NULL) {
            free(text);
            return NULL;
        }
        text = larger;
        size_t wanted = most + 1 - *length < PIECE ? most + 1 - *length : PIECE;
        got = fread(text + *length, 1, wanted, file);
    }
    text[*length] = '\0';
    return text;
}

char *text_file_read_bytes(const char *path, const char *expected, size_t most, size_t *length, struct error *error)
{
    FILE *file = text_stream_open(path, expected, error);
    if (file == NULL)
        return NULL;
    errno = 0;
    char *text = read_stream(file, most, length);
    bool well = text != NULL && !ferror(file);
    if (!well)
        text_file_cannot_be_read(path, errno, error);
    else if (*length > most)
        well = is_too_large(path, expected, most, error);
    fclose(file);
    if (well)
        return text;
    free(text);
    return NULL;
}

char *text_file_read(const char *path, const char *expected, size_t most, struct error *error)
{
    size_t length = 0;
    char *text = text_file_read_bytes(path, expected, most, &length, error);
    if (text == NULL || is_text(path, expected, text, length, error))
        return text;
    free(text);
    return NULL;
}
