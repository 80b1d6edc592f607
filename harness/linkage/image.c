#include "harness/linkage/image.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A failure is ignored here: the bytes are read again when they are needed, and the failure is reported then. A file of
 * sysfs claims the size of a page and holds a line, so its real size is learnt here. */
static void read_head(struct image *image)
{
    size_t length = image->size < IMAGE_HEAD ? (size_t)image->size : IMAGE_HEAD;
    ssize_t done = length == 0 ? 0 : pread(image->descriptor, image->head, length, 0);
    image->head_size = done < 0 ? 0 : (size_t)done;
    if (done >= 0 && image->head_size < length)
        image->size = image->head_size;
}

bool image_open(struct image *image, const char *path, const char *name, struct error *error)
{
    struct stat status;
    image->name = name;
    image->start = 0;
    image->descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (image->descriptor < 0)
        return error_set(error, "%s: cannot be read: %s", name, strerror(errno));
    if (fstat(image->descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
        image_close(image);
        return error_set(error, "%s: is no regular file", name);
    }
    image->size = (uint64_t)status.st_size;
    image->device = status.st_dev;
    image->inode = status.st_ino;
    read_head(image);
    return true;
}

void image_close(struct image *image)
{
    if (image->descriptor >= 0)
        close(image->descriptor);
    image->descriptor = -1;
}

bool image_within(const struct image *image, uint64_t offset, uint64_t length, const char *what, struct error *error)
{
    if (length <= image->size && offset <= image->size - length)
        return true;
    return error_set(error, "%s: is cut short or damaged: %s (%llu bytes at %llu) lies past its end (%llu bytes)",
                     image->name, what, (unsigned long long)length, (unsigned long long)offset,
                     (unsigned long long)image->size);
}

static bool read_whole(const struct image *image, uint64_t offset, char *bytes, size_t length)
{
    uint64_t at = image->start + offset;
    if (length <= image->head_size && at <= image->head_size - length) {
        memcpy(bytes, image->head + at, length);
        return true;
    }
    while (length > 0) {
        ssize_t done = pread(image->descriptor, bytes, length, (off_t)(image->start + offset));
        if (done < 0 && errno == EINTR)
            continue;
        if (done == 0)
            errno = ENODATA; /* the file has become shorter since it was opened */
        if (done <= 0)
            return false;
        bytes += done;
        offset += (uint64_t)done;
        length -= (size_t)done;
    }
    return true;
}

bool image_read(const struct image *image, uint64_t offset, void *bytes, size_t length, const char *what,
                struct error *error)
{
    if (!image_within(image, offset, length, what, error))
        return false;
    if (!read_whole(image, offset, bytes, length))
        return error_set(error, "%s: %s cannot be read: %s", image->name, what, strerror(errno));
    return true;
}

uint64_t image_hole(const struct image *image, uint64_t offset)
{
    off_t at = (off_t)(image->start + offset), data = lseek(image->descriptor, at, SEEK_DATA);
    if (data < 0 && errno == ENXIO) /* there is only the hole up to the end of the file */
        return image->size > offset ? image->size - offset : 0;
    return data > at ? (uint64_t)(data - at) : 0;
}

bool image_string(const struct image *image, uint64_t offset, char *text, size_t size, const char *what,
                  struct error *error)
{
    if (!image_within(image, offset, 1, what, error))
        return false;
    uint64_t rest = image->size - offset;
    size_t length = rest < size - 1 ? (size_t)rest : size - 1;
    if (!image_read(image, offset, text, length, what, error))
        return false;
    text[length] = '\0';
    if (strlen(text) == length)
        return error_set(error, "%s: is damaged: %s at %llu does not end within %zu bytes", image->name, what,
                         (unsigned long long)offset, length);
    return true;
}
