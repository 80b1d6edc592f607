/* shelves.h: a small correct allocator for tests, with places where a fault can be put in.
 *
 * Powers of two from 16 to 64 KiB on shelves (free lists) under one lock, filled from mapped chunks; larger blocks are mapped one
 * by one. A fixture defines one of the names below, says what is wrong with it, and includes this file.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#ifndef LEFT_BEHIND
#define LEFT_BEHIND 0 /* bytes at the end of a large block that are not unmapped with it */
#endif
#define EXPORT __attribute__((visibility("default")))

enum { SMALLEST = 16, LARGEST = 1 << 16, SHELVES = 13, CHUNK = 1 << 18, PAGE = 1 << 16 /* the largest there is */ };

struct free_block {
    struct free_block *next;
};

static struct free_block *shelves[SHELVES];

#ifdef NO_LOCK
static void take_lock(void) { }
static void give_lock(void) { }
#else
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void take_lock(void) { pthread_mutex_lock(&lock); }
static void give_lock(void) { pthread_mutex_unlock(&lock); }
#endif

#ifndef FORK_WITH_LOCK_HELD
__attribute__((constructor)) static void be_ready_for_fork(void) { pthread_atfork(take_lock, give_lock, give_lock); }
#endif

static size_t max(size_t a, size_t b) { return a > b ? a : b; }

static int shelf_of(size_t size, size_t align)
{
    int shelf = 0;
    for (size_t room = SMALLEST; room < max(size, align); room *= 2)
        shelf++;
    return shelf;
}

/* Bytes of a large block; 0: no such size can be had. */
static size_t large_size(size_t size) { return size > PTRDIFF_MAX - PAGE ? 0 : (size + PAGE - 1) & ~(size_t)(PAGE - 1); }

static bool is_small(size_t size, size_t align) { return size <= LARGEST && align <= LARGEST; }

#ifndef MAP
static void *map(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}
#endif

/* Mapped memory at a multiple of `align`. */
static void *map_aligned(size_t size, size_t align)
{
    char *memory = size + align < size ? NULL : map(size + align);
    if (memory == NULL)
        return NULL;
    char *first = (char *)(((uintptr_t)memory + align - 1) & ~(uintptr_t)(align - 1));
    if (first != memory)
        munmap(memory, (size_t)(first - memory));
    if (memory + align != first)
        munmap(first + size, (size_t)(memory + align - first));
    return first;
}

__attribute__((unused)) static bool fill_shelf(int shelf)
{
    size_t room = (size_t)SMALLEST << shelf;
    char *chunk = map_aligned(CHUNK, LARGEST);
    if (chunk == NULL)
        return false;
    for (size_t at = 0; at + room <= CHUNK; at += room) {
        struct free_block *block = (struct free_block *)(chunk + at);
        block->next = shelves[shelf];
        shelves[shelf] = block;
    }
    return true;
}

#ifndef ALLOCATE_SMALL
static void *allocate_small(int shelf)
{
    take_lock();
    if (shelves[shelf] == NULL && !fill_shelf(shelf)) {
#ifndef KEEPS_LOCK
        give_lock();
#endif
        return NULL;
    }
    struct free_block *block = shelves[shelf];
    shelves[shelf] = block->next;
    give_lock();
    return block;
}

static void deallocate_small(void *block, int shelf)
{
    take_lock();
    ((struct free_block *)block)->next = shelves[shelf];
    shelves[shelf] = block;
    give_lock();
}
#endif

static void *allocate_large(size_t size, size_t align)
{
    size_t whole = large_size(size);
#ifdef TAKES_MAP_FAILED
    if (align <= 4096)
        return mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
#endif
    return whole == 0 ? NULL : map_aligned(whole, max(align, PAGE));
}

EXPORT void *__rust_allocate(size_t size, size_t align)
{
    return is_small(size, align) ? allocate_small(shelf_of(size, align)) : allocate_large(size, align);
}

EXPORT void *__rust_allocate_zeroed(size_t size, size_t align)
{
    void *block = __rust_allocate(size, align);
#ifndef CLEARS_NULL
    if (block == NULL)
        return NULL;
#endif
    return is_small(size, align) ? memset(block, 0, size) : block;
}

EXPORT void __rust_deallocate(void *block, size_t old_size, size_t align)
{
    if (is_small(old_size, align))
        deallocate_small(block, shelf_of(old_size, align));
    else
        munmap(block, large_size(old_size) - LEFT_BEHIND);
}

EXPORT void *__rust_reallocate(void *block, size_t old_size, size_t size, size_t align)
{
#ifdef FREES_FIRST
    if (is_small(old_size, align))
        __rust_deallocate(block, old_size, align);
#endif
    void *moved = __rust_allocate(size, align);
    if (moved == NULL)
        return NULL;
    memmove(moved, block, old_size < size ? old_size : size);
#ifdef FREES_FIRST
    if (is_small(old_size, align))
        return moved;
#endif
    __rust_deallocate(block, old_size, align);
    return moved;
}

EXPORT size_t __rust_usable_size(size_t size, size_t align)
{
    if (is_small(size, align))
        return (size_t)SMALLEST << shelf_of(size, align);
    return large_size(size) == 0 ? size : large_size(size);
}

/* In place within the block's own room only. */
EXPORT size_t __rust_reallocate_inplace(void *block, size_t old_size, size_t size, size_t align)
{
    size_t has = __rust_usable_size(old_size, align);
    (void)block;
    return is_small(size, align) == is_small(old_size, align) && __rust_usable_size(size, align) == has ? has : has;
}
