/* harness/linkage/ld_cache.h: the cache that ldconfig leaves for the dynamic linker (/etc/ld.so.cache).
 *
 * Promises: glibc's new format (1.1), alone or behind the old one, of this machine's byte order; anything
 * else reads as no cache at all, as for the loader. Entries for special processors (hwcaps) are passed over:
 * their libraries stand for the plain ones.
 */
#pragma once

#include <stddef.h>

struct ld_cache;

struct ld_cache *ld_cache_read(const char *path); /* NULL: none, or not one that we know */
void ld_cache_free(struct ld_cache *cache);

/* The next path that the cache has for a soname; start with *position 0. NULL: no more. */
const char *ld_cache_find(const struct ld_cache *cache, const char *soname, size_t *position);
