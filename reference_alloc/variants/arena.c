/* All memory exists from the start: an allocator for a machine without an operating system that gives memory.
 *
 * Form: innocent
 * About: A fixed arena of 96 MiB, very coarse classes, one lock, null when it is used up and for more than 16 MiB.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { CLASSES = 21, ARENA = 96 << 20, PAGE = 4096 };

static char arena[ARENA] __attribute__((aligned(PAGE)));
static size_t used;
static void *free_slots[CLASSES];
static int lock;

/* Classes are powers of two from 16 to 16 MiB; CLASSES means none. Up to a page, a block is aligned to its length. */
static unsigned class_of(size_t size, size_t align)
{
    unsigned class_index = 0;
    size_t least = size > align ? size : align;
    while (class_index < CLASSES && ((size_t)16 << class_index) < least)
        class_index++;
    return align > PAGE ? CLASSES : class_index;
}

static void take_lock(void)
{
    while (__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE) != 0)
        continue;
}

static void release_lock(void) { __atomic_store_n(&lock, 0, __ATOMIC_RELEASE); }

static void *carve(unsigned class_index)
{
    size_t bytes = (size_t)16 << class_index, align = bytes < PAGE ? bytes : PAGE;
    size_t from = (used + align - 1) & ~(align - 1);
    if (from > ARENA || bytes > ARENA - from)
        return NULL;
    used = from + bytes;
    return arena + from;
}

void *__rust_allocate(size_t size, size_t align)
{
    unsigned class_index = class_of(size, align);
    if (class_index == CLASSES)
        return NULL;
    take_lock();
    void *slot = free_slots[class_index];
    if (slot != NULL)
        free_slots[class_index] = *(void **)slot;
    else
        slot = carve(class_index);
    release_lock();
    return slot;
}

void *__rust_allocate_zeroed(size_t size, size_t align)
{
    void *block = __rust_allocate(size, align);
    return block == NULL ? NULL : memset(block, 0, size);
}

void __rust_deallocate(void *block, size_t old_size, size_t align)
{
    unsigned class_index = class_of(old_size, align);
    take_lock();
    *(void **)block = free_slots[class_index];
    free_slots[class_index] = block;
    release_lock();
}

void *__rust_reallocate(void *block, size_t old_size, size_t size, size_t align)
{
    if (class_of(old_size, align) == class_of(size, align))
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
    unsigned class_index = class_of(size, align);
    return class_index == CLASSES ? size : (size_t)16 << class_index;
}

size_t __rust_reallocate_inplace(void *block, size_t old_size, size_t size, size_t align)
{
    (void)block;
    size_t granted = class_of(old_size, align) == class_of(size, align) ? size : old_size;
    return __rust_usable_size(granted, align);
}
