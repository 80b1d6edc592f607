/* Buddies: a block is a half of a block twice as long, down from areas of 16 MiB. A block given back is
 * joined with its other half if that is free, too, and so on upwards. A byte for every smallest block says of
 * which order the block is that begins there, and whether it is free.
 *
 * Form: innocent
 * About: Powers of two, found and joined by address alone; resized in place by giving halves back or taking
 * them; null above 16 MiB.
 */
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

enum { LOWEST = 5, HIGHEST = 24, ORDERS = HIGHEST + 1, FREE = 128, AREA_MAX = 64 };
#define AREA ((size_t)1 << HIGHEST)

/* In a free block. */
struct link {
    struct link *next, *previous;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct link *free_blocks[ORDERS];
static struct area {
    char *memory;
    uint8_t *orders; /* of the block that begins there, and FREE; 0: none begins there */
} areas[AREA_MAX];
static unsigned area_count;

/* The child of a fork shall not find the lock in the hands of a thread that it does not have. */
static void lock_all(void) { pthread_mutex_lock(&lock); }
static void unlock_all(void) { pthread_mutex_unlock(&lock); }
static __attribute__((constructor)) void at_fork(void) { pthread_atfork(lock_all, unlock_all, unlock_all); }

static struct area *area_of(const void *block)
{
    for (unsigned i = area_count; i-- > 0;)
        if ((uintptr_t)block - (uintptr_t)areas[i].memory < AREA)
            return &areas[i];
    __builtin_trap();
}

static size_t place_of(const struct area *area, const void *block)
{
    return (size_t)((const char *)block - area->memory);
}
static uint8_t *order_at(const struct area *area, size_t place) { return &area->orders[place >> LOWEST]; }

static void push(struct area *area, size_t place, unsigned order)
{
    struct link *block = (struct link *)(area->memory + place);
    *order_at(area, place) = (uint8_t)(order | FREE);
    block->previous = NULL;
    block->next = free_blocks[order];
    if (block->next != NULL)
        block->next->previous = block;
    free_blocks[order] = block;
}

static void pull(struct area *area, size_t place, unsigned order)
{
    struct link *block = (struct link *)(area->memory + place);
    if (block->next != NULL)
        block->next->previous = block->previous;
    if (block->previous != NULL)
        block->previous->next = block->next;
    else
        free_blocks[order] = block->next;
    *order_at(area, place) = 0;
}

static int is_free(const struct area *area, size_t place, unsigned order)
{
    return *order_at(area, place) == (order | FREE);
}

static void *map(size_t bytes)
{
    void *memory =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

/* An area at a multiple of its length, so that a block is as aligned as it is long. */
static int area_map(void)
{
    uint8_t *orders = area_count < AREA_MAX ? map(AREA >> LOWEST) : NULL;
    char *memory = orders == NULL ? NULL : map(2 * AREA);
    if (memory == NULL) {
        if (orders != NULL)
            munmap(orders, AREA >> LOWEST);
        return 0;
    }
    char *place = (char *)(((uintptr_t)memory + AREA - 1) & ~(uintptr_t)(AREA - 1));
    if (place > memory)
        munmap(memory, (size_t)(place - memory));
    if (memory + AREA > place)
        munmap(place + AREA, (size_t)(memory + AREA - place));
    areas[area_count] = (struct area){place, orders};
    push(&areas[area_count++], 0, HIGHEST);
    return 1;
}

static unsigned order_of(size_t size, size_t align)
{
    size_t least = size > align ? size : align;
    unsigned order = LOWEST;
    while (order < ORDERS && ((size_t)1 << order) < least)
        order++;
    return order;
}

/* The upper halves of a block in use go free, until it is of `order`. */
static void halve(struct area *area, size_t place, unsigned from, unsigned order)
{
    while (from > order) {
        from--;
        push(area, place + ((size_t)1 << from), from);
    }
    *order_at(area, place) = (uint8_t)order;
}

static void *take(unsigned order)
{
    unsigned from = order;
    while (from < ORDERS && free_blocks[from] == NULL)
        from++;
    if (from == ORDERS) {
        if (!area_map())
            return NULL;
        from = HIGHEST;
    }
    void *block = free_blocks[from];
    struct area *area = area_of(block);
    pull(area, place_of(area, block), from);
    halve(area, place_of(area, block), from, order);
    return block;
}

static void give(void *block)
{
    struct area *area = area_of(block);
    size_t place = place_of(area, block);
    unsigned order = *order_at(area, place);
    *order_at(area, place) = 0;
    for (; order < HIGHEST; order++) {
        size_t other = place ^ (size_t)1 << order;
        if (!is_free(area, other, order))
            break;
        pull(area, other, order);
        place &= ~((size_t)1 << order);
    }
    push(area, place, order);
}

/* A block grows upwards as long as it is a lower half whose upper half is free: first it looks, then it
 * takes. */
static int can_grow(const struct area *area, size_t place, unsigned have, unsigned order)
{
    for (; have < order; have++)
        if ((place >> have & 1) != 0 || !is_free(area, place + ((size_t)1 << have), have))
            return 0;
    return 1;
}

static int resize_in_place(void *block, unsigned order)
{
    struct area *area = area_of(block);
    size_t place = place_of(area, block);
    unsigned have = *order_at(area, place);
    if (order > HIGHEST || !can_grow(area, place, have, order))
        return 0;
    for (; have < order; have++)
        pull(area, place + ((size_t)1 << have), have);
    halve(area, place, have, order);
    return 1;
}

void *__rust_allocate(size_t size, size_t align)
{
    unsigned order = order_of(size, align);
    if (order > HIGHEST)
        return NULL;
    pthread_mutex_lock(&lock);
    void *block = take(order);
    pthread_mutex_unlock(&lock);
    return block;
}

void *__rust_allocate_zeroed(size_t size, size_t align)
{
    void *block = __rust_allocate(size, align);
    return block == NULL ? NULL : memset(block, 0, size);
}

void __rust_deallocate(void *block, size_t old_size, size_t align)
{
    (void)old_size, (void)align;
    pthread_mutex_lock(&lock);
    give(block);
    pthread_mutex_unlock(&lock);
}

static int resize_locking(void *block, size_t size, size_t align)
{
    pthread_mutex_lock(&lock);
    int done = resize_in_place(block, order_of(size, align));
    pthread_mutex_unlock(&lock);
    return done;
}

void *__rust_reallocate(void *block, size_t old_size, size_t size, size_t align)
{
    if (resize_locking(block, size, align))
        return block;
    void *moved = __rust_allocate(size, align);
    if (moved == NULL)
        return NULL;
    memcpy(moved, block, old_size < size ? old_size : size);
    __rust_deallocate(block, old_size, align);
    return moved;
}

size_t __rust_usable_size(size_t size, size_t align)
{
    unsigned order = order_of(size, align);
    return order > HIGHEST ? size : (size_t)1 << order;
}

size_t __rust_reallocate_inplace(void *block, size_t old_size, size_t size, size_t align)
{
    return __rust_usable_size(resize_locking(block, size, align) ? size : old_size, align);
}
