/* No block has a header: what is given back is known by its old_size and align alone. The contract lets an
 * allocator do so, and any size within old_size's range must lead to the same class. Small blocks come from
 * spans of one class, larger ones straight from the system.
 *
 * Form: innocent
 * About: No headers, sized deallocation, a lock for every class, a zeroed block that was never used before is
 * not cleared.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

enum { CLASSES = 40, SMALL_MAX = 16 << 10, SPAN = 256 << 10, PAGE = 4096, GRANULE = 64 << 10 };

struct slot {
    struct slot *next;
};

/* Slots of one class: those that came back, and those never used, from `fresh` up to `end`. */
static struct class
{
    int lock;
    struct slot *free;
    char *fresh, *end;
} classes[CLASSES];

static size_t round_up(size_t size, size_t unit) { return (size + unit - 1) & ~(unit - 1); }
static int is_small(size_t size, size_t align) { return size <= SMALL_MAX && align <= PAGE; }

/* 16, 32, 48, 64, then four for every doubling: a size that is a multiple of a power of two has a class that
 * is one, too. */
static unsigned class_of(size_t size, size_t align)
{
    unsigned last = (unsigned)round_up(size, align < 16 ? 16 : align) - 1;
    unsigned top = 31 - (unsigned)__builtin_clz(last | 64);
    return (last >> (top - 2)) + 4 * (top - 6);
}

static size_t slot_bytes(unsigned index)
{
    return index < 4 ? 16 * (index + 1) : (size_t)(index % 4 + 5) << (index / 4 + 3);
}

static void class_lock(struct class *class)
{
    while (__atomic_exchange_n(&class->lock, 1, __ATOMIC_ACQUIRE) != 0)
        sched_yield();
}

static void class_unlock(struct class *class) { __atomic_store_n(&class->lock, 0, __ATOMIC_RELEASE); }

/* The child of a fork shall not find a lock in the hands of a thread that it does not have. */
static void lock_all(void)
{
    for (unsigned i = 0; i < CLASSES; i++)
        class_lock(&classes[i]);
}

static void unlock_all(void)
{
    for (unsigned i = 0; i < CLASSES; i++)
        class_unlock(&classes[i]);
}

static __attribute__((constructor)) void at_fork(void) { pthread_atfork(lock_all, unlock_all, unlock_all); }

static void *map(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

/* A slot never used: all zeros. */
static struct slot *slot_fresh(struct class *class, size_t bytes)
{
    if ((size_t)(class->end - class->fresh) < bytes) {
        char *span = map(SPAN);
        if (span == NULL)
            return NULL;
        class->fresh = span;
        class->end = span + SPAN;
    }
    class->fresh += bytes;
    return (struct slot *)(class->fresh - bytes);
}

static void *slot_take(unsigned index, int *is_zero)
{
    struct class *class = &classes[index];
    class_lock(class);
    struct slot *slot = class->free;
    *is_zero = slot == NULL;
    if (slot != NULL)
        class->free = slot->next;
    else
        slot = slot_fresh(class, slot_bytes(index));
    class_unlock(class);
    return slot;
}

static void slot_give(struct slot *slot, unsigned index)
{
    struct class *class = &classes[index];
    class_lock(class);
    slot->next = class->free;
    class->free = slot;
    class_unlock(class);
}

static size_t mapped_bytes(size_t size) { return round_up(size, GRANULE); }

static int is_impossible(size_t size, size_t align) { return size > SIZE_MAX / 4 || align > SIZE_MAX / 8; }

static void *mapped_take(size_t size, size_t align)
{
    if (is_impossible(size, align))
        return NULL;
    size_t bytes = mapped_bytes(size), extra = align > PAGE ? align : 0;
    char *memory = map(bytes + extra);
    if (memory == NULL || extra == 0)
        return memory;
    char *block = (char *)(((uintptr_t)memory + align - 1) & ~(uintptr_t)(align - 1));
    if (block > memory)
        munmap(memory, (size_t)(block - memory));
    if (memory + extra > block)
        munmap(block + bytes, (size_t)(memory + extra - block));
    return block;
}

static void *take(size_t size, size_t align, int *is_zero)
{
    *is_zero = 1;
    return is_small(size, align) ? slot_take(class_of(size, align), is_zero) : mapped_take(size, align);
}

void *__rust_allocate(size_t size, size_t align)
{
    int is_zero;
    return take(size, align, &is_zero);
}

void *__rust_allocate_zeroed(size_t size, size_t align)
{
    int is_zero;
    void *block = take(size, align, &is_zero);
    return block == NULL || is_zero ? block : memset(block, 0, size);
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
        return slot_bytes(class_of(size, align));
    return is_impossible(size, align) ? size : mapped_bytes(size);
}

static int resize_in_place(void *block, size_t old_size, size_t size, size_t align)
{
    if (is_small(old_size, align) || is_small(size, align))
        return is_small(old_size, align) && is_small(size, align) &&
               class_of(old_size, align) == class_of(size, align);
    if (is_impossible(size, align))
        return 0;
    size_t have = mapped_bytes(old_size), need = mapped_bytes(size);
    if (need < have)
        munmap((char *)block + need, have - need);
    int saved = errno, done = need <= have || mremap(block, have, need, 0) != MAP_FAILED;
    errno = saved;
    return done;
}

void *__rust_reallocate(void *block, size_t old_size, size_t size, size_t align)
{
    if (resize_in_place(block, old_size, size, align))
        return block;
    void *moved = __rust_allocate(size, align);
    if (moved == NULL)
        return NULL;
    memcpy(moved, block, old_size < size ? old_size : size);
    __rust_deallocate(block, old_size, align);
    return moved;
}

size_t __rust_reallocate_inplace(void *block, size_t old_size, size_t size, size_t align)
{
    return __rust_usable_size(resize_in_place(block, old_size, size, align) ? size : old_size, align);
}
