#include "harness/linkage/circle.h"

#include <ar.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/linkage/archive.h"

enum {
    MOST_NAMES = 1 << 22,
    MOST_STRINGS = 64 << 20, /* bytes of one member's names */
    PATH_TEXT = 2048,
    LONGEST_CHAIN = 64,
};

/* A name that a member defines or leaves undefined. */
struct mention {
    uint64_t hash;
    size_t member;
};

struct mentions {
    struct mention *list;
    size_t count, room;
};

struct part {
    char *name; /* "liba.a(x.o)" */
    uint64_t provides, needs;
    size_t first_reference;
};

struct link {
    const struct family *family;
    uint64_t core;
    uint64_t hashes[64];
    const char *file; /* the file that is being read: the last part of its path */
    struct part *parts;
    size_t part_count;
    /* references stay in the order of the members; definitions are sorted by hash once all are read */
    struct mentions definitions, references;
};

/* The FNV-1a hash. */
static uint64_t hash_of(const char *name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *name != '\0'; name++)
        hash = (hash ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
    return hash;
}

static uint64_t bit_of(const struct link *link, uint64_t hash)
{
    for (size_t i = 0; i < link->family->count; i++)
        if (link->hashes[i] == hash)
            return (UINT64_C(1) << i) & link->core;
    return 0;
}

/* ---- reading ---- */

static bool mention(struct mentions *mentions, uint64_t hash, size_t member)
{
    if (mentions->count == MOST_NAMES)
        return false;
    if (mentions->count == mentions->room) {
        mentions->room = mentions->room == 0 ? 1024 : 2 * mentions->room;
        struct mention *grown = realloc(mentions->list, mentions->room * sizeof *grown);
        if (grown == NULL)
            return false;
        mentions->list = grown;
    }
    mentions->list[mentions->count++] = (struct mention){hash, member};
    return true;
}

/* Is it a function that a crate leaves to the last link (rustc 1.19: librustc/middle/weak_lang_items.rs)? */
static bool is_lang_item(const char *name)
{
    static const char *const items[] = {"rust_begin_unwind", "rust_eh_personality", "rust_eh_unwind_resume"};
    for (size_t i = 0; i < sizeof items / sizeof *items; i++)
        if (strcmp(name, items[i]) == 0)
            return true;
    return false;
}

struct reading {
    struct link *link;
    struct elf_file file;
    struct error *error;
    GElf_Shdr symtab;
    bool has_symtab;
    char *strings;
    size_t size;
};

static bool is_symtab(void *context, uint64_t index, const union elf_record *record)
{
    struct reading *reading = context;
    (void)index;
    reading->has_symtab = record->section.sh_type == SHT_SYMTAB;
    reading->symtab = record->section;
    return !reading->has_symtab;
}

static bool note_symbol(void *context, uint64_t index, const union elf_record *record)
{
    struct reading *reading = context;
    struct link *link = reading->link;
    const GElf_Sym *symbol = &record->symbol;
    struct part *part = &link->parts[link->part_count - 1];
    unsigned bind = GELF_ST_BIND(symbol->st_info);
    bool is_reference = symbol->st_shndx == SHN_UNDEF;
    (void)index;
    if (bind == STB_LOCAL || symbol->st_name == 0 || symbol->st_name >= reading->size ||
        (is_reference && bind == STB_WEAK))
        return true;
    const char *name = reading->strings + symbol->st_name;
    if (is_lang_item(name))
        return true;
    uint64_t hash = hash_of(name), bit = bit_of(link, hash);
    part->needs |= is_reference ? bit : 0;
    part->provides |= is_reference ? 0 : bit;
    if (mention(is_reference ? &link->references : &link->definitions, hash, link->part_count - 1))
        return true;
    error_set(reading->error, "%s: has too many symbols to find out which member depends on which",
              reading->file.image.name);
    return false;
}

static bool read_strings(struct reading *reading)
{
    union elf_record strings;
    struct elf_table sections = elf_sections(&reading->file);
    const char *name = reading->file.image.name;
    if (!elf_record(&reading->file, &sections, reading->symtab.sh_link, &strings, reading->error))
        return false;
    uint64_t size = strings.section.sh_size;
    if (size > MOST_STRINGS)
        return error_set(reading->error, "%s: has too many names to find out which member depends on which", name);
    reading->strings = calloc(1, (size_t)size + 1);
    reading->size = (size_t)size;
    return reading->strings == NULL ? error_set(reading->error, "%s: out of memory", name)
                                    : image_read(&reading->file.image, strings.section.sh_offset, reading->strings,
                                                 reading->size, "its string table", reading->error);
}

static bool read_symbols(struct reading *reading)
{
    struct elf_table sections = elf_sections(&reading->file);
    if (!elf_each(&reading->file, &sections, 0, is_symtab, reading, reading->error))
        return false;
    if (!reading->has_symtab)
        return true;
    struct elf_table symbols = {.type = ELF_T_SYM,
                                .offset = reading->symtab.sh_offset,
                                .count = reading->symtab.sh_size / elf_record_size(&reading->file, ELF_T_SYM),
                                .what = "its symbol table"};
    return read_strings(reading) && elf_each(&reading->file, &symbols, 1, note_symbol, reading, reading->error) &&
           !error_is_set(reading->error);
}

static bool add_part(struct link *link, const char *name)
{
    char *full = NULL;
    struct part *grown = realloc(link->parts, (link->part_count + 1) * sizeof *grown);
    if (grown == NULL ||
        (name == NULL ? (full = strdup(link->file)) == NULL : asprintf(&full, "%s(%s)", link->file, name) < 0))
        return false;
    link->parts = grown;
    grown[link->part_count++] = (struct part){.name = full, .first_reference = link->references.count};
    return true;
}

/* `name` is NULL when the image is a whole file. An image that is no ELF object has no symbols. */
static bool read_part(void *context, const char *name, const struct image *image, struct error *error)
{
    struct error ignored = {0};
    struct reading reading = {.link = context, .file.image = *image, .error = error};
    if (elf_open(&reading.file, &ignored) != IMAGE_GOOD)
        return true;
    if (!add_part(context, name))
        return error_set(error, "%s: out of memory", image->name);
    bool good = read_symbols(&reading);
    free(reading.strings);
    return good;
}

static bool read_file(struct link *link, const char *path, struct error *error)
{
    struct image image;
    char magic[SARMAG] = "";
    struct error ignored = {0};
    link->file = path_base(path);
    if (!image_open(&image, path, path, error))
        return false;
    image_read(&image, 0, magic, image.size < SARMAG ? (size_t)image.size : SARMAG, "its first bytes", &ignored);
    bool is_archive = memcmp(magic, "!<", 2) == 0;
    bool good = is_archive ? archive_each(&image, magic[2] == 't', read_part, link, error)
                           : read_part(link, NULL, &image, error);
    image_close(&image);
    return good;
}

/* ---- which member depends on which ---- */

static int by_hash(const void *a, const void *b)
{
    const struct mention *left = a, *right = b;
    if (left->hash != right->hash)
        return left->hash < right->hash ? -1 : 1;
    return (left->member > right->member) - (left->member < right->member);
}

/* The first member that defines the name: the link editor takes that one. SIZE_MAX: no member does. */
static size_t definer(const struct link *link, uint64_t hash)
{
    size_t low = 0, high = link->definitions.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (link->definitions.list[middle].hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < link->definitions.count && link->definitions.list[low].hash == hash;
    return found ? link->definitions.list[low].member : SIZE_MAX;
}

/* Finds every member that `from` depends on, breadth first. parents[m] is the member that brought in m, and SIZE_MAX
 * when `from` does not depend on m. */
static void spread(const struct link *link, size_t from, size_t *parents, size_t *queue)
{
    size_t held = 0;
    for (size_t i = 0; i < link->part_count; i++)
        parents[i] = SIZE_MAX;
    parents[from] = from;
    queue[held++] = from;
    for (size_t at = 0; at < held; at++) {
        size_t member = queue[at];
        size_t end = member + 1 < link->part_count ? link->parts[member + 1].first_reference : link->references.count;
        for (size_t i = link->parts[member].first_reference; i < end; i++) {
            size_t next = definer(link, link->references.list[i].hash);
            if (next == SIZE_MAX || parents[next] != SIZE_MAX)
                continue;
            parents[next] = member;
            queue[held++] = next;
        }
    }
}

/* Returns the functions that `user` needs and that the link editor takes from `provider`. */
static uint64_t given_by(const struct link *link, size_t provider, size_t user)
{
    uint64_t given = link->parts[provider].provides & link->parts[user].needs;
    for (uint64_t set = given; set != 0; set &= set - 1)
        if (definer(link, link->hashes[__builtin_ctzll(set)]) != provider)
            given &= ~(set & -set);
    return given;
}

static void describe_path(const struct link *link, const size_t *parents, size_t member, char *text, size_t size)
{
    size_t chain[LONGEST_CHAIN], length = 0, at = 0;
    for (chain[length++] = member; parents[member] != member && length < LONGEST_CHAIN; chain[length++] = member)
        member = parents[member];
    text[0] = '\0';
    while (length-- > 0 && at < size)
        at += (size_t)snprintf(text + at, size - at, "%s%s", at > 0 ? " -> " : "", link->parts[chain[length]].name);
}

static void tell_all(const struct link *link, size_t *parents, size_t *queue, bool *told, circle_teller *tell,
                     void *context)
{
    char path[PATH_TEXT];
    for (size_t provider = 0; provider < link->part_count; provider++) {
        if (link->parts[provider].provides == 0)
            continue;
        spread(link, provider, parents, queue);
        for (size_t user = 0; user < link->part_count; user++) {
            uint64_t functions = given_by(link, provider, user);
            if (functions == 0 || parents[user] == SIZE_MAX || told[user] || link->parts[user].provides != 0)
                continue;
            describe_path(link, parents, user, path, sizeof path);
            tell(context, &(struct circle){link->parts[provider].name, link->parts[user].name, path, functions});
            told[user] = true;
        }
    }
}

static bool find_all(struct link *link, circle_teller *tell, void *context, struct error *error)
{
    size_t *parents = calloc(link->part_count + 1, sizeof *parents),
           *queue = calloc(link->part_count + 1, sizeof *queue);
    bool *told = calloc(link->part_count + 1, sizeof *told);
    bool good = parents != NULL && queue != NULL && told != NULL;
    if (link->definitions.count > 0)
        qsort(link->definitions.list, link->definitions.count, sizeof *link->definitions.list, by_hash);
    if (good)
        tell_all(link, parents, queue, told, tell, context);
    else
        error_set(error, "%s: out of memory", link->file);
    free(parents);
    free(queue);
    free(told);
    return good;
}

bool circle_each(const char *const *paths, size_t count, const struct family *family, circle_teller *tell,
                 void *context, struct error *error)
{
    struct link link = {.family = family, .core = family_set(family, ROLE_CORE), .file = ""};
    bool good = true;
    for (size_t i = 0; i < family->count; i++)
        link.hashes[i] = hash_of(family->functions[i].name);
    for (size_t i = 0; i < count && good; i++)
        good = read_file(&link, paths[i], error);
    good = good && find_all(&link, tell, context, error);
    for (size_t i = 0; i < link.part_count; i++)
        free(link.parts[i].name);
    free(link.parts);
    free(link.definitions.list);
    free(link.references.list);
    return good;
}
