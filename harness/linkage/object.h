/* harness/linkage/object.h: one file as the linkage rule sees it: its shape, the libraries it needs, and the functions
 * of a family that it defines and uses.
 *
 * Promises: the file is read; it is never mapped and never run. Memory is bounded by the question, not by what the file
 * claims. An error is one line that names the file. An object does not change after it is made, so threads may share
 * it.
 *
 * For a linked file (executable, shared library) the program headers and the dynamic section decide, because the loader
 * uses them. Section headers are used for the static symbol table alone.
 */
#pragma once

#include <sys/types.h>

#include "harness/linkage/symbols.h"

enum shape {
    SHAPE_STATIC,     /* a static executable at fixed addresses */
    SHAPE_STATIC_PIE, /* a static executable that is position independent */
    SHAPE_DYNAMIC,    /* an executable with a dynamic section, at fixed addresses */
    SHAPE_PIE,        /* an executable with a dynamic section, position independent */
    SHAPE_SHARED,
    SHAPE_RELOCATABLE,
    SHAPE_ARCHIVE,
    SHAPE_THIN_ARCHIVE,
    SHAPE_TOGETHER, /* several archives and objects that are linked together */
};

/* A library that is loaded with the object. */
struct need {
    char *name;
    bool is_optional; /* DT_AUXILIARY: it may be absent */
};

/* One object of an archive. */
struct member {
    char *name;
    struct symbol_sets sets;
};

struct object {
    char *path;
    enum shape shape;
    unsigned char class, encoding;
    unsigned machine; /* EM_*; for an archive, the machine of its first object */
    bool is_stripped; /* it has no static symbol table, so private definitions cannot be seen */
    /* the link editor dropped functions that nobody calls (--gc-sections); only computed for a program or library that
     * has some, not all, functions of the family's core */
    bool drops_unused;
    bool has_dynamic;            /* it has a dynamic section */
    bool no_default_directories; /* DF_1_NODEFLIB */
    bool is_symbolic;            /* DT_SYMBOLIC: it prefers its own definitions to all others */
    bool is_indexed;             /* an archive with a symbol index, which link editors need */
    bool is_rlib;                /* a Rust library: an archive that rustc made for rustc */
    /* some of its code is compiled when it is linked (LTO), so that its symbols cannot be seen */
    bool is_deferred;
    char *deferred_member;                        /* in an archive, the member with such code; or NULL */
    char *soname, *rpath, *runpath, *interpreter; /* each may be NULL */
    struct need *needed;
    size_t needed_count;
    struct symbol_sets sets; /* for an archive, those of all members together */
    struct member *members;
    size_t member_count;
    char **files; /* for SHAPE_TOGETHER, the paths of the files that are linked; else NULL */
    size_t file_count;
    dev_t device;
    ino_t inode;
    uint64_t scanned; /* bytes of the symbol and string tables that were read */
};

/* Reads an open image whose name is its path. Returns IMAGE_GOOD with `*object`. Returns IMAGE_NOT_ELF with `error`
 * that says what the file is instead, or IMAGE_BAD with `error` that says what is wrong. */
enum image_status object_read(const struct image *image, const struct family *family, struct object **object,
                              struct error *error);
void object_free(struct object *object);

const char *shape_name(enum shape shape); /* "executable (PIE)", "shared library" ... */
bool shape_is_executable(enum shape shape);
bool shape_is_static(enum shape shape);  /* is it a static executable, which loads nothing else? */
bool shape_is_linked(enum shape shape);  /* is it an executable or a shared library? */
bool shape_is_archive(enum shape shape); /* one archive or several: are its members judged? */

/* Can the two be part of one process: same machine, class and byte order? */
bool object_fits(const struct object *object, const struct object *other);

/* The name of the platform in Debian's directories, "x86_64-linux-gnu", or NULL when it is not known. */
const char *object_triplet(const struct object *object);

/* The last part of a path. */
const char *path_base(const char *path);

/* For archive.c and together.c: computes the sets of the object from those of its members. */
void object_sum_up(struct object *object);

/* For archive.c: reads one ELF object from `image` into `object`, whose path is set. */
enum image_status object_read_elf(const struct image *image, const struct family *family, struct object *object,
                                  struct error *error);

/* For archive.c: is the image LLVM bitcode, which clang writes in place of an object for LTO? */
bool object_is_bitcode(const struct image *image);

/* For archive.c: frees everything that object_read_elf put into `object`. The path stays. */
void object_clear(struct object *object);
