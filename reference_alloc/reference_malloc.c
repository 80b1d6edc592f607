/* reference_malloc.c: C's malloc family over the reference allocator, as ISO C23, POSIX.1-2024 and the manuals have it.
 *
 * All state is the allocator's. This file has what C adds: sizes of zero, products, alignments that are none, errno,
 * null pointers, and blocks whose size and alignment their caller does not repeat: the allocator knows both by the
 * address.
 *
 * Where the standards leave a choice: malloc(0) is a block; posix_memalign leaves its pointer and errno alone when it
 * fails; aligned_alloc takes any size; realloc(p, 0) is a block of no bytes; a success leaves errno alone.
 */
#define REFERENCE_ALLOC_HIDDEN
#include "reference_alloc.c"

#include <errno.h>
#include <sys/auxv.h>

#define EXPORT __attribute__((visibility("default")))

/* ==== the parts ==== */

/* Null, and the reason in errno. */
static void *failure(int reason)
{
    errno = reason;
    return NULL;
}

static bool is_power_of_two(size_t number)
{
    return number != 0 && (number & (number - 1)) == 0;
}

static size_t system_page(void)
{
    return getauxval(AT_PAGESZ);
}

/* A block of `size` bytes, which may be none: its address is its own all the same. */
static void *take(size_t size, size_t align)
{
    void *block = __rust_allocate(size + (size == 0), align);
    return block != NULL ? block : failure(ENOMEM);
}

/* The bytes between the block's beginning and the end of what it has. */
static size_t capacity(void *block)
{
    unsigned kind = kind_of(block);
    if (kind < CLASSES)
        return slot_bytes(kind);
    if (kind == KIND_RUN)
        return run_of(block)->pages * PAGE;
    struct region *region = region_of(block);
    return region->bytes - ((uintptr_t)block - (uintptr_t)region);
}

/* Does it lie where a block of the least alignment lies? Only then the allocator can resize it for us. */
static bool is_plain(void *block)
{
    return kind_of(block) != KIND_MAPPED || (uintptr_t)block - (uintptr_t)region_of(block) == mapped_lead(ALIGN_MIN);
}

static void give_back(void *block)
{
    if (block != NULL)
        __rust_deallocate(block, 1, ALIGN_MIN);
}

static void *move(void *block, size_t old_size, size_t size)
{
    void *moved = take(size, ALIGN_MIN);
    if (moved == NULL)
        return NULL;
    __builtin_memcpy(moved, block, old_size < size ? old_size : size);
    give_back(block);
    return moved;
}

static void *resize(void *block, size_t size)
{
    if (block == NULL)
        return take(size, ALIGN_MIN);
    size_t old_size = capacity(block);
    if (!is_plain(block))
        return move(block, old_size, size);
    void *resized = __rust_reallocate(block, old_size, size + (size == 0), ALIGN_MIN);
    return resized != NULL ? resized : failure(ENOMEM);
}

/* ==== the family ==== */

EXPORT void *malloc(size_t size)
{
    return take(size, ALIGN_MIN);
}

EXPORT void *calloc(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        return failure(ENOMEM);
    void *block = __rust_allocate_zeroed(bytes + (bytes == 0), ALIGN_MIN);
    return block != NULL ? block : failure(ENOMEM);
}

EXPORT void *realloc(void *block, size_t size)
{
    return resize(block, size);
}

EXPORT void *reallocarray(void *block, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        return failure(ENOMEM);
    return resize(block, bytes);
}

/* NetBSD's: the address of the pointer comes in, the number of an error goes out. */
EXPORT int reallocarr(void *pointer, size_t count, size_t size)
{
    size_t bytes;
    void **place = pointer;
    int saved = errno;
    if (__builtin_mul_overflow(count, size, &bytes))
        return EOVERFLOW;
    void *resized = resize(*place, bytes);
    errno = saved;
    if (resized == NULL)
        return ENOMEM;
    *place = resized;
    return 0;
}

EXPORT void free(void *block)
{
    give_back(block);
}

EXPORT void free_sized(void *block, size_t size)
{
    (void)size; /* the block's address says more */
    give_back(block);
}

EXPORT void free_aligned_sized(void *block, size_t align, size_t size)
{
    (void)align;
    (void)size;
    give_back(block);
}

EXPORT void *aligned_alloc(size_t align, size_t size)
{
    if (!is_power_of_two(align))
        return failure(EINVAL);
    return take(size, align);
}

EXPORT int posix_memalign(void **out, size_t align, size_t size)
{
    if (!is_power_of_two(align) || align % sizeof(void *) != 0)
        return EINVAL;
    void *block = __rust_allocate(size + (size == 0), align);
    if (block == NULL)
        return ENOMEM;
    *out = block;
    return 0;
}

EXPORT void *memalign(size_t align, size_t size)
{
    if (!is_power_of_two(align))
        return failure(EINVAL);
    return take(size, align);
}

EXPORT void *valloc(size_t size)
{
    return take(size, system_page());
}

EXPORT void *pvalloc(size_t size)
{
    size_t page = system_page(), rounded;
    if (__builtin_add_overflow(size, page - 1, &rounded))
        return failure(ENOMEM);
    return take(rounded & ~(page - 1), page);
}

EXPORT size_t malloc_usable_size(void *block)
{
    return block == NULL ? 0 : capacity(block);
}
