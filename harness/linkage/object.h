/* harness/linkage/object.h: one file as the linkage rule sees it: what it is, what it needs, what it defines
 * of a family.
 *
 * Promises: the file is read, never mapped and never run; memory is bounded by what is asked about, not by
 * what the file claims; what is wrong with a file is one line that names it. An object is only read after it
 * has been made, so threads may share it.
 *
 * Of a linked file (executable, shared library) what the loader goes by decides, the program headers and the
 * dynamic section; section headers are used for the static symbol table alone.
 */
#pragma once

#include <sys/types.h>

#include "harness/linkage/symbols.h"

enum shape {
    SHAPE_STATIC,     /* executables: static, */
    SHAPE_STATIC_PIE, /* position independent and static, */
    SHAPE_DYNAMIC,    /* with a dynamic section at fixed addresses, */
    SHAPE_PIE,        /* and position independent */
    SHAPE_SHARED,
    SHAPE_RELOCATABLE,
    SHAPE_ARCHIVE,
    SHAPE_THIN_ARCHIVE,
    SHAPE_TOGETHER, /* archives and objects that are linked together */
};

/* A library that is loaded with the object. */
struct need {
    char *name;
    bool is_optional; /* DT_AUXILIARY: not missed where it is not found */
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
    unsigned machine;            /* EM_*; of an archive, its first object's */
    bool is_stripped;            /* no static symbol table: private definitions cannot be seen */
    bool drops_unused;           /* the link editor dropped what nobody calls (--gc-sections); only asked of a
                                    program or library that has a part of the family's core */
    bool has_dynamic;            /* a dynamic section */
    bool no_default_directories; /* DF_1_NODEFLIB */
    bool is_symbolic;            /* DT_SYMBOLIC: it calls its own definitions before anybody else's */
    bool is_indexed;             /* an archive with a symbol index, which link editors want */
    bool is_rlib;                /* an archive made by rustc as a library for rustc */
    bool is_deferred;            /* some of its code is compiled when it is linked (LTO), and not seen here */
    char *deferred_member;       /* where that is, of an archive; or NULL */
    char *soname, *rpath, *runpath, *interpreter; /* or NULL */
    struct need *needed;
    size_t needed_count;
    struct symbol_sets sets; /* of an archive, those of all members together */
    struct member *members;
    size_t member_count;
    char **files; /* of SHAPE_TOGETHER: the paths of what is linked; NULL: the object is all */
    size_t file_count;
    dev_t device;
    ino_t inode;
    uint64_t scanned; /* bytes of the tables that were gone through */
};

/* Reads an open image, whose name is its path. IMAGE_GOOD with `*object`; IMAGE_NOT_ELF or IMAGE_BAD with
 * `error` that says what it is instead or what is wrong. */
enum image_status object_read(const struct image *image, const struct family *family, struct object **object,
                              struct error *error);
void object_free(struct object *object);

const char *shape_name(enum shape shape); /* "executable (PIE)", "shared library" ... */
bool shape_is_executable(enum shape shape);
bool shape_is_static(enum shape shape);  /* an executable that is its whole process */
bool shape_is_linked(enum shape shape);  /* executables and shared libraries */
bool shape_is_archive(enum shape shape); /* one or several: the members are what counts */

/* Can the two be part of one process: same machine, class and byte order? */
bool object_fits(const struct object *object, const struct object *other);

/* "x86_64-linux-gnu" of Debian's directories, or NULL where we know none. */
const char *object_triplet(const struct object *object);

/* The last part of a path. */
const char *path_base(const char *path);

/* For archive.c and together.c: the sets of the object from those of its members. */
void object_sum_up(struct object *object);

/* For archive.c: reads one ELF object from `image` into `object`, whose path is set. */
enum image_status object_read_elf(const struct image *image, const struct family *family, struct object *object,
                                  struct error *error);

/* For archive.c: is it what clang leaves in place of an object for LTO? */
bool object_is_bitcode(const struct image *image);

/* For archive.c: frees what object_read_elf put into `object`, and not its path. */
void object_clear(struct object *object);
