#include "harness/linkage/ld_cache.h"

#include <stdlib.h>
#include <string.h>

#include "harness/linkage/image.h"

#define MAGIC_OLD "ld.so-1.7.0"
#define MAGIC_NEW "glibc-ld.so.cache1.1"
enum { LARGEST = 8 << 20 }; /* the cache of a machine with a thousand libraries has 64 KiB */

struct header { /* the header of the new format; see sysdeps/generic/dl-cache.h in glibc */
    char magic[sizeof MAGIC_NEW - 1];
    uint32_t entry_count, string_size;
    uint8_t flags, padding[3];
    uint32_t extension_offset, unused[3];
};

struct entry {
    int32_t flags;
    uint32_t key, value; /* offsets from the header: the soname and the path */
    uint32_t os_version;
    uint64_t hwcap;
};

struct ld_cache {
    char *bytes; /* a zero follows the last byte */
    size_t size;
    const char *base; /* where the new format begins */
    size_t rest;      /* bytes from there to the end */
    uint32_t entry_count;
};

/* The new format follows the old one, at the next multiple of eight bytes. */
static size_t new_format_at(const char *bytes, size_t size)
{
    struct {
        char magic[sizeof MAGIC_OLD];
        uint32_t entry_count;
    } old;
    if (size < sizeof old || memcmp(bytes, MAGIC_OLD, sizeof MAGIC_OLD - 1) != 0)
        return 0;
    memcpy(&old, bytes, sizeof old);
    return ((size_t)old.entry_count * 12 + sizeof old + 7) & ~(size_t)7;
}

static int accept(struct ld_cache *cache)
{
    struct header header;
    size_t at = new_format_at(cache->bytes, cache->size);
    if (at > cache->size || cache->size - at < sizeof header)
        return 0;
    memcpy(&header, cache->bytes + at, sizeof header);
    cache->base = cache->bytes + at;
    cache->rest = cache->size - at;
    cache->entry_count = header.entry_count;
    return memcmp(header.magic, MAGIC_NEW, sizeof header.magic) == 0 &&
           header.entry_count <= (cache->rest - sizeof header) / sizeof(struct entry);
}

struct ld_cache *ld_cache_read(const char *path)
{
    struct image image;
    struct error ignored = {0};
    if (!image_open(&image, path, path, &ignored))
        return NULL;
    struct ld_cache *cache = calloc(1, sizeof *cache);
    cache->size = image.size <= LARGEST ? (size_t)image.size : 0;
    cache->bytes = calloc(1, cache->size + 1);
    int good = image_read(&image, 0, cache->bytes, cache->size, "the cache", &ignored) && accept(cache);
    image_close(&image);
    if (good)
        return cache;
    ld_cache_free(cache);
    return NULL;
}

void ld_cache_free(struct ld_cache *cache)
{
    if (cache == NULL)
        return;
    free(cache->bytes);
    free(cache);
}

const char *ld_cache_find(const struct ld_cache *cache, const char *soname, size_t *position)
{
    struct entry entry;
    while (cache != NULL && *position < cache->entry_count) {
        memcpy(&entry, cache->base + sizeof(struct header) + (*position)++ * sizeof entry, sizeof entry);
        if (entry.hwcap == 0 && entry.key < cache->rest && entry.value < cache->rest &&
            strcmp(cache->base + entry.key, soname) == 0)
            return cache->base + entry.value;
    }
    return NULL;
}
