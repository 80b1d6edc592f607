/* harness/linkage/image.h: the bytes of a file, or of one member of an archive, that nobody trusts.
 *
 * Promises: bytes are read with pread, never mapped; every read is checked against the end of the image
 * first, and one that goes past it is an error that names the file, what was to be read, and both figures.
 * Memory is bounded by the caller's buffers. Needs no locking: an image belongs to one thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "harness/base/error.h"

enum { IMAGE_HEAD = 1024 }; /* the ELF header and the program headers of nearly every file */

struct image {
    const char *name; /* for messages; the caller's */
    int descriptor;
    uint64_t start, size; /* bytes within the file */
    dev_t device;
    ino_t inode;
    unsigned char head[IMAGE_HEAD]; /* the first bytes of the file, so that a look at them is one read */
    size_t head_size;
};

enum image_status { IMAGE_GOOD, IMAGE_NOT_ELF, IMAGE_BAD };

/* Opens the regular file at `path`; `name` is what messages call it. A directory, a device, a fifo is an
 * error, not waited for. */
bool image_open(struct image *image, const char *path, const char *name, struct error *error);
void image_close(struct image *image);

/* Are `length` bytes at `offset` all within the image? `what` is named when they are not. */
bool image_within(const struct image *image, uint64_t offset, uint64_t length, const char *what, struct error *error);

/* Reads all of `length` bytes at `offset`. */
bool image_read(const struct image *image, uint64_t offset, void *bytes, size_t length, const char *what,
                struct error *error);

/* How many bytes from `offset` on are the hole of a sparse file, and so zeros; 0 where nobody can tell. */
uint64_t image_hole(const struct image *image, uint64_t offset);

/* Reads up to `size` - 1 bytes at `offset`, as far as the image goes, and ends them with a zero. False when
 * no zero byte was among what could be read: the string goes past the end, or is longer than any name. */
bool image_string(const struct image *image, uint64_t offset, char *text, size_t size, const char *what,
                  struct error *error);
