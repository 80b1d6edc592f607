/* An allocator for tests of traces: it keeps its own list of live blocks, notes every call that no owner may make, and
 * has one small bug for each name that TOY_BUG may be defined as. Memory is never given back to the system.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NONE 0
#define MISALIGNS 1       /* an alignment above 256 is ignored */
#define DIRTY 2           /* recycled memory is not cleared */
#define LOSES_TAIL 3      /* reallocate loses the last byte of blocks above 1000 */
#define CRASHES 4         /* deallocate crashes on an old_size that is not the requested one */
#define HANGS 5           /* a request for an alignment of 1024 or more never returns */
#define FORGETS_THREAD 6  /* a thread that ends poisons the first word of its last block */
#define IGNORES_REFUSAL 7 /* memory that the system refused is used */
#define READS_PAST 8      /* for a block that is a mapping of its own, the byte behind the mapping is read */
#define CUTS 9            /* only 32 bits of a size are looked at */
#define DIRTY_APART 10    /* zeroed memory is not all zero in threads other than the main one */
#ifndef TOY_BUG
#define TOY_BUG NONE
#endif

enum { BLOCKS = 1 << 16 };
static struct toy_block {
    unsigned char *address;
    size_t requested, align, capacity;
    int live;
    pthread_t maker;
} blocks[BLOCKS];
static int block_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned char *pool, *pool_end;

/* Read by the tests. */
int toy_calls, toy_illegal, toy_threads, toy_live;
static __thread int known_here;

static size_t usable(size_t size) { return size > SIZE_MAX - 15 ? size : (size + 15) & ~(size_t)15; }

static void note(int legal)
{
    toy_calls++;
    toy_illegal += !legal;
    if (!known_here)
        toy_threads++;
    known_here = 1;
}

static int is_legal_size(size_t size, size_t align) { return size > 0 && align > 0 && (align & (align - 1)) == 0; }

static struct toy_block *find(void *address)
{
    for (int i = 0; i < block_count; i++)
        if (blocks[i].live && blocks[i].address == address)
            return &blocks[i];
    return NULL;
}

static int is_legal_block(const struct toy_block *block, size_t old_size, size_t align)
{
    return block != NULL && block->align == align && old_size >= block->requested &&
           old_size <= usable(block->requested);
}

static unsigned char *own_mapping(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes = (size + page - 1) & ~(page - 1);
    unsigned char *address = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (address == MAP_FAILED)
        return NULL;
    (void)((volatile unsigned char *)address)[bytes];
    return address;
}

static unsigned char *fresh(size_t size, size_t align)
{
    if (TOY_BUG == READS_PAST && size >= 300000 && align == 16)
        return own_mapping(size);
    if (pool == NULL) {
        size_t reserve = (size_t)1 << 28;
        pool = mmap(NULL, reserve, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (pool == MAP_FAILED && TOY_BUG != IGNORES_REFUSAL)
            return pool = NULL;
        pool_end = pool + reserve;
        pool += 64; /* a real allocator would keep its records there */
    }
    size_t gap = (size_t)(-(uintptr_t)pool & (align - 1));
    if (align > 1 << 20 || size > (size_t)(pool_end - pool) || gap > (size_t)(pool_end - pool) - size)
        return NULL;
    unsigned char *address = pool + gap;
    pool = address + size;
    return address;
}

static void *take(size_t size, size_t align)
{
    if (TOY_BUG == MISALIGNS && align > 256)
        align = 256;
    if (TOY_BUG == CUTS)
        size = (uint32_t)size;
    if (TOY_BUG == HANGS && align >= 1024)
        for (;;)
            pause();
    for (int i = 0; i < block_count; i++)
        if (!blocks[i].live && blocks[i].capacity == usable(size) &&
            ((uintptr_t)blocks[i].address & (align - 1)) == 0) {
            blocks[i].live = 1;
            blocks[i].requested = size;
            blocks[i].align = align;
            blocks[i].maker = pthread_self();
            return blocks[i].address;
        }
    unsigned char *address = block_count == BLOCKS ? NULL : fresh(usable(size), align < 16 ? 16 : align);
    if (address != NULL)
        blocks[block_count++] = (struct toy_block){address, size, align, usable(size), 1, pthread_self()};
    return address;
}

static void *allocate(size_t size, size_t align)
{
    pthread_mutex_lock(&lock);
    note(is_legal_size(size, align));
    void *address = take(size, align);
    struct toy_block *block = address == NULL ? NULL : find(address);
    if (block != NULL)
        block->align = align;
    toy_live += address != NULL;
    pthread_mutex_unlock(&lock);
    return address;
}

#if TOY_BUG == FORGETS_THREAD
static pthread_key_t key;
static void poison(void *block) { memset(block, 0xee, 4); }
__attribute__((constructor)) static void make_key(void) { pthread_key_create(&key, poison); }
#endif

void *__rust_allocate(size_t size, size_t align)
{
    void *address = allocate(size, align);
#if TOY_BUG == FORGETS_THREAD
    pthread_setspecific(key, address);
#endif
    return address;
}

void *__rust_allocate_zeroed(size_t size, size_t align)
{
    void *address = allocate(size, align);
    if (address != NULL && TOY_BUG != DIRTY)
        memset(address, 0, size);
    if (address != NULL && TOY_BUG == DIRTY_APART && syscall(SYS_gettid) != getpid())
        *(char *)address = 1;
    return address;
}

void __rust_deallocate(void *address, size_t old_size, size_t align)
{
    pthread_mutex_lock(&lock);
    struct toy_block *block = find(address);
    note(is_legal_block(block, old_size, align));
    if (TOY_BUG == CRASHES && old_size != block->requested)
        abort();
    if (block != NULL)
        block->live = 0;
    toy_live--;
    pthread_mutex_unlock(&lock);
}

void *__rust_reallocate(void *address, size_t old_size, size_t size, size_t align)
{
    pthread_mutex_lock(&lock);
    struct toy_block *block = find(address);
    note(is_legal_block(block, old_size, align) && is_legal_size(size, align));
    unsigned char *moved = take(size, align);
    if (moved != NULL) {
        size_t kept = old_size < size ? old_size : size;
        memcpy(moved, address, kept - (TOY_BUG == LOSES_TAIL && kept > 1000));
        find(moved)->align = align;
        block->live = 0;
    }
    pthread_mutex_unlock(&lock);
    return moved;
}

size_t __rust_reallocate_inplace(void *address, size_t old_size, size_t size, size_t align)
{
    pthread_mutex_lock(&lock);
    struct toy_block *block = find(address);
    note(is_legal_block(block, old_size, align) && is_legal_size(size, align));
    pthread_mutex_unlock(&lock);
    return usable(old_size);
}

size_t __rust_usable_size(size_t size, size_t align)
{
    (void)align;
    return usable(size);
}
