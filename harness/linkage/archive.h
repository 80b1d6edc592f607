/* harness/linkage/archive.h: archives of objects: plain, thin, with and without a symbol index.
 *
 * Promises: as object.h. libelf reads no thin archives and does not tell a cut archive from its end, so the
 * member headers (ar.h) are gone through here and each member is read as an object; the members of a thin
 * archive are files beside it, or members of a plain archive beside it. A member that is no ELF object (rustc's
 * metadata, say) is passed over, but for LLVM's bitcode, which becomes one; one that is itself an archive is an
 * error, as no link editor reads it. An archive of nothing but what is passed over (a Debian package, a library
 * of another system) is no artifact, unless it is rustc's. What a thin archive names is only opened when it is a
 * regular file.
 */
#pragma once

#include "harness/linkage/object.h"

/* IMAGE_NOT_ELF: it does not begin as an archive does, or (with `error`) has members, and none is ELF. */
enum image_status archive_read(const struct image *image, const struct family *family, struct object *object,
                               struct error *error);

/* Calls `each` with every member, in order, until it returns false, which it does with `error` set. The image is the
 * member's own, named "archive(member)", and is closed afterwards. */
typedef bool archive_visitor(void *context, const char *name, const struct image *image, struct error *error);
bool archive_each(const struct image *image, bool is_thin, archive_visitor *each, void *context, struct error *error);
