#include "harness/linkage/dynamic.h"

#include <stdlib.h>
#include <string.h>

enum {
    LONGEST_STRING = 4096,
    MOST_NEEDED = 4096,
    MOST_ENTRIES = 1 << 16,
    MOST_HASHED = 1 << 24, /* symbols that are looked at; a chain in the hole of a sparse file has no end */
};

static bool note_needed(struct dynamic *dynamic, uint64_t offset, bool is_optional)
{
    if (dynamic->needed_count == MOST_NEEDED)
        return error_set(dynamic->error, "%s: is damaged: it needs over %d libraries", dynamic->object->path,
                         MOST_NEEDED);
    struct needed_at *grown = realloc(dynamic->needed, (dynamic->needed_count + 1) * sizeof *grown);
    if (grown == NULL)
        return error_set(dynamic->error, "%s: out of memory", dynamic->object->path);
    dynamic->needed = grown;
    grown[dynamic->needed_count++] = (struct needed_at){offset, is_optional};
    return true;
}

static bool note_entry(void *context, uint64_t index, const union elf_record *record)
{
    struct dynamic *dynamic = context;
    uint64_t value = record->dynamic.d_un.d_val;
    if (index == MOST_ENTRIES)
        return error_set(dynamic->error, "%s: is damaged: its dynamic section does not end", dynamic->object->path);
    switch (record->dynamic.d_tag) {
    case DT_NULL: return false;
    case DT_NEEDED:
    /* glibc loads the library that it names and filters nothing */
    case DT_FILTER: return note_needed(dynamic, value, false);
    case DT_AUXILIARY: return note_needed(dynamic, value, true);
    case DT_STRTAB: dynamic->strings = value; break;
    case DT_STRSZ: dynamic->string_size = value; break;
    case DT_SYMTAB: dynamic->symbols = value; break;
    case DT_HASH: dynamic->hash = value; break;
    case DT_GNU_HASH: dynamic->gnu_hash = value; break;
    case DT_VERSYM: dynamic->versions = value; break;
    case DT_SONAME: dynamic->soname = value + 1; break;
    case DT_RPATH: dynamic->rpath = value + 1; break;
    case DT_RUNPATH: dynamic->runpath = value + 1; break;
    case DT_SYMBOLIC: dynamic->flags |= DF_SYMBOLIC; break;
    case DT_FLAGS: dynamic->flags |= value; break;
    case DT_FLAGS_1: dynamic->flags_1 = value; break;
    case DT_DEBUG: dynamic->has_debug = true; break;
    default: break;
    }
    return true;
}

struct place_of {
    uint64_t address, offset;
    bool found;
};

static bool holds_address(void *context, uint64_t index, const union elf_record *record)
{
    struct place_of *place = context;
    const GElf_Phdr *segment = &record->segment;
    (void)index;
    if (segment->p_type != PT_LOAD || place->address < segment->p_vaddr ||
        place->address - segment->p_vaddr >= segment->p_filesz)
        return true;
    place->offset = segment->p_offset + (place->address - segment->p_vaddr);
    place->found = true;
    return false;
}

/* Finds the place in the file whose bytes are loaded at `address`. */
static bool offset_of(const struct dynamic *dynamic, uint64_t address, const char *what, uint64_t *offset)
{
    struct place_of place = {.address = address};
    struct elf_table segments = elf_segments(dynamic->file);
    if (!elf_each(dynamic->file, &segments, 0, holds_address, &place, dynamic->error))
        return false;
    *offset = place.offset;
    return place.found || error_set(dynamic->error, "%s: is damaged: %s is at an address (%#llx) that no segment loads",
                                    dynamic->object->path, what, (unsigned long long)address);
}

/* ---- the number of dynamic symbols: only the hash tables say it ---- */

struct longest_chain {
    uint32_t highest;
};

static bool note_bucket(void *context, uint64_t index, const union elf_record *record)
{
    struct longest_chain *chain = context;
    (void)index;
    if (record->word > chain->highest)
        chain->highest = record->word;
    return true;
}

struct chain_end {
    uint64_t count;
};

static bool until_end(void *context, uint64_t index, const union elf_record *record)
{
    ((struct chain_end *)context)->count = index + 1;
    return (record->word & 1) == 0;
}

static bool word_at(const struct dynamic *dynamic, uint64_t offset, const char *what, uint32_t *word)
{
    union elf_record record;
    struct elf_table one = {.type = ELF_T_WORD, .offset = offset, .count = 1, .what = what};
    if (!elf_record(dynamic->file, &one, 0, &record, dynamic->error))
        return false;
    *word = record.word;
    return true;
}

/* The last symbol ends the chain that begins at the highest index. When nothing is exported there is no chain; then the
 * table counts only the symbols that come before the first one it could hold. */
static bool count_by_gnu_hash(const struct dynamic *dynamic, uint64_t offset, uint64_t *count)
{
    uint32_t buckets, first, bloom;
    const char *what = "its GNU hash table";
    if (!word_at(dynamic, offset, what, &buckets) || !word_at(dynamic, offset + 4, what, &first) ||
        !word_at(dynamic, offset + 8, what, &bloom))
        return false;
    if (buckets > MOST_HASHED)
        return error_set(dynamic->error, "%s: is damaged: %s claims %u buckets", dynamic->object->path, what, buckets);
    uint64_t table = offset + 16 + (uint64_t)bloom * (dynamic->file->class == ELFCLASS64 ? 8 : 4);
    struct longest_chain chain = {0};
    struct chain_end end = {0};
    struct elf_table words = {.type = ELF_T_WORD, .offset = table, .count = buckets, .what = what};
    if (!elf_each(dynamic->file, &words, 0, note_bucket, &chain, dynamic->error))
        return false;
    *count = first;
    if (chain.highest == 0)
        return true;
    if (chain.highest < first)
        return error_set(dynamic->error, "%s: is damaged: %s points in front of itself", dynamic->object->path, what);
    words.offset = table + (uint64_t)buckets * 4 + (uint64_t)(chain.highest - first) * 4;
    words.count = words.offset < dynamic->file->image.size ? (dynamic->file->image.size - words.offset) / 4 : 0;
    words.count = words.count < MOST_HASHED ? words.count : MOST_HASHED;
    if (words.count == 0)
        return error_set(dynamic->error, "%s: is cut short or damaged: %s lies past its end", dynamic->object->path,
                         what);
    if (!elf_each(dynamic->file, &words, 0, until_end, &end, dynamic->error))
        return false;
    *count = chain.highest + end.count;
    return true;
}

struct dynsym_section {
    uint64_t address, count;
    size_t entry;
};

static bool is_dynsym(void *context, uint64_t index, const union elf_record *record)
{
    struct dynsym_section *wanted = context;
    const GElf_Shdr *section = &record->section;
    (void)index;
    if (section->sh_type != SHT_DYNSYM || section->sh_addr != wanted->address)
        return true;
    wanted->count = section->sh_size / wanted->entry;
    return false;
}

/* A library that exports nothing may have a GNU hash table that does not count its symbols. The section headers count
 * them. Without section headers, the string table gives a bound, because it follows the symbols. */
static bool count_symbols(const struct dynamic *dynamic, uint64_t *count)
{
    uint64_t offset;
    uint32_t chains;
    struct dynsym_section section = {dynamic->symbols, 0, elf_record_size(dynamic->file, ELF_T_SYM)};
    struct elf_table sections = elf_sections(dynamic->file);
    if (dynamic->hash != 0 && dynamic->file->header.e_machine != EM_ALPHA &&
        !(dynamic->file->header.e_machine == EM_S390 &&
          dynamic->file->class == ELFCLASS64)) { /* the words of that table are 64 bits wide on these two */
        if (!offset_of(dynamic, dynamic->hash, "its hash table", &offset) ||
            !word_at(dynamic, offset + 4, "its hash table", &chains))
            return false;
        *count = chains;
        return true;
    }
    if (!elf_each(dynamic->file, &sections, 0, is_dynsym, &section, dynamic->error))
        return false;
    *count = section.count;
    if (section.count == 0 && dynamic->gnu_hash != 0 &&
        (!offset_of(dynamic, dynamic->gnu_hash, "its GNU hash table", &offset) ||
         !count_by_gnu_hash(dynamic, offset, count)))
        return false;
    if (*count <= 1 && section.count == 0 && dynamic->strings > dynamic->symbols)
        *count = (dynamic->strings - dynamic->symbols) / section.entry;
    return true;
}

/* ---- from the dynamic section to the object ---- */

static char *string_at(const struct dynamic *dynamic, uint64_t strings, uint64_t offset, const char *what)
{
    char text[LONGEST_STRING];
    if (offset >= dynamic->string_size) {
        error_set(dynamic->error, "%s: is damaged: %s is at %llu of a string table of %llu bytes",
                  dynamic->object->path, what, (unsigned long long)offset, (unsigned long long)dynamic->string_size);
        return NULL;
    }
    if (!image_string(&dynamic->file->image, strings + offset, text, sizeof text, what, dynamic->error))
        return NULL;
    return strdup(text);
}

static bool take_strings(const struct dynamic *dynamic, uint64_t strings)
{
    struct object *object = dynamic->object;
    object->needed = calloc(dynamic->needed_count + 1, sizeof *object->needed);
    for (size_t i = 0; i < dynamic->needed_count; i++) {
        const struct needed_at *needed = &dynamic->needed[i];
        char *name = string_at(dynamic, strings, needed->name, "the name of a library it needs");
        object->needed[object->needed_count++] = (struct need){name, needed->is_optional};
        if (name == NULL)
            return false;
    }
    if (dynamic->soname != 0 &&
        (object->soname = string_at(dynamic, strings, dynamic->soname - 1, "its soname")) == NULL)
        return false;
    if (dynamic->rpath != 0 && (object->rpath = string_at(dynamic, strings, dynamic->rpath - 1, "its rpath")) == NULL)
        return false;
    return dynamic->runpath == 0 ||
           (object->runpath = string_at(dynamic, strings, dynamic->runpath - 1, "its runpath")) != NULL;
}

static bool take_symbols(const struct dynamic *dynamic, const struct family *family, uint64_t strings)
{
    struct symbol_source source = {
        .file = dynamic->file, .strings = strings, .string_size = dynamic->string_size, .is_dynamic = true};
    source.symbols = (struct elf_table){.type = ELF_T_SYM, .what = "its dynamic symbol table"};
    if (dynamic->symbols == 0)
        return true;
    if (!offset_of(dynamic, dynamic->symbols, "its dynamic symbol table", &source.symbols.offset) ||
        !count_symbols(dynamic, &source.symbols.count))
        return false;
    if (dynamic->versions != 0 &&
        !offset_of(dynamic, dynamic->versions, "its table of symbol versions", &source.versions))
        return false;
    return symbols_sort(&source, family, &dynamic->object->sets, dynamic->error);
}

bool dynamic_read(struct dynamic *dynamic, const GElf_Phdr *segment, const struct family *family)
{
    uint64_t strings = 0;
    struct elf_table entries = {.type = ELF_T_DYN,
                                .offset = segment->p_offset,
                                .what = "its dynamic section",
                                .count = segment->p_filesz / elf_record_size(dynamic->file, ELF_T_DYN)};
    if (!elf_each(dynamic->file, &entries, 0, note_entry, dynamic, dynamic->error) || error_is_set(dynamic->error))
        return false;
    dynamic->object->has_dynamic = true;
    dynamic->object->no_default_directories = (dynamic->flags_1 & DF_1_NODEFLIB) != 0;
    dynamic->object->is_symbolic = (dynamic->flags & DF_SYMBOLIC) != 0;
    if (dynamic->strings == 0)
        return true; /* a static-pie has only relocations here */
    return offset_of(dynamic, dynamic->strings, "its dynamic string table", &strings) &&
           take_strings(dynamic, strings) && take_symbols(dynamic, family, strings);
}
