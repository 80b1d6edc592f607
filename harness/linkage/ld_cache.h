/* harness/linkage/ld_cache.h: the cache that ldconfig writes for the dynamic linker (/etc/ld.so.cache).
 *
 * Promises: reads glibc's new format (1.1), alone or after the old one, in this machine's byte order. Any other file
 * reads as no cache, as it does for the loader. Entries for special processors (hwcaps) are skipped, because the plain
 * library is judged in their place.
 */
#pragma once

#include <stddef.h>

struct ld_cache;

struct ld_cache *ld_cache_read(const char *path); /* NULL: there is none, or its format is unknown */
void ld_cache_free(struct ld_cache *cache);

/* Returns the next path that the cache holds for a soname, or NULL when there are no more. The caller starts with
 * *position 0. */
const char *ld_cache_find(const struct ld_cache *cache, const char *soname, size_t *position);
