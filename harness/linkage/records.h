/* harness/linkage/records.h: the records of an ELF file of either class and byte order, in one wide form.
 *
 * Promises: libelf does the translation (elf32_xlatetom, elf64_xlatetom), so this module knows no offset and no byte
 * order. libelf gets one bounded piece at a time, because its own functions for reading load a whole table, however
 * absurd its size. Tables are streamed: memory is one window, whatever the file claims.
 */
#pragma once

#include <gelf.h>

#include "harness/linkage/image.h"

struct elf_file {
    struct image image;
    unsigned char class, encoding; /* ELFCLASS*, ELFDATA* */
    GElf_Ehdr header;
    uint64_t section_count, segment_count; /* from the header, or from section 0 when the header has no room for them */
    uint64_t section_names;
};

/* Reads the ELF header of an open image. IMAGE_NOT_ELF with `error` unset: the image is no ELF file. */
enum image_status elf_open(struct elf_file *file, struct error *error);

/* A table of records of one type. */
struct elf_table {
    Elf_Type type; /* ELF_T_SYM, ELF_T_DYN, ELF_T_SHDR, ELF_T_PHDR, ELF_T_HALF, ELF_T_WORD */
    uint64_t offset, count;
    const char *what; /* for messages */
};

union elf_record {
    GElf_Sym symbol;
    GElf_Dyn dynamic;
    GElf_Shdr section;
    GElf_Phdr segment;
    GElf_Half half;
    GElf_Word word;
};

/* The number of bytes that one record of this type takes in this file. */
size_t elf_record_size(const struct elf_file *file, Elf_Type type);

/* Is the whole table within the file? */
bool elf_table_within(const struct elf_file *file, const struct elf_table *table, struct error *error);

/* Reads only the record at `index`. */
bool elf_record(const struct elf_file *file, const struct elf_table *table, uint64_t index, union elf_record *record,
                struct error *error);

/* Calls `each` with every record from `first` on, in order, until it returns false. That is no error. */
typedef bool elf_visitor(void *context, uint64_t index, const union elf_record *record);
bool elf_each(const struct elf_file *file, const struct elf_table *table, uint64_t first, elf_visitor *each,
              void *context, struct error *error);

struct elf_table elf_sections(const struct elf_file *file);
struct elf_table elf_segments(const struct elf_file *file);
