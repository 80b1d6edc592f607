/* harness/linkage/symbols.h: what one symbol table says about the functions of a family.
 *
 * Promises: memory does not grow with the file. The string table is read once to find the places of the family's names,
 * and then each symbol is compared with these places. Each symbol is treated as the link editor and the loader treat
 * it:
 *
 * - A local symbol cannot be seen outside of the object. In a linked file it is a private definition (hidden, or made
 *   local by a version script).
 * - A hidden symbol of a relocatable object can be seen by the rest of the link, but never by a loader.
 * - A weak definition is like any other for the loader. The link editor prefers a strong one.
 * - An undefined weak symbol does not need a definition.
 * - A definition in a group (COMDAT) counts as weak: the link editor keeps one of the group.
 * - A symbol of an old version (a version index with the hidden bit) cannot be seen by new links, nor by references
 *   without a version.
 * - An IFUNC is a function.
 * - Data (OBJECT, TLS, COMMON, absolute, or outside of code) is a definition, but no function.
 */
#pragma once

#include "harness/linkage/family.h"
#include "harness/linkage/records.h"

struct symbol_sets {
    uint64_t exported; /* definitions that other objects can bind to */
    uint64_t private;  /* definitions that only the object itself can bind to */
    uint64_t weak;     /* of `exported`, those that yield to a strong one in a link */
    uint64_t grouped;  /* of `weak`, those in a group (COMDAT): copies of one thing, one of which is kept */
    uint64_t data;     /* of all definitions, those that are data */
    uint64_t twice;    /* of `exported`, those that the table defines more than once */
    uint64_t old;      /* functions that have a definition of an old version */
    uint64_t needed;   /* undefined */
    uint64_t wanted;   /* undefined and weak: used if it is defined */
    /* in a linked file, the addresses of the global definitions of functions[0] and of family->inner; 0: none */
    uint64_t first_at, inner_at;
};

struct symbol_source {
    const struct elf_file *file;
    struct elf_table symbols;
    uint64_t strings, string_size;
    uint64_t versions;   /* offset of the table with one half word per symbol; 0: none */
    bool is_dynamic;     /* it is the dynamic table, the only one that a loader uses */
    bool is_relocatable; /* it belongs to a relocatable object, which the link editor reads */
};

/* Adds what the table says to `sets`. */
bool symbols_sort(const struct symbol_source *source, const struct family *family, struct symbol_sets *sets,
                  struct error *error);
