/* Each thread keeps what it frees in a cache of its own, which a destructor of thread-specific data gives back when the
 * thread ends: what later destructors of that thread free and allocate goes through a cache given back in another turn.
 * Memory is what the program break moves over, and the break is moved by others as well.
 *
 * Form: innocent
 * About: Caches given back by a thread-specific destructor, memory from a program break that others move too.
 */
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { CLASSES = 13, LARGEST = 64 << 10, PAGE = 4096, SPAN = 256 << 10, MOST_CACHED = 64 };

struct slot {
    struct slot *next;
};

static __thread struct cache {
    struct slot *slots[CLASSES];
    unsigned counts[CLASSES];
    int is_registered; /* its destructor will run */
} cache;

static struct slot *shared[CLASSES];
static char *fresh, *end; /* never used yet */
static int lock;
static pthread_key_t key;

static void take_lock(void)
{
    while (__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE) != 0)
        sched_yield();
}

static void leave_lock(void) { __atomic_store_n(&lock, 0, __ATOMIC_RELEASE); }

static size_t round_up(size_t size, size_t unit) { return (size + unit - 1) & ~(unit - 1); }

/* Powers of two from 16 to LARGEST. A slot is as aligned as it is long, up to a page. */
static int is_small(size_t size, size_t align) { return size <= LARGEST && align <= PAGE; }

static unsigned class_of(size_t size, size_t align)
{
    unsigned class = 0;
    while (((size_t)16 << class) < (size > align ? size : align))
        class++;
    return class;
}

/* ---- memory from the system ---- */

static void *map(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

/* Another span, behind the last one where nobody has moved the break since. The lock is held. */
static int more(void)
{
    char *span = sbrk(SPAN);
    if (span == (void *)-1)
        span = map(SPAN);
    if (span == NULL)
        return 0;
    if (span != end)
        fresh = (char *)round_up((uintptr_t)span, PAGE);
    end = span + SPAN;
    return 1;
}

static struct slot *carve(unsigned class)
{
    size_t bytes = (size_t)16 << class;
    char *slot = (char *)round_up((uintptr_t)fresh, bytes < PAGE ? bytes : PAGE);
    while (fresh == NULL || slot + bytes > end) {
        if (!more())
            return NULL;
        slot = (char *)round_up((uintptr_t)fresh, bytes < PAGE ? bytes : PAGE);
    }
    fresh = slot + bytes;
    return (struct slot *)slot;
}

/* ---- caches ---- */

static void give_back(void *unused)
{
    (void)unused;
    take_lock();
    for (unsigned class = 0; class < CLASSES; class++)
        while (cache.slots[class] != NULL) {
            struct slot *slot = cache.slots[class];
            cache.slots[class] = slot->next;
            slot->next = shared[class];
            shared[class] = slot;
        }
    leave_lock();
    memset(&cache, 0, sizeof cache);
}

static __attribute__((constructor)) void begin(void)
{
    pthread_key_create(&key, give_back);
    pthread_atfork(take_lock, leave_lock, leave_lock);
}

static void register_thread(void)
{
    if (!cache.is_registered)
        cache.is_registered = pthread_setspecific(key, &cache) == 0;
}

static void *slot_take(unsigned class)
{
    struct slot *slot = cache.slots[class];
    if (slot != NULL) {
        cache.slots[class] = slot->next;
        cache.counts[class]--;
        return slot;
    }
    take_lock();
    slot = shared[class];
    if (slot != NULL)
        shared[class] = slot->next;
    else
        slot = carve(class);
    leave_lock();
    return slot;
}

static void slot_give(struct slot *slot, unsigned class)
{
    register_thread();
    if (cache.is_registered && cache.counts[class] < MOST_CACHED) {
        slot->next = cache.slots[class];
        cache.slots[class] = slot;
        cache.counts[class]++;
        return;
    }
    take_lock();
    slot->next = shared[class];
    shared[class] = slot;
    leave_lock();
}

/* ---- large blocks ---- */

static size_t mapped_bytes(size_t size) { return round_up(size, PAGE); }

static int is_impossible(size_t size, size_t align) { return size > SIZE_MAX / 4 || align > SIZE_MAX / 8; }

static void *mapped_take(size_t size, size_t align)
{
    if (is_impossible(size, align))
        return NULL;
    size_t bytes = mapped_bytes(size), extra = align > PAGE ? align : 0;
    char *memory = map(bytes + extra);
    if (memory == NULL || extra == 0)
        return memory;
    char *block = (char *)round_up((uintptr_t)memory, align);
    if (block > memory)
        munmap(memory, (size_t)(block - memory));
    if (memory + extra > block)
        munmap(block + bytes, (size_t)(memory + extra - block));
    return block;
}

/* ---- the six ---- */

void *__rust_allocate(size_t size, size_t align)
{
    return is_small(size, align) ? slot_take(class_of(size, align)) : mapped_take(size, align);
}

void *__rust_allocate_zeroed(size_t size, size_t align)
{
    void *block = __rust_allocate(size, align);
    return block != NULL && is_small(size, align) ? memset(block, 0, size) : block;
}

void __rust_deallocate(void *block, size_t old_size, size_t align)
{
    if (is_small(old_size, align))
        slot_give(block, class_of(old_size, align));
    else
        munmap(block, mapped_bytes(old_size));
}

size_t __rust_usable_size(size_t size, size_t align)
{
    if (is_small(size, align))
        return (size_t)16 << class_of(size, align);
    return is_impossible(size, align) ? size : mapped_bytes(size);
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
