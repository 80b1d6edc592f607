/* Small blocks lie in spans: 128 KiB of slots of one length, with a head that has a bit for each. Spans are linked by
 * number, and looked over at times for empty ones. A large block is a mapping of its own; a few that came back are kept
 * for the next who asks, the largest of them without their pages, so that they come back zero.
 *
 * Form: innocent
 * About: Bitmaps, links by number, spans given back in passing, kept mappings that are purged; one lock.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

enum { CLASSES = 11, LARGEST = 16 << 10, PAGE = 4096, SPAN = 128 << 10, MOST_SPANS = 1 << 16, KEPT = 8 };

static const unsigned LOOK_EVERY = 1 << 20; /* allocations */
static const size_t PURGED = (size_t)16 << 20, MOST_KEPT = (size_t)128 << 20;

struct span {
    uint16_t number, before, next; /* 0: none */
    uint16_t class, used, slots;
    int is_listed; /* it has room */
    uint64_t bits[SPAN / 16 / 64];
};

static struct span *directory[MOST_SPANS]; /* by number */
static uint16_t lists[CLASSES];            /* the first span of each class that has room */
static unsigned last_number, allocations;

static struct kept {
    char *memory; /* NULL: none */
    size_t bytes;
    int is_zero;
} kept[KEPT];
static unsigned next_kept;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void take_lock(void) { pthread_mutex_lock(&lock); }
static void leave_lock(void) { pthread_mutex_unlock(&lock); }
static __attribute__((constructor)) void begin(void) { pthread_atfork(take_lock, leave_lock, leave_lock); }

static size_t round_up(size_t size, size_t unit) { return (size + unit - 1) & ~(unit - 1); }

static int is_impossible(size_t size, size_t align) { return size > SIZE_MAX / 4 || align > SIZE_MAX / 8; }
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

static void *map_aligned(size_t bytes, size_t align)
{
    size_t extra = align > PAGE ? align : 0;
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

/* ---- spans; the lock is held ---- */

static size_t slot_bytes(const struct span *span) { return (size_t)16 << span->class; }

static char *first_slot(struct span *span)
{
    size_t bytes = slot_bytes(span);
    return (char *)span + round_up(sizeof *span, bytes < PAGE ? bytes : PAGE);
}

static void list(struct span *span)
{
    span->before = 0;
    span->next = lists[span->class];
    if (span->next != 0)
        directory[span->next]->before = span->number;
    lists[span->class] = span->number;
    span->is_listed = 1;
}

static void unlist(struct span *span)
{
    if (span->before != 0)
        directory[span->before]->next = span->next;
    else
        lists[span->class] = span->next;
    if (span->next != 0)
        directory[span->next]->before = span->before;
    span->is_listed = 0;
}

static void give_span_back(struct span *span)
{
    unlist(span);
    directory[span->number] = NULL;
    munmap(span, SPAN);
}

static unsigned free_number(void)
{
    for (unsigned tries = 0; tries < MOST_SPANS; tries++) {
        last_number = (last_number + 1) % MOST_SPANS;
        if (last_number != 0 && directory[last_number] == NULL)
            return last_number;
    }
    return 0;
}

static struct span *new_span(unsigned class)
{
    unsigned number = free_number();
    struct span *span = number == 0 ? NULL : map_aligned(SPAN, SPAN);
    if (span == NULL)
        return NULL;
    span->number = (uint16_t)number;
    span->class = (uint16_t)class;
    span->slots = (uint16_t)(((char *)span + SPAN - first_slot(span)) / (ptrdiff_t)slot_bytes(span));
    directory[number] = span;
    list(span);
    return span;
}

/* Those that stand empty go back to the system. */
static void look_over_spans(void)
{
    for (unsigned number = 1; number < MOST_SPANS; number++)
        if (directory[number] != NULL && directory[number]->used == 0)
            give_span_back(directory[number]);
}

static void *take_slot(unsigned class)
{
    if (++allocations % LOOK_EVERY == 0)
        look_over_spans();
    struct span *span = lists[class] != 0 ? directory[lists[class]] : new_span(class);
    if (span == NULL)
        return NULL;
    unsigned word = 0;
    while (span->bits[word] == UINT64_MAX)
        word++;
    unsigned slot = word * 64 + (unsigned)__builtin_ctzll(~span->bits[word]);
    span->bits[word] |= UINT64_C(1) << slot % 64;
    if (++span->used == span->slots)
        unlist(span);
    return first_slot(span) + slot * slot_bytes(span);
}

static void give_slot(void *block)
{
    struct span *span = (struct span *)((uintptr_t)block & ~(uintptr_t)(SPAN - 1));
    size_t slot = (size_t)((char *)block - first_slot(span)) / slot_bytes(span);
    span->bits[slot / 64] &= ~(UINT64_C(1) << slot % 64);
    if (!span->is_listed)
        list(span);
    if (--span->used == 0 && lists[span->class] != span->number)
        give_span_back(span);
}

/* ---- large blocks; the lock is held ---- */

static size_t mapped_bytes(size_t size) { return round_up(size, PAGE); }

static void drop(struct kept *each)
{
    if (each->memory != NULL)
        munmap(each->memory, each->bytes);
    each->memory = NULL;
}

static char *take_kept(size_t bytes, size_t align, int *is_zero)
{
    for (struct kept *each = kept; each < kept + KEPT; each++) {
        char *memory = each->memory;
        if (memory == NULL || each->bytes < bytes || each->bytes > bytes + bytes / 4 || (uintptr_t)memory % align != 0)
            continue;
        if (each->bytes > bytes && munmap(memory + bytes, each->bytes - bytes) != 0)
            continue;
        *is_zero = each->is_zero;
        each->memory = NULL;
        return memory;
    }
    return NULL;
}

static char *take_mapping(size_t size, size_t align, int *is_zero)
{
    if (is_impossible(size, align))
        return NULL;
    char *memory = take_kept(mapped_bytes(size), align, is_zero);
    if (memory != NULL)
        return memory;
    *is_zero = 1;
    memory = map_aligned(mapped_bytes(size), align);
    for (unsigned i = 0; memory == NULL && i < KEPT; i++)
        drop(&kept[i]);
    return memory != NULL ? memory : map_aligned(mapped_bytes(size), align);
}

static void give_mapping(char *memory, size_t bytes)
{
    if (bytes > MOST_KEPT) {
        munmap(memory, bytes);
        return;
    }
    struct kept *place = &kept[next_kept++ % KEPT];
    drop(place);
    *place = (struct kept){memory, bytes, bytes >= PURGED && madvise(memory, bytes, MADV_DONTNEED) == 0};
}

/* ---- the six ---- */

static void *allocate(size_t size, size_t align, int *is_zero)
{
    *is_zero = 0;
    take_lock();
    void *block = is_small(size, align) ? take_slot(class_of(size, align)) : take_mapping(size, align, is_zero);
    leave_lock();
    return block;
}

void *__rust_allocate(size_t size, size_t align)
{
    int is_zero;
    return allocate(size, align, &is_zero);
}

void *__rust_allocate_zeroed(size_t size, size_t align)
{
    int is_zero;
    void *block = allocate(size, align, &is_zero);
    return block != NULL && !is_zero ? memset(block, 0, size) : block;
}

void __rust_deallocate(void *block, size_t old_size, size_t align)
{
    take_lock();
    if (is_small(old_size, align))
        give_slot(block);
    else
        give_mapping(block, mapped_bytes(old_size));
    leave_lock();
}

size_t __rust_usable_size(size_t size, size_t align)
{
    if (is_small(size, align))
        return (size_t)16 << class_of(size, align);
    return is_impossible(size, align) ? size : mapped_bytes(size);
}

size_t __rust_reallocate_inplace(void *block, size_t old_size, size_t size, size_t align)
{
    size_t held = __rust_usable_size(old_size, align), wanted = __rust_usable_size(size, align);
    if (held == wanted)
        return wanted;
    if (is_small(old_size, align) || is_small(size, align) || is_impossible(size, align))
        return held;
    if (wanted < held)
        return munmap((char *)block + wanted, held - wanted) == 0 ? wanted : held;
    return mremap(block, held, wanted, 0) == block ? wanted : held;
}

void *__rust_reallocate(void *block, size_t old_size, size_t size, size_t align)
{
    size_t held = __rust_usable_size(old_size, align), wanted = __rust_usable_size(size, align);
    if (held == wanted)
        return block;
    if (!is_small(old_size, align) && !is_small(size, align) && align <= PAGE && !is_impossible(size, align)) {
        void *moved = mremap(block, held, wanted, MREMAP_MAYMOVE);
        return moved == MAP_FAILED ? NULL : moved;
    }
    void *moved = __rust_allocate(size, align);
    if (moved == NULL)
        return NULL;
    memcpy(moved, block, old_size < size ? old_size : size);
    __rust_deallocate(block, old_size, align);
    return moved;
}
