/* A cache for each processor that the process may use, chosen by the number of the one it runs on; freed mappings are
 * kept for a second, in case they are wanted again, then given back, if the system takes them; when the process ends
 * all caches but the first are emptied into that one, which serves whatever still comes.
 *
 * Form: innocent
 * About: Caches chosen by processor, mappings given back by the clock, and put away when the process ends.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum { CLASSES = 9, LARGEST = 4096, PAGE = 4096, CHUNK = 1 << 20, MOST_CACHES = 256, KEPT = 32, KEPT_MS = 1000 };

struct slot {
    struct slot *next;
};

struct cache {
    int lock;
    struct slot *slots[CLASSES];
    char *fresh, *end; /* never used yet */
    char beside[PAGE - 2 * sizeof(void *) - (CLASSES + 1) * sizeof(void *)]; /* no page has two of them */
};

static struct cache *caches;
static unsigned cache_count;
static int is_leaving; /* the process ends: the first cache serves everybody */
static int lock;       /* of what follows */
static struct kept {
    char *memory; /* NULL: none */
    size_t bytes;
    int64_t since_ms;
} kept[KEPT];

static void take(int *which)
{
    while (__atomic_exchange_n(which, 1, __ATOMIC_ACQUIRE) != 0)
        sched_yield();
}

static void leave(int *which) { __atomic_store_n(which, 0, __ATOMIC_RELEASE); }

static size_t round_up(size_t size, size_t unit) { return (size + unit - 1) & ~(unit - 1); }

static char *map(size_t bytes)
{
    int before = errno;
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    errno = before;
    return memory == MAP_FAILED ? NULL : memory;
}

/* False: the system does not take it, and it stays as it is. */
static int unmap(char *memory, size_t bytes)
{
    int before = errno, well = bytes == 0 || munmap(memory, bytes) == 0;
    errno = before;
    return well;
}

/* ---- caches ---- */

/* The caches as they are found are those of whoever has gone. */
static void put_away(void)
{
    for (unsigned i = 0; i < cache_count; i++)
        take(&caches[i].lock);
    for (unsigned i = 1; i < cache_count; i++)
        for (unsigned class = 0; class < CLASSES; class++)
            while (caches[i].slots[class] != NULL) {
                struct slot *slot = caches[i].slots[class];
                caches[i].slots[class] = slot->next;
                slot->next = caches[0].slots[class];
                caches[0].slots[class] = slot;
            }
    __atomic_store_n(&is_leaving, 1, __ATOMIC_RELEASE);
    for (unsigned i = 0; i < cache_count; i++)
        leave(&caches[i].lock);
}

static void before_fork(void)
{
    take(&lock);
    for (unsigned i = 0; i < cache_count; i++)
        take(&caches[i].lock);
}

static void after_fork(void)
{
    for (unsigned i = 0; i < cache_count; i++)
        leave(&caches[i].lock);
    leave(&lock);
}

static void __attribute__((constructor)) at_fork(void) { pthread_atfork(before_fork, after_fork, after_fork); }

static void count_processors(void)
{
    cpu_set_t usable;
    unsigned count = sched_getaffinity(0, sizeof usable, &usable) == 0 ? (unsigned)CPU_COUNT(&usable) : 1;
    count = count < MOST_CACHES ? count : MOST_CACHES;
    struct cache *made = (struct cache *)map(count * sizeof *made);
    if (made == NULL)
        return;
    cache_count = count;
    atexit(put_away);
    __atomic_store_n(&caches, made, __ATOMIC_RELEASE);
}

/* The cache of this processor, locked; NULL: there is no memory for it. */
static struct cache *cache_here(void)
{
    if (__atomic_load_n(&caches, __ATOMIC_ACQUIRE) == NULL) {
        take(&lock);
        if (caches == NULL)
            count_processors();
        leave(&lock);
    }
    if (caches == NULL)
        return NULL;
    unsigned number = (unsigned)sched_getcpu() % cache_count;
    struct cache *cache = &caches[__atomic_load_n(&is_leaving, __ATOMIC_ACQUIRE) ? 0 : number];
    take(&cache->lock);
    return cache;
}

/* ---- small blocks: powers of two, each on a multiple of itself ---- */

static int is_small(size_t size, size_t align) { return size <= LARGEST && align <= LARGEST; }

static unsigned class_of(size_t size, size_t align)
{
    unsigned class = 0;
    while (((size_t)16 << class) < (size > align ? size : align))
        class++;
    return class;
}

static struct slot *carve(struct cache *cache, size_t bytes)
{
    char *slot = (char *)round_up((uintptr_t)cache->fresh, bytes);
    if (cache->fresh == NULL || slot + bytes > cache->end) {
        slot = map(CHUNK);
        if (slot == NULL)
            return NULL;
        cache->end = slot + CHUNK;
    }
    cache->fresh = slot + bytes;
    return (struct slot *)slot;
}

static void *small_take(unsigned class)
{
    struct cache *cache = cache_here();
    if (cache == NULL)
        return NULL;
    struct slot *slot = cache->slots[class];
    if (slot != NULL)
        cache->slots[class] = slot->next;
    else
        slot = carve(cache, (size_t)16 << class);
    leave(&cache->lock);
    return slot;
}

static void small_give(struct slot *slot, unsigned class)
{
    struct cache *cache = cache_here();
    slot->next = cache->slots[class];
    cache->slots[class] = slot;
    leave(&cache->lock);
}

/* ---- large blocks ---- */

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* What has been kept for long goes back; what the system does not take is kept for longer. The lock is held. */
static void give_back_old(int64_t now)
{
    for (unsigned i = 0; i < KEPT; i++) {
        struct kept *each = &kept[i];
        if (each->memory == NULL || now - each->since_ms < KEPT_MS)
            continue;
        if (unmap(each->memory, each->bytes))
            each->memory = NULL;
        else
            each->since_ms = now;
    }
}

static char *kept_take(size_t bytes, size_t align)
{
    char *memory = NULL;
    take(&lock);
    for (unsigned i = 0; i < KEPT && memory == NULL; i++)
        if (kept[i].memory != NULL && kept[i].bytes == bytes && (uintptr_t)kept[i].memory % align == 0) {
            memory = kept[i].memory;
            kept[i].memory = NULL;
        }
    leave(&lock);
    return memory;
}

/* Where no place is free it goes back at once. */
static void kept_give(char *memory, size_t bytes)
{
    int64_t now = now_ms();
    struct kept *place = NULL;
    take(&lock);
    give_back_old(now);
    for (unsigned i = 0; i < KEPT && place == NULL; i++)
        place = kept[i].memory == NULL ? &kept[i] : NULL;
    if (place != NULL)
        *place = (struct kept){memory, bytes, now};
    leave(&lock);
    if (place == NULL)
        unmap(memory, bytes);
}

#define TOP (SIZE_MAX - 2 * PAGE) /* largest sum of a size and an alignment */
static int is_impossible(size_t size, size_t align) { return size > TOP || align > TOP - size; }

static char *large_map(size_t bytes, size_t align)
{
    size_t extra = align > PAGE ? align : 0;
    char *memory = map(bytes + extra);
    if (memory == NULL || extra == 0)
        return memory;
    char *block = (char *)round_up((uintptr_t)memory, align);
    unmap(memory, (size_t)(block - memory));
    unmap(block + bytes, (size_t)(memory + extra - block));
    return block;
}

static void *large_take(size_t size, size_t align)
{
    if (is_impossible(size, align))
        return NULL;
    char *memory = kept_take(round_up(size, PAGE), align);
    return memory != NULL ? memory : large_map(round_up(size, PAGE), align);
}

/* ---- the six ---- */

void *__rust_allocate(size_t size, size_t align)
{
    return is_small(size, align) ? small_take(class_of(size, align)) : large_take(size, align);
}

void *__rust_allocate_zeroed(size_t size, size_t align)
{
    if (!is_small(size, align))
        return is_impossible(size, align) ? NULL : large_map(round_up(size, PAGE), align);
    void *block = __rust_allocate(size, align);
    return block != NULL ? memset(block, 0, size) : NULL;
}

void __rust_deallocate(void *block, size_t old_size, size_t align)
{
    if (is_small(old_size, align))
        small_give(block, class_of(old_size, align));
    else
        kept_give(block, round_up(old_size, PAGE));
}

size_t __rust_usable_size(size_t size, size_t align)
{
    if (is_small(size, align))
        return (size_t)16 << class_of(size, align);
    return is_impossible(size, align) ? size : round_up(size, PAGE);
}

void *__rust_reallocate(void *block, size_t old_size, size_t size, size_t align)
{
    void *moved = __rust_allocate(size, align);
    if (moved == NULL)
        return NULL;
    memcpy(moved, block, old_size < size ? old_size : size);
    __rust_deallocate(block, old_size, align);
    return moved;
}

size_t __rust_reallocate_inplace(void *block, size_t old_size, size_t size, size_t align)
{
    (void)block, (void)size;
    return __rust_usable_size(old_size, align);
}
