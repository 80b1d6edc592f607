/* A block's size and alignment stand in a head before it, and its usable size is what was asked for, to the byte.
 *
 * Contract: malloc
 * Form: innocent
 * About: Heads before the blocks; the usable size is the size asked for; a lock and a list for each power of two.
 */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

enum { CLASSES = 48, LEAST = 16, SPAN = 1 << 20, PAGE = 4096 };

/* Directly before each block. */
struct head {
    size_t size;
    unsigned class; /* the piece is 1 << class bytes long */
    unsigned lead;  /* from the beginning of the piece to the block */
};

struct piece {
    struct piece *next;
};

static struct piece *freed[CLASSES];
static char *fresh, *fresh_end;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* fork: the child shall find the lock free. */
static void before_fork(void) { pthread_mutex_lock(&lock); }
static void after_fork(void) { pthread_mutex_unlock(&lock); }
static __attribute__((constructor)) void at_fork(void) { pthread_atfork(before_fork, after_fork, after_fork); }

static struct head *head_of(void *block) { return (struct head *)block - 1; }

static char *map(size_t bytes)
{
    int saved = errno;
    char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    errno = saved;
    return memory == MAP_FAILED ? NULL : memory;
}

/* The lock is held. */
static char *piece_fresh(size_t bytes)
{
    if (bytes > SPAN / 4)
        return map(bytes);
    if ((size_t)(fresh_end - fresh) < bytes) {
        char *span = map(SPAN);
        if (span == NULL)
            return NULL;
        fresh = span;
        fresh_end = span + SPAN;
    }
    fresh += bytes;
    return fresh - bytes;
}

static char *piece_take(unsigned class)
{
    pthread_mutex_lock(&lock);
    struct piece *piece = freed[class];
    if (piece != NULL)
        freed[class] = piece->next;
    else
        piece = (struct piece *)piece_fresh((size_t)1 << class);
    pthread_mutex_unlock(&lock);
    return (char *)piece;
}

static void *take(size_t align, size_t size)
{
    size_t lead = align > sizeof(struct head) ? align : sizeof(struct head);
    if (size > SIZE_MAX / 4 || align > UINT32_MAX / 2) {
        errno = ENOMEM;
        return NULL;
    }
    size_t bytes = size + 2 * lead;
    unsigned class = 64 - (unsigned)__builtin_clzll((unsigned long long)(bytes < 32 ? 31 : bytes - 1));
    char *piece = class < CLASSES ? piece_take(class) : NULL;
    if (piece == NULL) {
        errno = ENOMEM;
        return NULL;
    }
    char *block = (char *)(((uintptr_t)piece + sizeof(struct head) + lead - 1) / lead * lead);
    *head_of(block) = (struct head){size, class, (unsigned)(block - piece)};
    return block;
}

void free(void *block)
{
    if (block == NULL)
        return;
    struct head *head = head_of(block);
    unsigned class = head->class;
    struct piece *piece = (struct piece *)((char *)block - head->lead);
    if ((size_t)1 << class > SPAN) { /* a mapping of its own */
        int saved = errno;
        munmap(piece, (size_t)1 << class);
        errno = saved;
        return;
    }
    pthread_mutex_lock(&lock);
    piece->next = freed[class];
    freed[class] = piece;
    pthread_mutex_unlock(&lock);
}

void *malloc(size_t size) { return take(LEAST, size); }

void *calloc(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    char *block = take(LEAST, bytes);
    for (size_t i = 0; block != NULL && i < bytes; i++)
        ((volatile char *)block)[i] = 0;
    return block;
}

void *realloc(void *block, size_t size)
{
    void *moved = take(LEAST, size);
    if (moved == NULL || block == NULL)
        return moved;
    size_t old_size = head_of(block)->size;
    memcpy(moved, block, old_size < size ? old_size : size);
    free(block);
    return moved;
}

void *aligned_alloc(size_t align, size_t size)
{
    if (align == 0 || (align & (align - 1)) != 0 || size % align != 0) {
        errno = EINVAL;
        return NULL;
    }
    return take(align, size);
}

int posix_memalign(void **out, size_t align, size_t size)
{
    *out = NULL;
    if (align % sizeof(void *) != 0 || align == 0 || (align & (align - 1)) != 0)
        return EINVAL;
    *out = take(align, size);
    return *out == NULL ? ENOMEM : 0;
}

void *memalign(size_t align, size_t size) { return take(align, size); }
void *valloc(size_t size) { return take(PAGE, size); }
size_t malloc_usable_size(void *block) { return block == NULL ? 0 : head_of(block)->size; }
