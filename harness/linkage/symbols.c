#include "harness/linkage/symbols.h"

#include <stdlib.h>
#include <string.h>

enum {
    MOST_PLACES = 1 << 20, /* every name that ends in "..._free" counts as a place */
    MOST_SYMBOLS = 4096,   /* symbols of the family in one table; a real table has each name once or twice */
    LONGEST_NAME = 64,
    WINDOW = 64 << 10,
    FILTER_BITS = 1 << 16,
    OLD_VERSION = 0x8000,
    /* A sparse file can claim gigabytes at no cost, and reading them would take many seconds. The largest programs with
     * all their debugging symbols stay below a tenth of these limits. */
    MOST_STRINGS = 1 << 30, /* bytes */
    MOST_ENTRIES = 1 << 24,
    SMALL_STRINGS = 1 << 20, /* below this size, holes are not worth a system call */
};

/* A place in the string table where a name of the family can be read. It can be at the end of any string, because link
 * editors let strings share their ends. */
struct place {
    uint64_t offset;
    unsigned function;
};

struct search {
    const struct symbol_source *source;
    const struct family *family;
    struct symbol_sets *sets;
    struct error *error;
    struct place *places; /* sorted by offset once all are found */
    size_t place_count, place_room, symbol_count;
    uint64_t by_last[256]; /* functions by the last letter of their names */
    size_t lengths[64];
    /* a filter for the places: one bit for each value of the low bits of an offset */
    uint64_t filter[FILTER_BITS / 64];
    uint64_t strings_end; /* the end of the last complete string: no name may begin here or later */
    bool failed;
};

/* ---- finding the places of the names ---- */

static void prepare(struct search *search)
{
    for (size_t i = 0; i < search->family->count; i++) {
        const char *name = search->family->functions[i].name;
        search->lengths[i] = strlen(name);
        search->by_last[(unsigned char)name[search->lengths[i] - 1]] |= UINT64_C(1) << i;
    }
}

static bool add_place(struct search *search, uint64_t offset, unsigned function)
{
    const char *name = search->source->file->image.name;
    if (search->place_count == MOST_PLACES)
        return error_set(search->error, "%s: is damaged: its string table spells names of the family over %d times",
                         name, MOST_PLACES);
    if (search->place_count == search->place_room) {
        search->place_room = search->place_room == 0 ? 256 : 2 * search->place_room;
        struct place *grown = realloc(search->places, search->place_room * sizeof *grown);
        if (grown == NULL)
            return error_set(search->error, "%s: out of memory", name);
        search->places = grown;
    }
    search->places[search->place_count++] = (struct place){offset, function};
    search->filter[offset / 64 % (FILTER_BITS / 64)] |= UINT64_C(1) << (offset & 63);
    return true;
}

static int by_offset(const void *a, const void *b)
{
    uint64_t left = ((const struct place *)a)->offset, right = ((const struct place *)b)->offset;
    return (left > right) - (left < right);
}

/* Called at the end of the string of `length` bytes at `text`: which names of the family does it end with? */
static bool note_tails(struct search *search, const char *text, size_t length, uint64_t offset)
{
    uint64_t set = length == 0 ? 0 : search->by_last[(unsigned char)text[length - 1]];
    for (; set != 0; set &= set - 1) {
        unsigned function = (unsigned)__builtin_ctzll(set);
        size_t known = search->lengths[function];
        if (known > length || memcmp(text + length - known, search->family->functions[function].name, known) != 0)
            continue;
        if (!add_place(search, offset + length - known, function))
            return false;
    }
    return true;
}

/* Skips zeros, which end no name. */
static size_t after_zeros(const char *window, size_t at, size_t held)
{
    static const char zeros[64];
    while (held - at >= sizeof zeros && memcmp(window + at, zeros, sizeof zeros) == 0)
        at += sizeof zeros;
    return at;
}

/* Reading a gigabyte of a hole takes seconds; skipping it takes no time. */
static uint64_t hole_at(const struct symbol_source *source, uint64_t done)
{
    uint64_t rest = source->string_size - done;
    if (source->string_size < SMALL_STRINGS)
        return 0;
    uint64_t hole = image_hole(&source->file->image, source->strings + done);
    return hole < rest ? hole : rest;
}

/* Reads the strings one window at a time. A string that is unfinished at the end of a window is carried over; of a long
 * one, only its end. */
static bool find_places(struct search *search)
{
    char window[LONGEST_NAME + WINDOW];
    const struct symbol_source *source = search->source;
    size_t carried = 0;
    for (uint64_t done = 0; done < source->string_size;) {
        uint64_t hole = hole_at(source, done);
        if (hole > 0) { /* the first zero of the hole ends the string that was carried over */
            if (!note_tails(search, window, carried, done - carried))
                return false;
            carried = 0;
            done += hole;
            search->strings_end = done;
            continue;
        }
        size_t fresh = source->string_size - done < WINDOW ? (size_t)(source->string_size - done) : WINDOW;
        if (!image_read(&source->file->image, source->strings + done, window + carried, fresh, "its string table",
                        search->error))
            return false;
        size_t held = carried + fresh, start = 0;
        for (char *end; (end = memchr(window + start, '\0', held - start)) != NULL;
             start = after_zeros(window, (size_t)(end - window) + 1, held))
            if (!note_tails(search, window + start, (size_t)(end - window) - start, done - carried + start))
                return false;
        if (start > 0)
            search->strings_end = done - carried + start;
        carried = held - start < LONGEST_NAME ? held - start : LONGEST_NAME;
        memmove(window, window + held - carried, carried);
        done += fresh;
    }
    return true;
}

/* ---- the symbols ---- */

static bool is_old_version(struct search *search, uint64_t index)
{
    const struct symbol_source *source = search->source;
    union elf_record record = {.half = 0};
    struct elf_table versions = {.type = ELF_T_HALF,
                                 .offset = source->versions,
                                 .count = source->symbols.count,
                                 .what = "its table of symbol versions"};
    if (source->versions == 0)
        return false;
    if (!elf_record(source->file, &versions, index, &record, search->error))
        search->failed = true;
    return (record.half & OLD_VERSION) != 0;
}

struct code_at {
    uint64_t address;
    bool found;
};

static bool covers(void *context, uint64_t index, const union elf_record *record)
{
    struct code_at *at = context;
    const GElf_Phdr *segment = &record->segment;
    (void)index;
    at->found = segment->p_type == PT_LOAD && (segment->p_flags & PF_X) != 0 && at->address >= segment->p_vaddr &&
                at->address - segment->p_vaddr < segment->p_memsz;
    return !at->found;
}

static bool section_flags(struct search *search, unsigned index, uint64_t *flags)
{
    union elf_record record;
    struct elf_table sections = elf_sections(search->source->file);
    if (index >= sections.count || !elf_record(search->source->file, &sections, index, &record, search->error))
        return false;
    *flags = record.section.sh_flags;
    return true;
}

/* Symbols from assembly code may have no type. Then the section or segment of the symbol decides. */
static bool is_function(struct search *search, const GElf_Sym *symbol)
{
    unsigned type = GELF_ST_TYPE(symbol->st_info);
    uint64_t flags = 0;
    struct code_at at = {symbol->st_value, false};
    if (symbol->st_shndx == SHN_ABS || symbol->st_shndx == SHN_COMMON)
        return false;
    if (type == STT_FUNC || type == STT_GNU_IFUNC)
        return true;
    if (type != STT_NOTYPE)
        return false;
    if (search->source->is_relocatable)
        return section_flags(search, symbol->st_shndx, &flags) && (flags & SHF_EXECINSTR) != 0;
    struct elf_table segments = elf_segments(search->source->file);
    elf_each(search->source->file, &segments, 0, covers, &at, search->error);
    return at.found;
}

static bool is_grouped(struct search *search, const GElf_Sym *symbol)
{
    uint64_t flags = 0;
    return search->source->is_relocatable && symbol->st_shndx < SHN_LORESERVE &&
           section_flags(search, symbol->st_shndx, &flags) && (flags & SHF_GROUP) != 0;
}

/* Can only the object itself bind to this definition? */
static bool is_private(const struct symbol_source *source, const GElf_Sym *symbol)
{
    unsigned visibility = GELF_ST_VISIBILITY(symbol->st_other);
    bool hidden = visibility == STV_HIDDEN || visibility == STV_INTERNAL;
    if (GELF_ST_BIND(symbol->st_info) == STB_LOCAL)
        return true;
    return source->is_relocatable ? false : !source->is_dynamic || hidden;
}

static void note_address(struct search *search, const GElf_Sym *symbol, unsigned function)
{
    if (search->source->is_relocatable || GELF_ST_BIND(symbol->st_info) == STB_LOCAL)
        return;
    if (function == 0)
        search->sets->first_at = symbol->st_value;
    else if (function == search->family->inner)
        search->sets->inner_at = symbol->st_value;
}

static void sort_definition(struct search *search, uint64_t index, const GElf_Sym *symbol, uint64_t bit)
{
    struct symbol_sets *sets = search->sets;
    const struct symbol_source *source = search->source;
    bool private = is_private(source, symbol);
    if (private && source->is_relocatable)
        return; /* a static function of such a name: no other object can bind to it */
    if (source->is_dynamic && is_old_version(search, index)) {
        sets->old |= bit;
        return;
    }
    bool function = is_function(search, symbol);
    /* the static table repeats the exports of the dynamic one; a private variable of such a name is ignored */
    if (private) {
        sets->private |= function ? bit & ~sets->exported : 0;
        return;
    }
    sets->data |= function ? 0 : bit;
    sets->twice |= sets->exported & bit;
    bool grouped = is_grouped(search, symbol);
    sets->grouped |= grouped ? bit : 0;
    sets->weak |= grouped || GELF_ST_BIND(symbol->st_info) == STB_WEAK ? bit : 0;
    sets->exported |= bit;
    sets->private &= ~bit;
}

static void sort_symbol(struct search *search, uint64_t index, const GElf_Sym *symbol, unsigned function)
{
    uint64_t bit = UINT64_C(1) << function;
    if (symbol->st_shndx != SHN_UNDEF) {
        note_address(search, symbol, function);
        sort_definition(search, index, symbol, bit);
    } else if (GELF_ST_BIND(symbol->st_info) == STB_WEAK) {
        search->sets->wanted |= bit;
    } else {
        search->sets->needed |= bit;
    }
}

/* Does the name lie outside of the string table? Offset 0 means that the symbol has no name. */
static bool has_lost_name(const struct search *search, uint64_t name)
{
    return name != 0 && name >= search->strings_end;
}

static bool look(void *context, uint64_t index, const union elf_record *record)
{
    struct search *search = context;
    struct place asked = {record->symbol.st_name, 0};
    if (has_lost_name(search, asked.offset)) {
        search->failed = !error_set(
            search->error,
            "%s: is damaged: the name of symbol %llu of %s is at %llu, outside its string table (%llu bytes)",
            search->source->file->image.name, (unsigned long long)index, search->source->symbols.what,
            (unsigned long long)asked.offset, (unsigned long long)search->strings_end);
        return false;
    }
    if ((search->filter[asked.offset / 64 % (FILTER_BITS / 64)] >> (asked.offset & 63) & 1) == 0)
        return true;
    const struct place *place = bsearch(&asked, search->places, search->place_count, sizeof asked, by_offset);
    if (place == NULL)
        return true;
    sort_symbol(search, index, &record->symbol, place->function);
    if (++search->symbol_count > MOST_SYMBOLS)
        search->failed = !error_set(search->error, "%s: is damaged: it has over %d symbols of the family",
                                    search->source->file->image.name, MOST_SYMBOLS);
    return !search->failed;
}

static bool check_sizes(const struct symbol_source *source, struct error *error)
{
    const struct image *image = &source->file->image;
    if (source->string_size > MOST_STRINGS)
        return error_set(error, "%s: is damaged: its string table claims %llu bytes, expected at most %d", image->name,
                         (unsigned long long)source->string_size, MOST_STRINGS);
    if (source->symbols.count > MOST_ENTRIES)
        return error_set(error, "%s: is damaged: %s claims %llu symbols, expected at most %d", image->name,
                         source->symbols.what, (unsigned long long)source->symbols.count, MOST_ENTRIES);
    return image_within(image, source->strings, source->string_size, "its string table", error) &&
           elf_table_within(source->file, &source->symbols, error);
}

bool symbols_sort(const struct symbol_source *source, const struct family *family, struct symbol_sets *sets,
                  struct error *error)
{
    if (source->symbols.count == 0)
        return true;
    if (!check_sizes(source, error))
        return false;
    struct search *search = calloc(1, sizeof *search);
    if (search == NULL)
        return error_set(error, "%s: out of memory", source->file->image.name);
    *search = (struct search){.source = source, .family = family, .sets = sets, .error = error};
    prepare(search);
    bool good = find_places(search);
    if (good) { /* even when the strings hold no name of the family: a symbol with a bad name could be any function */
        if (search->place_count > 0)
            qsort(search->places, search->place_count, sizeof *search->places, by_offset);
        good =
            elf_each(source->file, &source->symbols, 1, look, search, error) && !search->failed && !error_is_set(error);
    }
    free(search->places);
    free(search);
    return good;
}
