/* harness/linkage/dynamic.h: the dynamic section of a linked object, as a loader reads it.
 *
 * Promises: only what the loader goes by is believed: addresses are turned into places of the file through
 * the program headers. How many symbols there are, nothing says but the hash tables; where these leave it
 * open (nothing is exported), the section headers are asked.
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
    uint64_t strings, string_size, symbols, hash, gnu_hash, versions; /* addresses, but for the size */
    uint64_t soname, rpath, runpath;                                  /* offsets into the string table + 1 */
    uint64_t flags, flags_1;
    bool has_debug;
};

/* Reads the section in `segment` into dynamic->object (libraries needed, names, paths, symbols of the
 * family). The caller sets file, object and error, and frees dynamic->needed. */
bool dynamic_read(struct dynamic *dynamic, const GElf_Phdr *segment, const struct family *family);
