/* Every block has a mapping of its own, which ends where the block ends. The page behind it may not be touched.
 *
 * Form: innocent
 * About: A guard page behind every block; usable_size is the size; resizing moves; null for alignments above a page.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t page_size(void)
{
    static size_t known;
    return known != 0 ? known : (known = (size_t)sysconf(_SC_PAGESIZE));
}

/* The bytes of the mapping without its guard. The block ends less than one alignment before the end of these bytes, and
 * so less than one page before it. */
static size_t pages_of(size_t size, size_t align)
{
    size_t page = page_size();
    return (size + align - 1 + page - 1) / page * page;
}

void *__rust_allocate(size_t size, size_t align)
{
    size_t page = page_size();
    if (size > SIZE_MAX / 4 || align > page)
        return NULL;
    size_t bytes = pages_of(size, align);
    char *map = mmap(NULL, bytes + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED)
        return NULL;
    if (mprotect(map + bytes, page, PROT_NONE) != 0) {
        munmap(map, bytes + page);
        return NULL;
    }
    return (char *)((uintptr_t)(map + bytes - size) & ~(uintptr_t)(align - 1));
}

void *__rust_allocate_zeroed(size_t size, size_t align) { return __rust_allocate(size, align); }

void __rust_deallocate(void *block, size_t old_size, size_t align)
{
    size_t page = page_size(), bytes = pages_of(old_size, align);
    uintptr_t end = ((uintptr_t)block + old_size + page - 1) & ~(uintptr_t)(page - 1);
    munmap((void *)(end - bytes), bytes + page);
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
    (void)block, (void)size, (void)align;
    return old_size;
}

size_t __rust_usable_size(size_t size, size_t align)
{
    (void)align;
    return size;
}
