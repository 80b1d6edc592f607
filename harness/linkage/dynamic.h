/* harness/linkage/dynamic.h: the dynamic section of a linked object, as a loader reads it.
 *
 * Promises: the reader trusts only what the loader uses. It turns addresses into offsets in the file through the
 * program headers. Only the hash tables say how many symbols there are. Where they do not say it, because nothing is
 * exported, the section headers are used.
 */
#pragma once

#include "harness/linkage/object.h"

struct dynamic {
    struct elf_file *file;
    struct object *object;
    struct error *error;
    struct needed_at {
        uint64_t name; /* offset into the string table */
        bool is_optional;
    } * needed;
    size_t needed_count;
    uint64_t strings, string_size, symbols, hash, gnu_hash, versions; /* addresses, except string_size */
    uint64_t soname, rpath, runpath;                                  /* offsets into the string table + 1 */
    uint64_t flags, flags_1;
    bool has_debug;
};

/* Reads the section in `segment` into dynamic->object (libraries needed, names, paths, symbols of the
 * family). The caller sets file, object and error, and frees dynamic->needed. */
bool dynamic_read(struct dynamic *dynamic, const GElf_Phdr *segment, const struct family *family);
