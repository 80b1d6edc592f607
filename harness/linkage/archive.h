/* harness/linkage/archive.h: reads archives of objects: plain and thin ones, with and without a symbol index.
 *
 * Promises: those of object.h. This module reads the member headers (ar.h) itself, because libelf cannot read thin
 * archives and cannot tell an archive that was cut short from one that ended. Each member is read as an object. The
 * members of a thin archive are files beside it, or members of a plain archive beside it; such a file is opened only
 * when it is a regular file.
 *
 * A member that is no ELF object, such as rustc's metadata, is passed over. LLVM bitcode is not: it becomes an object
 * when the archive is linked. A member that is itself an archive is an error, because no link editor reads it. An
 * archive without any object (a Debian package, a library of another system) is no artifact, unless rustc made it.
 */
#pragma once

#include "harness/linkage/object.h"

/* IMAGE_NOT_ELF: the image does not begin like an archive, or (with `error` set) it has members and none is ELF. */
enum image_status archive_read(const struct image *image, const struct family *family, struct object *object,
                               struct error *error);

/* Calls `each` with every member in order, until it returns false. It sets `error` before it returns false. The image
 * that it gets is that of the member, named "archive(member)"; the image is closed afterwards. */
typedef bool archive_visitor(void *context, const char *name, const struct image *image, struct error *error);
bool archive_each(const struct image *image, bool is_thin, archive_visitor *each, void *context, struct error *error);
