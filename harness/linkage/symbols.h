/* harness/linkage/symbols.h: what one symbol table says of the functions of a family.
 *
 * Promises: memory does not grow with the file: the string table is gone through once to learn where the
 * family's names stand, then the symbols are compared with these places. Each symbol is sorted as the link
 * editor and the loader treat it:
 *
 *   local         seen by nobody outside the object; in a linked file, a definition made private (hidden, or
 * by a version script) hidden        in a relocatable object, seen by the rest of the link; never by a loader
 *   weak          a definition like any other for the loader; the link editor prefers a strong one. An
 * undefined weak one needs nobody in a group    (COMDAT) as weak: the link editor keeps one of them old
 * version   (a version index with the hidden bit) is not seen by new links nor by references without a
 * version IFUNC         a function data          (OBJECT, TLS, COMMON, absolute, or outside of code) is a
 * definition and no function
 */
#pragma once

#include "harness/linkage/family.h"
#include "harness/linkage/records.h"

struct symbol_sets {
    uint64_t exported;           /* definitions that others can bind to */
    uint64_t private;            /* definitions that only the object itself can */
    uint64_t weak;               /* of `exported`, those that yield to a strong one in a link */
    uint64_t grouped;            /* of `weak`, those in a group (COMDAT): copies of one thing, one of which is kept */
    uint64_t data;               /* of all definitions, those that are no functions */
    uint64_t twice;              /* of `exported`, those defined more than once in the one table */
    uint64_t old;                /* defined under an old version only */
    uint64_t needed;             /* undefined */
    uint64_t wanted;             /* undefined and weak: used if there */
    uint64_t first_at, inner_at; /* addresses in a linked file of the global definitions of functions[0] and of
                                    family->inner; 0: none */
};

struct symbol_source {
    const struct elf_file *file;
    struct elf_table symbols;
    uint64_t strings, string_size;
    uint64_t versions;   /* offset of one half word a symbol; 0: none */
    bool is_dynamic;     /* the dynamic table: all that a loader sees */
    bool is_relocatable; /* what the link editor will see */
};

/* Adds what the table says to `sets`. */
bool symbols_sort(const struct symbol_source *source, const struct family *family, struct symbol_sets *sets,
                  struct error *error);
