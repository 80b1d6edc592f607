/* caches.h: shelves.h with a cache for each thread before the shelves; correct, with places where a fault can be put in.
 *
 * A cache takes up to CACHED blocks of each size and gives them to the shelves when its thread ends.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
struct free_block;
static void *allocate_small(int shelf);
static void deallocate_small(void *block, int shelf);
#define ALLOCATE_SMALL
#include "shelves.h"

enum { CACHED = 32 };

struct cache {
    struct free_block *blocks[SHELVES];
    int counts[SHELVES];
    bool is_known; /* to the key below */
};

static __thread struct cache cache __attribute__((tls_model("initial-exec")));
static pthread_key_t at_thread_end;

static void *take_from_shelf(int shelf)
{
    struct free_block *block = NULL;
    take_lock();
    if (shelves[shelf] != NULL || fill_shelf(shelf)) {
        block = shelves[shelf];
        shelves[shelf] = block->next;
    }
    give_lock();
    return block;
}

static void put_on_shelf(void *block, int shelf)
{
    take_lock();
    ((struct free_block *)block)->next = shelves[shelf];
    shelves[shelf] = block;
    give_lock();
}

#ifndef GIVE_UP_CACHE
static void give_up_cache(void *pointer)
{
    struct cache *own = pointer;
    for (int shelf = 0; shelf < SHELVES; shelf++)
        while (own->blocks[shelf] != NULL) {
            struct free_block *block = own->blocks[shelf];
            own->blocks[shelf] = block->next;
            put_on_shelf(block, shelf);
        }
    *own = (struct cache){0};
}
#else
static void give_up_cache(void *pointer);
#endif

__attribute__((constructor)) static void make_key(void) { pthread_key_create(&at_thread_end, give_up_cache); }

static void *allocate_small(int shelf)
{
    struct free_block *block = cache.blocks[shelf];
    if (block == NULL)
        return take_from_shelf(shelf);
    cache.blocks[shelf] = block->next;
    cache.counts[shelf]--;
    return block;
}

static void deallocate_small(void *pointer, int shelf)
{
    struct free_block *block = pointer;
    if (cache.counts[shelf] == CACHED) {
        put_on_shelf(block, shelf);
        return;
    }
    if (!cache.is_known)
        cache.is_known = pthread_setspecific(at_thread_end, &cache) == 0;
    block->next = cache.blocks[shelf];
    cache.blocks[shelf] = block;
    cache.counts[shelf]++;
}
