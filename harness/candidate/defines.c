#include "harness/candidate/defines.h"

#include <elf.h>
#include <stdint.h>
#include <string.h>

struct tables {
    const ElfW(Sym) * symbols;
    const char *strings;
    const uint32_t *gnu_hash; /* DT_GNU_HASH; NULL: there is none */
    const uint32_t *hash;     /* DT_HASH, whose second word is the number of symbols; NULL: there is none */
};

/* Some dynamic linkers write addresses into the section, others leave the distances from where the object begins. */
static const void *place(const struct link_map *object, ElfW(Addr) value)
{
    return (const void *)(uintptr_t)(value < object->l_addr ? value + object->l_addr : value);
}

static struct tables tables_of(const struct link_map *object)
{
    struct tables tables = {0};
    for (const ElfW(Dyn) *entry = object->l_ld; entry != NULL && entry->d_tag != DT_NULL; entry++) {
        const void *at = place(object, entry->d_un.d_ptr);
        if (entry->d_tag == DT_SYMTAB)
            tables.symbols = at;
        else if (entry->d_tag == DT_STRTAB)
            tables.strings = at;
        else if (entry->d_tag == DT_GNU_HASH)
            tables.gnu_hash = at;
        else if (entry->d_tag == DT_HASH)
            tables.hash = at;
    }
    return tables;
}

static bool is_function(const struct tables *tables, uint32_t index, const char *name)
{
    const ElfW(Sym) *symbol = &tables->symbols[index];
    unsigned type = symbol->st_info & 0xf, binding = symbol->st_info >> 4;
    return symbol->st_shndx != SHN_UNDEF && (type == STT_FUNC || type == STT_GNU_IFUNC) &&
           (binding == STB_GLOBAL || binding == STB_WEAK) && strcmp(tables->strings + symbol->st_name, name) == 0;
}

/* The hash of names in DT_GNU_HASH. */
static uint32_t hash_of(const char *name)
{
    uint32_t hash = 5381;
    for (; *name != '\0'; name++)
        hash = hash * 33 + (unsigned char)*name;
    return hash;
}

static bool is_in_gnu_hash(const struct tables *tables, const char *name)
{
    const uint32_t *words = tables->gnu_hash, count = words[0], first = words[1], filter = words[2];
    const uint32_t *buckets = words + 4 + filter * (sizeof(ElfW(Addr)) / sizeof *words), *chains = buckets + count;
    uint32_t hash = hash_of(name), index = count == 0 ? 0 : buckets[hash % count];
    if (index < first)
        return false;
    for (;; index++) {
        uint32_t seen = chains[index - first];
        if ((seen | 1) == (hash | 1) && is_function(tables, index, name))
            return true;
        if (seen & 1) /* the last of its chain */
            return false;
    }
}

bool object_defines_function(const struct link_map *object, const char *name)
{
    struct tables tables = tables_of(object);
    if (tables.symbols == NULL || tables.strings == NULL)
        return false;
    if (tables.gnu_hash != NULL)
        return is_in_gnu_hash(&tables, name);
    for (uint32_t index = 1; tables.hash != NULL && index < tables.hash[1]; index++)
        if (is_function(&tables, index, name))
            return true;
    return false;
}
