#include "harness/linkage/object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/linkage/archive.h"
#include "harness/linkage/dynamic.h"

/* The kernel loads no program with more program headers (fs/binfmt_elf.c, load_elf_phdrs). */
enum { LONGEST_STRING = 4096, LARGEST_SEGMENTS = 64 << 10 };

/* ---- program headers ---- */

struct headers {
    GElf_Phdr dynamic, interpreter;
};

static bool note_segment(void *context, uint64_t index, const union elf_record *record)
{
    struct headers *headers = context;
    (void)index;
    if (record->segment.p_type == PT_DYNAMIC)
        headers->dynamic = record->segment;
    if (record->segment.p_type == PT_INTERP)
        headers->interpreter = record->segment;
    return true;
}

/* DT_FLAGS_1 marks a PIE. Older link editors do not set it; their PIEs have an interpreter and no soname. Only libc has
 * an interpreter and a soname. */
static enum shape shape_of(const struct object *object, const struct dynamic *dynamic)
{
    bool loader = object->interpreter != NULL;
    if (dynamic->file->header.e_type == ET_EXEC)
        return object->has_dynamic ? SHAPE_DYNAMIC : SHAPE_STATIC;
    if ((dynamic->flags_1 & DF_1_PIE) != 0 || (loader && object->soname == NULL && dynamic->has_debug))
        return loader ? SHAPE_PIE : SHAPE_STATIC_PIE;
    return SHAPE_SHARED;
}

static bool read_linked(struct elf_file *file, const struct family *family, struct object *object, struct error *error)
{
    struct headers headers = {.dynamic.p_type = PT_NULL, .interpreter.p_type = PT_NULL};
    struct elf_table segments = elf_segments(file);
    struct dynamic dynamic = {.file = file, .object = object, .error = error};
    char text[LONGEST_STRING];
    if (segments.count > LARGEST_SEGMENTS / elf_record_size(file, ELF_T_PHDR))
        return error_set(error, "%s: is damaged: it claims %llu program headers, expected at most %d bytes of them",
                         file->image.name, (unsigned long long)segments.count, LARGEST_SEGMENTS);
    bool good = elf_each(file, &segments, 0, note_segment, &headers, error);
    if (good && headers.interpreter.p_type == PT_INTERP) {
        good = image_string(&file->image, headers.interpreter.p_offset, text, sizeof text, "the name of its loader",
                            error);
        object->interpreter = good ? strdup(text) : NULL;
    }
    if (good && headers.dynamic.p_type == PT_DYNAMIC)
        good = dynamic_read(&dynamic, &headers.dynamic, family);
    free(dynamic.needed);
    object->shape = shape_of(object, &dynamic);
    return good;
}

/* ---- the static symbol table ---- */

struct symtab {
    GElf_Shdr section;
    bool found;
};

static bool is_symtab(void *context, uint64_t index, const union elf_record *record)
{
    struct symtab *table = context;
    (void)index;
    table->found = record->section.sh_type == SHT_SYMTAB;
    table->section = record->section;
    return !table->found;
}

/* An object that GCC made for LTO has only this symbol, unless it holds both forms (-ffat-lto-objects). An object that
 * was joined from such objects and others (ld -r) has it beside the others' symbols. */
static bool note_deferred(const struct symbol_source *source, struct object *object, struct error *error)
{
    static const struct family_function mark[] = {{.name = "__gnu_lto_slim", .role = ROLE_CORE}};
    static const struct family marks = {.name = "LTO", .functions = mark, .count = 1};
    struct symbol_sets found = {.exported = 0};
    if (!source->is_relocatable)
        return true;
    bool good = symbols_sort(source, &marks, &found, error);
    object->is_deferred = found.exported != 0;
    return good;
}

/* Finds globals of these names, both functions and data, and private functions of these names. */
static bool find_marks(const struct symbol_source *source, const struct family *marks, uint64_t *found,
                       struct error *error)
{
    struct symbol_source globals = *source;
    struct symbol_sets sets = {.exported = 0};
    globals.is_relocatable = true;
    bool good = symbols_sort(source, marks, &sets, error) && symbols_sort(&globals, marks, &sets, error);
    *found = sets.exported | sets.private;
    return good;
}

/* A linked file does not say whether unused sections were dropped from it, but two signs show it. The start files of
 * glibc define a variable, __data_start, that nobody uses; it is missing when sections were dropped. And rustc always
 * asks for the dropping, so a symbol of Rust's runtime shows it too. */
static bool note_dropping(const struct symbol_source *source, uint64_t core, struct object *object, struct error *error)
{
    enum { START = 1 << 0, INIT = 1 << 1, UNUSED = 1 << 2 };
    static const struct family_function functions[] = {
        {.name = "_start", .role = ROLE_CORE},
        {.name = "_init", .role = ROLE_CORE},
        {.name = "__data_start", .role = ROLE_CORE},
        {.name = "rust_eh_personality", .role = ROLE_CORE},
        {.name = "rust_begin_unwind", .role = ROLE_CORE},
        {.name = "__rust_start_panic", .role = ROLE_CORE},
    };
    static const struct family marks = {
        .name = "marks", .functions = functions, .count = sizeof functions / sizeof *functions};
    uint64_t own = (object->sets.exported | object->sets.private) & core, found = 0;
    if (source->is_relocatable || own == 0 || own == core)
        return true;
    bool good = find_marks(source, &marks, &found, error);
    bool lost = (found & (START | INIT | UNUSED)) == (START | INIT);
    object->drops_unused = lost || found > (START | INIT | UNUSED);
    return good;
}

static bool read_symtab(struct elf_file *file, const struct family *family, struct object *object, struct error *error)
{
    struct symtab table = {.found = false};
    union elf_record strings;
    struct elf_table sections = elf_sections(file);
    if (!elf_each(file, &sections, 0, is_symtab, &table, error))
        return false;
    object->is_stripped = !table.found;
    if (!table.found)
        return true;
    if (!elf_record(file, &sections, table.section.sh_link, &strings, error))
        return false;
    struct symbol_source source = {.file = file,
                                   .strings = strings.section.sh_offset,
                                   .string_size = strings.section.sh_size,
                                   .is_relocatable = file->header.e_type == ET_REL};
    source.symbols = (struct elf_table){.type = ELF_T_SYM,
                                        .offset = table.section.sh_offset,
                                        .what = "its symbol table",
                                        .count = table.section.sh_size / elf_record_size(file, ELF_T_SYM)};
    uint64_t wanted = object->sets.wanted;
    object->scanned += strings.section.sh_size + table.section.sh_size;
    if (!symbols_sort(&source, family, &object->sets, error) || !note_deferred(&source, object, error))
        return false;
    /* The dynamic table says what the loader looks up. A weak reference that only this table holds was resolved to
     * nothing when the file was linked (--unresolved-symbols=ignore-all), so the loader does not look it up. */
    if (object->has_dynamic)
        object->sets.wanted = wanted;
    return note_dropping(&source, family_set(family, ROLE_CORE), object, error);
}

/* ---- one object ---- */

struct nobits {
    bool found;
};

static bool is_nobits(void *context, uint64_t index, const union elf_record *record)
{
    struct nobits *nobits = context;
    (void)index;
    nobits->found = record->section.sh_type == SHT_NOBITS && (record->section.sh_flags & SHF_EXECINSTR) != 0;
    return !nobits->found;
}

/* `objcopy --only-keep-debug` leaves the headers of a program without the contents. */
static bool is_debug_only(const struct elf_file *file)
{
    struct nobits nobits = {false};
    struct error ignored = {0};
    struct elf_table sections = elf_sections(file);
    return elf_each(file, &sections, 0, is_nobits, &nobits, &ignored) && nobits.found;
}

enum image_status object_read_elf(const struct image *image, const struct family *family, struct object *object,
                                  struct error *error)
{
    struct elf_file file = {.image = *image};
    enum image_status status = elf_open(&file, error);
    if (status != IMAGE_GOOD)
        return status;
    object->class = file.class;
    object->encoding = file.encoding;
    object->machine = file.header.e_machine;
    object->shape = SHAPE_RELOCATABLE;
    object->scanned += file.section_count * elf_record_size(&file, ELF_T_SHDR);
    unsigned type = file.header.e_type;
    if (type != ET_REL && type != ET_EXEC && type != ET_DYN)
        error_set(error, "%s: is %s, expected an executable, a library, an object or an archive", image->name,
                  type == ET_CORE ? "a core dump" : "an ELF file of an unknown type");
    else if (type == ET_REL || read_linked(&file, family, object, error))
        read_symtab(&file, family, object, error);
    bool debug_only = (error_is_set(error) || type != ET_REL) && is_debug_only(&file);
    if (!debug_only)
        return error_is_set(error) ? IMAGE_BAD : IMAGE_GOOD;
    *error = (struct error){.text = ""};
    error_set(error, "%s: holds debug information only, expected the file that it belongs to", image->name);
    return IMAGE_NOT_ELF;
}

bool object_is_bitcode(const struct image *image)
{
    unsigned char head[4];
    struct error ignored = {0};
    return image->size >= sizeof head && image_read(image, 0, head, sizeof head, "its first bytes", &ignored) &&
           (memcmp(head, "BC\xc0\xde", sizeof head) == 0 || memcmp(head, "\xde\xc0\x17\x0b", sizeof head) == 0);
}

/* Says what the file is instead. These are the files that users pass by mistake. */
static void not_elf(const struct image *image, struct error *error)
{
    char head[512] = "";
    struct error ignored = {0};
    size_t length = image->size < sizeof head - 1 ? (size_t)image->size : sizeof head - 1;
    image_read(image, 0, head, length, "its first bytes", &ignored);
    if (length == 0)
        error_set(error, "%s: is empty, expected an ELF file or an archive", image->name);
    else if (strstr(head, "GNU ld script") != NULL || strstr(head, "GROUP (") != NULL || strstr(head, "INPUT(") != NULL)
        error_set(error, "%s: is a linker script, expected an ELF file: name the file that it points to", image->name);
    else if (object_is_bitcode(image))
        error_set(error, "%s: is LLVM bitcode (LTO), expected an ELF file: nothing shows what it will define",
                  image->name);
    else
        error_set(error, "%s: is no ELF file and no archive", image->name);
}

enum image_status object_read(const struct image *image, const struct family *family, struct object **result,
                              struct error *error)
{
    *result = NULL;
    struct object *object = calloc(1, sizeof *object);
    object->path = strdup(image->name);
    object->device = image->device;
    object->inode = image->inode;
    enum image_status status = object_read_elf(image, family, object, error);
    if (status == IMAGE_NOT_ELF && !error_is_set(error))
        status = archive_read(image, family, object, error);
    if (status == IMAGE_NOT_ELF && !error_is_set(error))
        not_elf(image, error);
    if (status == IMAGE_GOOD)
        *result = object;
    else
        object_free(object);
    return status;
}

void object_clear(struct object *object)
{
    for (size_t i = 0; i < object->needed_count; i++)
        free(object->needed[i].name);
    for (size_t i = 0; i < object->member_count; i++)
        free(object->members[i].name);
    for (size_t i = 0; i < object->file_count; i++)
        free(object->files[i]);
    free(object->files);
    free(object->needed);
    free(object->members);
    free(object->deferred_member);
    free(object->soname);
    free(object->rpath);
    free(object->runpath);
    free(object->interpreter);
}

void object_free(struct object *object)
{
    if (object == NULL)
        return;
    object_clear(object);
    free(object->path);
    free(object);
}

/* ---- members ---- */

void object_sum_up(struct object *object)
{
    for (size_t i = 0; i < object->member_count; i++) {
        const struct symbol_sets *sets = &object->members[i].sets;
        object->sets.exported |= sets->exported;
        object->sets.data |= sets->data;
        object->sets.needed |= sets->needed;
        object->sets.wanted |= sets->wanted;
    }
    object->sets.needed &= ~object->sets.exported; /* one member provides what another needs */
    object->sets.wanted &= ~object->sets.exported;
}

/* ---- shapes and platforms ---- */

const char *shape_name(enum shape shape)
{
    static const char *const names[] = {
        [SHAPE_STATIC] = "executable (static)",
        [SHAPE_STATIC_PIE] = "executable (static-pie)",
        [SHAPE_DYNAMIC] = "executable (dynamic)",
        [SHAPE_PIE] = "executable (PIE)",
        [SHAPE_SHARED] = "shared library",
        [SHAPE_RELOCATABLE] = "relocatable object",
        [SHAPE_ARCHIVE] = "archive",
        [SHAPE_THIN_ARCHIVE] = "thin archive",
        [SHAPE_TOGETHER] = "link of archives and objects",
    };
    return names[shape];
}

bool shape_is_executable(enum shape shape) { return shape <= SHAPE_PIE; }

bool shape_is_static(enum shape shape) { return shape == SHAPE_STATIC || shape == SHAPE_STATIC_PIE; }

bool shape_is_linked(enum shape shape) { return shape <= SHAPE_SHARED; }

bool shape_is_archive(enum shape shape) { return shape >= SHAPE_ARCHIVE; }

bool object_fits(const struct object *object, const struct object *other)
{
    return object->machine == other->machine && object->class == other->class && object->encoding == other->encoding;
}

const char *object_triplet(const struct object *object)
{
    static const struct {
        unsigned machine;
        unsigned char class, encoding;
        const char *name;
    } triplets[] = {
        {EM_X86_64, ELFCLASS64, ELFDATA2LSB, "x86_64-linux-gnu"},
        {EM_386, ELFCLASS32, ELFDATA2LSB, "i386-linux-gnu"},
        {EM_ARM, ELFCLASS32, ELFDATA2LSB, "arm-linux-gnueabihf"},
        {EM_AARCH64, ELFCLASS64, ELFDATA2LSB, "aarch64-linux-gnu"},
        {EM_RISCV, ELFCLASS64, ELFDATA2LSB, "riscv64-linux-gnu"},
        {EM_PPC64, ELFCLASS64, ELFDATA2LSB, "powerpc64le-linux-gnu"},
        {EM_PPC64, ELFCLASS64, ELFDATA2MSB, "powerpc64-linux-gnu"},
        {EM_S390, ELFCLASS64, ELFDATA2MSB, "s390x-linux-gnu"},
        {EM_X86_64, ELFCLASS32, ELFDATA2LSB, "x86_64-linux-gnux32"},
        {EM_PPC, ELFCLASS32, ELFDATA2MSB, "powerpc-linux-gnu"},
        {EM_MIPS, ELFCLASS32, ELFDATA2LSB, "mipsel-linux-gnu"},
        {EM_MIPS, ELFCLASS64, ELFDATA2LSB, "mips64el-linux-gnuabi64"},
    };
    for (size_t i = 0; i < sizeof triplets / sizeof *triplets; i++)
        if (triplets[i].machine == object->machine && triplets[i].class == object->class &&
            triplets[i].encoding == object->encoding)
            return triplets[i].name;
    return NULL;
}

const char *path_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}
