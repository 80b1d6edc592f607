/* A correct allocator that checks the arguments of every call against the caller's side of the contract. A call that
 * breaks it ends the process. So the allocator judges the harness as much as the harness judges the allocator.
 *
 * Form: innocent
 * About: Aborts on any old_size out of range, any other align, any pointer that is not live, any size 0.
 */
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

enum { CLASSES = 40, CHUNK = 1 << 20 };

/* The header in front of each block. That of a free block has no magic number. */
struct header {
    uint32_t magic, class_index;
    size_t requested, align;
    void *start; /* the start of the slot or mapping */
};

static const uint32_t LIVE = 0x600d600d;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *free_slots[CLASSES];
static char *bump, *bump_end;

static void require(int kept)
{
    if (!kept)
        __builtin_trap();
}

/* The classes are powers of two from 16 on, so usable sizes are powers of two too. */
static unsigned class_of(size_t size)
{
    unsigned class_index = 0;
    while (class_index < CLASSES && ((size_t)16 << class_index) < size && ((size_t)16 << class_index) <= SIZE_MAX / 4)
        class_index++;
    return class_index;
}

static size_t usable(size_t size) { return size > SIZE_MAX / 4 ? size : (size_t)16 << class_of(size); }

static void *slot_take(unsigned class_index, size_t bytes)
{
    void *slot = free_slots[class_index];
    if (slot != NULL) {
        free_slots[class_index] = *(void **)slot;
        return slot;
    }
    if (bytes > CHUNK / 8 || (size_t)(bump_end - bump) < bytes) {
        size_t map = bytes > CHUNK / 8 ? bytes : CHUNK;
        char *fresh = mmap(NULL, map, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (fresh == MAP_FAILED)
            return NULL;
        if (bytes > CHUNK / 8)
            return fresh;
        bump = fresh;
        bump_end = fresh + CHUNK;
    }
    void *taken = bump;
    bump += bytes;
    return taken;
}

/* An over-aligned block lies inside a larger slot, and its header says where the slot begins. */
static size_t slot_bytes(size_t size, size_t align) { return usable(size) + sizeof(struct header) + align + 16; }

static struct header *header_of(void *block)
{
    struct header *header = (struct header *)block - 1;
    require(block != NULL && header->magic == LIVE);
    return header;
}

static void *make(size_t size, size_t align)
{
    require(size > 0 && align > 0 && (align & (align - 1)) == 0);
    if (size > SIZE_MAX / 8 || align > SIZE_MAX / 8)
        return NULL;
    unsigned class_index = class_of(slot_bytes(size, align));
    if (class_index >= CLASSES)
        return NULL;
    pthread_mutex_lock(&lock);
    char *slot = slot_take(class_index, (size_t)16 << class_index);
    pthread_mutex_unlock(&lock);
    if (slot == NULL)
        return NULL;
    size_t least = align < 16 ? 16 : align;
    char *block = (char *)(((uintptr_t)slot + sizeof(struct header) + least - 1) & ~(uintptr_t)(least - 1));
    ((struct header *)block)[-1] = (struct header){LIVE, class_index, size, align, slot};
    return block;
}

static void check(const struct header *header, size_t old_size, size_t align)
{
    require(align == header->align && old_size >= header->requested && old_size <= usable(header->requested));
}

void *__rust_allocate(size_t size, size_t align) { return make(size, align); }

void *__rust_allocate_zeroed(size_t size, size_t align)
{
    void *block = make(size, align);
    return block == NULL ? NULL : memset(block, 0, size);
}

void __rust_deallocate(void *block, size_t old_size, size_t align)
{
    struct header *header = header_of(block);
    check(header, old_size, align);
    unsigned class_index = header->class_index;
    void *slot = header->start;
    header->magic = 0;
    size_t bytes = (size_t)16 << class_index;
    if (bytes > CHUNK / 8) {
        munmap(slot, bytes);
        return;
    }
    pthread_mutex_lock(&lock);
    *(void **)slot = free_slots[class_index];
    free_slots[class_index] = slot;
    pthread_mutex_unlock(&lock);
}

void *__rust_reallocate(void *block, size_t old_size, size_t size, size_t align)
{
    struct header *header = header_of(block);
    check(header, old_size, align);
    void *moved = make(size, align);
    if (moved == NULL)
        return NULL;
    memcpy(moved, block, old_size < size ? old_size : size);
    __rust_deallocate(block, old_size, align);
    return moved;
}

/* Grants a resizing within the class, and stores the new size. */
size_t __rust_reallocate_inplace(void *block, size_t old_size, size_t size, size_t align)
{
    struct header *header = header_of(block);
    check(header, old_size, align);
    require(size > 0);
    if (size <= SIZE_MAX / 4 && usable(size) <= usable(header->requested))
        header->requested = size;
    else
        return usable(old_size);
    return usable(size);
}

size_t __rust_usable_size(size_t size, size_t align)
{
    (void)align;
    return usable(size);
}
