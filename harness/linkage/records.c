#include "harness/linkage/records.h"

#include <pthread.h>
#include <string.h>

/* A sparse file can claim any number of sections. 256 MiB of headers are read in no time, and no compiler has ever made
 * so many. */
enum { WINDOW = 64 << 10, MOST_SECTIONS = 1 << 22 };

union raw {
    Elf32_Sym symbol32;
    Elf64_Sym symbol64;
    Elf32_Dyn dynamic32;
    Elf64_Dyn dynamic64;
    Elf32_Shdr section32;
    Elf64_Shdr section64;
    Elf32_Phdr segment32;
    Elf64_Phdr segment64;
    Elf32_Ehdr header32;
    Elf64_Ehdr header64;
    GElf_Half half;
    GElf_Word word;
};

static size_t size_in_file(unsigned char class, Elf_Type type)
{
    return class == ELFCLASS64 ? elf64_fsize(type, 1, EV_CURRENT) : elf32_fsize(type, 1, EV_CURRENT);
}

size_t elf_record_size(const struct elf_file *file, Elf_Type type) { return size_in_file(file->class, type); }

/* For every type used here, a record is as long in memory as in the file. libelf may translate in place. */
static bool translate(const struct elf_file *file, Elf_Type type, void *bytes, size_t size)
{
    Elf_Data data = {.d_buf = bytes, .d_type = type, .d_version = EV_CURRENT, .d_size = size};
    Elf_Data source = data;
    return (file->class == ELFCLASS64 ? elf64_xlatetom(&data, &source, file->encoding)
                                      : elf32_xlatetom(&data, &source, file->encoding)) != NULL;
}

/* ---- the header ---- */

static void widen_header(struct elf_file *file, const union raw *raw)
{
    const Elf32_Ehdr *h = &raw->header32;
    file->header = file->class == ELFCLASS64 ? raw->header64
                                             : (GElf_Ehdr){.e_type = h->e_type,
                                                           .e_machine = h->e_machine,
                                                           .e_version = h->e_version,
                                                           .e_entry = h->e_entry,
                                                           .e_phoff = h->e_phoff,
                                                           .e_shoff = h->e_shoff,
                                                           .e_flags = h->e_flags,
                                                           .e_ehsize = h->e_ehsize,
                                                           .e_phentsize = h->e_phentsize,
                                                           .e_phnum = h->e_phnum,
                                                           .e_shentsize = h->e_shentsize,
                                                           .e_shnum = h->e_shnum,
                                                           .e_shstrndx = h->e_shstrndx};
}

/* The entries of a table must have the one valid length. Otherwise every record would be read from the wrong place. */
static bool check_entry(const struct elf_file *file, unsigned said, Elf_Type type, uint64_t count, const char *what,
                        struct error *error)
{
    if (count == 0 || said == elf_record_size(file, type))
        return true;
    return error_set(error, "%s: is damaged: its %s entries are %u bytes long, expected %zu", file->image.name, what,
                     said, elf_record_size(file, type));
}

/* Section 0 holds the counts that do not fit in the header (gABI, "Sections"). */
static bool read_counts(struct elf_file *file, struct error *error)
{
    union elf_record zero = {.section = {0}};
    const GElf_Ehdr *header = &file->header;
    file->segment_count = header->e_phoff == 0 ? 0 : header->e_phnum;
    file->section_count = header->e_shoff == 0 ? 0 : header->e_shnum;
    file->section_names = header->e_shstrndx;
    if (header->e_shoff == 0)
        return true;
    struct elf_table first = {
        .type = ELF_T_SHDR, .offset = header->e_shoff, .count = 1, .what = "its section header table"};
    if (header->e_shnum == 0 || header->e_phnum == PN_XNUM || header->e_shstrndx == SHN_XINDEX) {
        if (!elf_record(file, &first, 0, &zero, error))
            return false;
        file->section_count = header->e_shnum == 0 ? zero.section.sh_size : header->e_shnum;
        file->segment_count = header->e_phnum == PN_XNUM ? zero.section.sh_info : file->segment_count;
        file->section_names = header->e_shstrndx == SHN_XINDEX ? zero.section.sh_link : header->e_shstrndx;
    }
    if (file->section_count > MOST_SECTIONS)
        return error_set(error, "%s: is damaged: it claims %llu sections", file->image.name,
                         (unsigned long long)file->section_count);
    return true;
}

static bool read_header(struct elf_file *file, struct error *error)
{
    union raw raw;
    size_t size = size_in_file(file->class, ELF_T_EHDR);
    if (!image_read(&file->image, 0, &raw, size, "its ELF header", error))
        return false;
    if (!translate(file, ELF_T_EHDR, &raw, size))
        return error_set(error, "%s: its ELF header cannot be translated", file->image.name);
    widen_header(file, &raw);
    struct elf_table sections, segments;
    return read_counts(file, error) &&
           check_entry(file, file->header.e_shentsize, ELF_T_SHDR, file->section_count, "section header", error) &&
           check_entry(file, file->header.e_phentsize, ELF_T_PHDR, file->segment_count, "program header", error) &&
           (sections = elf_sections(file), elf_table_within(file, &sections, error)) &&
           (segments = elf_segments(file), elf_table_within(file, &segments, error));
}

/* libelf translates nothing until it is told the version that its caller knows. It stores that version for all
 * threads. */
static void tell_version(void) { elf_version(EV_CURRENT); }

enum image_status elf_open(struct elf_file *file, struct error *error)
{
    unsigned char ident[EI_NIDENT];
    if (file->image.size < SELFMAG || !image_read(&file->image, 0, ident, SELFMAG, "its first bytes", error) ||
        memcmp(ident, ELFMAG, SELFMAG) != 0)
        return error_is_set(error) ? IMAGE_BAD : IMAGE_NOT_ELF;
    if (!image_read(&file->image, 0, ident, sizeof ident, "its ELF header", error))
        return IMAGE_BAD;
    file->class = ident[EI_CLASS];
    file->encoding = ident[EI_DATA];
    if ((file->class != ELFCLASS32 && file->class != ELFCLASS64) ||
        (file->encoding != ELFDATA2LSB && file->encoding != ELFDATA2MSB)) {
        error_set(error, "%s: is damaged: ELF class %u and byte order %u are unknown", file->image.name, file->class,
                  file->encoding);
        return IMAGE_BAD;
    }
    static pthread_once_t told = PTHREAD_ONCE_INIT;
    pthread_once(&told, tell_version);
    return read_header(file, error) ? IMAGE_GOOD : IMAGE_BAD;
}

/* ---- tables ---- */

struct elf_table elf_sections(const struct elf_file *file)
{
    return (struct elf_table){.type = ELF_T_SHDR,
                              .offset = file->header.e_shoff,
                              .count = file->section_count,
                              .what = "its section header table"};
}

struct elf_table elf_segments(const struct elf_file *file)
{
    return (struct elf_table){.type = ELF_T_PHDR,
                              .offset = file->header.e_phoff,
                              .count = file->segment_count,
                              .what = "its program header table"};
}

bool elf_table_within(const struct elf_file *file, const struct elf_table *table, struct error *error)
{
    size_t each = elf_record_size(file, table->type);
    if (table->count > UINT64_MAX / each)
        return error_set(error, "%s: is damaged: %s claims %llu entries", file->image.name, table->what,
                         (unsigned long long)table->count);
    return table->count == 0 || image_within(&file->image, table->offset, table->count * each, table->what, error);
}

static void widen(const struct elf_file *file, Elf_Type type, const union raw *raw, union elf_record *record)
{
    bool wide = file->class == ELFCLASS64;
    if (type == ELF_T_SYM) {
        const Elf32_Sym *s = &raw->symbol32;
        record->symbol = wide ? raw->symbol64
                              : (GElf_Sym){.st_name = s->st_name,
                                           .st_info = s->st_info,
                                           .st_other = s->st_other,
                                           .st_shndx = s->st_shndx,
                                           .st_value = s->st_value,
                                           .st_size = s->st_size};
    } else if (type == ELF_T_DYN) {
        const Elf32_Dyn *d = &raw->dynamic32;
        record->dynamic = wide ? raw->dynamic64 : (GElf_Dyn){.d_tag = d->d_tag, .d_un.d_val = d->d_un.d_val};
    } else if (type == ELF_T_SHDR) {
        const Elf32_Shdr *s = &raw->section32;
        record->section = wide ? raw->section64
                               : (GElf_Shdr){.sh_name = s->sh_name,
                                             .sh_type = s->sh_type,
                                             .sh_flags = s->sh_flags,
                                             .sh_addr = s->sh_addr,
                                             .sh_offset = s->sh_offset,
                                             .sh_size = s->sh_size,
                                             .sh_link = s->sh_link,
                                             .sh_info = s->sh_info,
                                             .sh_addralign = s->sh_addralign,
                                             .sh_entsize = s->sh_entsize};
    } else if (type == ELF_T_PHDR) {
        const Elf32_Phdr *p = &raw->segment32;
        record->segment = wide ? raw->segment64
                               : (GElf_Phdr){.p_type = p->p_type,
                                             .p_flags = p->p_flags,
                                             .p_offset = p->p_offset,
                                             .p_vaddr = p->p_vaddr,
                                             .p_paddr = p->p_paddr,
                                             .p_filesz = p->p_filesz,
                                             .p_memsz = p->p_memsz,
                                             .p_align = p->p_align};
    } else if (type == ELF_T_HALF) {
        record->half = raw->half;
    } else {
        record->word = raw->word;
    }
}

struct one {
    union elf_record *record;
};

static bool keep_one(void *context, uint64_t index, const union elf_record *record)
{
    (void)index;
    *((struct one *)context)->record = *record;
    return false;
}

bool elf_record(const struct elf_file *file, const struct elf_table *table, uint64_t index, union elf_record *record,
                struct error *error)
{
    struct elf_table only = *table;
    if (index >= table->count)
        return error_set(error, "%s: is damaged: %s has no entry %llu", file->image.name, table->what,
                         (unsigned long long)index);
    only.count = index + 1;
    return elf_each(file, &only, index, keep_one, &(struct one){record}, error);
}

bool elf_each(const struct elf_file *file, const struct elf_table *table, uint64_t first, elf_visitor *each,
              void *context, struct error *error)
{
    unsigned char window[WINDOW] __attribute__((aligned(16)));
    size_t size = elf_record_size(file, table->type), held = WINDOW / size;
    if (!elf_table_within(file, table, error))
        return false;
    for (uint64_t index = first; index < table->count;) {
        size_t count = table->count - index < held ? (size_t)(table->count - index) : held;
        if (!image_read(&file->image, table->offset + index * size, window, count * size, table->what, error))
            return false;
        if (!translate(file, table->type, window, count * size))
            return error_set(error, "%s: %s cannot be translated", file->image.name, table->what);
        for (size_t i = 0; i < count; i++, index++) {
            union raw raw;
            union elf_record record;
            memcpy(&raw, window + i * size, size);
            widen(file, table->type, &raw, &record);
            if (!each(context, index, &record))
                return true;
        }
    }
    return true;
}
