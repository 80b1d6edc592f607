/* harness/linkage/image.h: the bytes of an untrusted file, or of one member of an archive.
 *
 * Promises: bytes are read with pread and never mapped. Every read is first checked against the end of the image. A
 * read past the end is an error that names the file, what was to be read, and both numbers. Memory is bounded by the
 * caller's buffers. There is no lock: only one thread uses an image.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "harness/base/error.h"

enum { IMAGE_HEAD = 1024 }; /* holds the ELF header and, in nearly every file, the program headers */

struct image {
    const char *name; /* for messages; owned by the caller */
    int descriptor;
    uint64_t start, size; /* bytes within the file */
    dev_t device;
    ino_t inode;
    unsigned char head[IMAGE_HEAD]; /* the first bytes of the file, kept so that they are read only once */
    size_t head_size;
};

enum image_status { IMAGE_GOOD, IMAGE_NOT_ELF, IMAGE_BAD };

/* Opens the regular file at `path`, which messages call `name`. A directory, a device or a FIFO is an error, and
 * opening it never blocks. */
bool image_open(struct image *image, const char *path, const char *name, struct error *error);
void image_close(struct image *image);

/* Are all `length` bytes at `offset` within the image? When they are not, `error` names them by `what`. */
bool image_within(const struct image *image, uint64_t offset, uint64_t length, const char *what, struct error *error);

/* Reads all of `length` bytes at `offset`. */
bool image_read(const struct image *image, uint64_t offset, void *bytes, size_t length, const char *what,
                struct error *error);

/* Returns how many bytes from `offset` on are in a hole of a sparse file and therefore zero. 0: none, or the system
 * cannot say. */
uint64_t image_hole(const struct image *image, uint64_t offset);

/* Reads up to `size` - 1 bytes at `offset`, at most to the end of the image, and adds a zero. Returns false when none
 * of the bytes read was a zero: the string goes past the end, or is longer than any name. */
bool image_string(const struct image *image, uint64_t offset, char *text, size_t size, const char *what,
                  struct error *error);
