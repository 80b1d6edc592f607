/* reference_alloc.c: the allocator. Its promises are in the header; WALK.md follows one block through it.
 *
 * Every block belongs to a region whose address is a multiple of CHUNK, and the region's first bytes say,
 * page by page, what the block is. So a block's address alone leads to everything known about it:
 *
 *   slot    up to 8 KiB     one of many equal pieces of a span, which is a run of pages
 *   run     up to 1 MiB     whole pages of a chunk, neighbours of other runs
 *   mapped  larger, or      a region of its own, straight from the system
 *           aligned beyond a page
 *
 * Slots pass through a cache that each thread has for itself (no lock, no atomics); everything else is
 * guarded by one lock. The order below: sizes (pure arithmetic), lock and fork, regions, runs, slots,
 * thread caches, mapped blocks, resizing, the six.
 */
#include "reference_alloc.h"

#include <assert.h>
#include <stdint.h>

/* ==== sizes: pure arithmetic. A test compiles this part alone, with 32-bit sizes, and tries all. ==== */

#ifndef REFERENCE_ALLOC_SIZE
#define REFERENCE_ALLOC_SIZE size_t
#endif
typedef REFERENCE_ALLOC_SIZE bytes_t;

#define ALIGN_MIN ((bytes_t)16)             /* every block is aligned to this at least */
#define PAGE ((bytes_t)4096)                /* ours; the system's may be larger, up to GRANULE */
#define GRANULE ((bytes_t)64 << 10)         /* mappings are multiples of this, hence of any page size */
#define CHUNK ((bytes_t)4 << 20)            /* length and alignment of a chunk */
#define PAGES (1024u)                       /* pages of a chunk */
#define SLOT_MAX ((bytes_t)8 << 10)         /* largest slot */
#define RUN_MAX ((bytes_t)1 << 20)          /* largest run that is handed out as a block */
#define MAPPED_LEAD ((bytes_t)2048)         /* from the start of a mapped region to its block, at least */
#define ALIGN_MAX ((bytes_t)1 << 30)        /* larger alignments get null */
#define MAPPED_MAX ((~(bytes_t)0 >> 1) + 1 - GRANULE) /* largest mapped region; below, sums cannot wrap */
#define CACHE_BYTES ((bytes_t)16 << 10)     /* what a thread keeps of a class, about */
#define CLASSES (32u)                       /* slot classes: 16, 32, 48, 64, then four for every doubling */

static_assert(PAGES * PAGE == CHUNK, "a chunk is whole pages");
static_assert(GRANULE % PAGE == 0 && CHUNK % GRANULE == 0 && MAPPED_MAX % GRANULE == 0, "units nest");
static_assert(MAPPED_MAX + ALIGN_MAX > MAPPED_MAX, "a region and its alignment fit in a size");

static inline bytes_t round_up(bytes_t size, bytes_t unit)
{
    return (size + (unit - 1)) & ~(unit - 1);
}

static inline bytes_t larger(bytes_t a, bytes_t b)
{
    return a > b ? a : b;
}

static inline bool is_slot_request(bytes_t size, bytes_t align)
{
    return size <= SLOT_MAX && align <= PAGE;
}

static inline bool is_run_request(bytes_t size, bytes_t align)
{
    return size > SLOT_MAX && size <= RUN_MAX && align <= PAGE;
}

/* The smallest class that is >= size and a multiple of align: classes lie so that rounding size up first
 * is enough. */
static inline unsigned slot_class(bytes_t size, bytes_t align)
{
    unsigned last = (unsigned)round_up(size + !size, larger(align, ALIGN_MIN)) - 1;
    unsigned top = 31 - (unsigned)__builtin_clz(last | 64); /* the last byte's highest bit, 6 .. 12 */
    return (last >> (top - 2)) + 4 * (top - 6);
}

static inline bytes_t slot_bytes(unsigned class)
{
    return class < 4 ? (class + 1) * ALIGN_MIN : (bytes_t)(class % 4 + 5) << (class / 4 + 3);
}

/* Where a mapped block begins in its region. At CHUNK itself if it must be aligned to that much: see
 * region_of. */
static inline bytes_t mapped_lead(bytes_t align)
{
    return align > CHUNK ? CHUNK : larger(align, MAPPED_LEAD);
}

/* Length of the region for a mapped block; 0 for what is never granted. */
static inline bytes_t mapped_bytes(bytes_t size, bytes_t align)
{
    if (align > ALIGN_MAX || size > MAPPED_MAX - mapped_lead(align))
        return 0;
    return round_up(size + mapped_lead(align), GRANULE);
}

static inline bytes_t usable_size(bytes_t size, bytes_t align)
{
    if (is_slot_request(size, align))
        return slot_bytes(slot_class(size, align));
    if (is_run_request(size, align))
        return round_up(size, PAGE);
    bytes_t region = mapped_bytes(size, align);
    return region == 0 ? size : region - mapped_lead(align);
}

/* Pages of a span: eight slots at least, and little left over at its end. */
static inline unsigned span_pages(unsigned class)
{
    unsigned pages = (unsigned)(8 * slot_bytes(class) / PAGE);
    return pages < 4 ? 4 : pages;
}

static inline unsigned span_slots(unsigned class)
{
    return (unsigned)(span_pages(class) * PAGE / slot_bytes(class));
}

/* How many free slots a thread keeps of a class, and how many it fetches at a time. */
static inline unsigned cache_limit(unsigned class)
{
    unsigned slots = (unsigned)(CACHE_BYTES / slot_bytes(class));
    return slots > 256 ? 256 : slots < 4 ? 4 : slots;
}

static inline unsigned cache_batch(unsigned class)
{
    return cache_limit(class) / 2;
}

#ifndef REFERENCE_ALLOC_ARITHMETIC_ONLY
#include "reference_alloc_kernel.h"

/* ==== what is where ==== */

/* What a page is, for whoever comes with an address. Below CLASSES: part of a span of that class. */
enum { KIND_FREE = CLASSES, KIND_RUN, KIND_MAPPED };

struct slot {
    struct slot *next;
};
static_assert(sizeof(struct slot) <= 16, "a free slot holds its link");

/* One for each page of a chunk; that of a run's first page speaks for the run. */
struct run {
    struct run *next, *previous; /* on a list: free runs of a length, or spans of a class with slots left */
    struct slot *free;           /* span: slots that came back */
    uint16_t pages;              /* length; of a free run also in the entry of its last page */
    uint16_t back;               /* span: how many pages before this one the span begins */
    uint16_t carved;             /* span: slots handed out at least once; those behind were never touched */
    uint16_t used;               /* span: slots in the program's hands or in a thread's cache */
};
static_assert(sizeof(struct run) == 3 * sizeof(void *) + 8, "a run's entry stays small: there is one a page");

/* Beginning of every region. Of a chunk, kind[] is right for all pages of spans and for first and last
 * pages of other runs; of a mapped region, for the page where its block begins. */
struct region {
    uint8_t kind[PAGES + 1];       /* the last: a block at region + CHUNK, or the wall of a chunk */
    uint32_t generation;           /* of the heap that keeps this chunk's books */
    uint32_t untouched;            /* first page never handed out: from here to the end all bytes are zero */
    size_t bytes;                  /* length of the region */
    struct region *next, *previous; /* chunks: on the list of all */
};
static_assert(sizeof(struct region) <= MAPPED_LEAD, "a mapped block begins behind its header");

struct chunk {
    struct region region;
    struct run runs[PAGES];
};
#define HEADER_PAGES ((unsigned)((sizeof(struct chunk) + PAGE - 1) / PAGE))
#define CHUNK_PAGES (PAGES - HEADER_PAGES) /* what is left for runs */
static_assert(CHUNK_PAGES * PAGE >= RUN_MAX, "the largest run fits in a chunk");

struct stack {
    struct slot *top;
    uint32_t count;
    uint32_t limit;
};

struct cache {
    struct stack stacks[CLASSES];
    struct cache *next;
    long thread; /* the kernel's id of its owner, who may be gone */
};

enum { KEPT = 16, BIN_WORD = 32, BIN_WORDS = PAGES / BIN_WORD };
#define KEPT_BYTES_MAX ((size_t)32 << 20)

static struct heap {
    uint32_t lock;                  /* 0 free, 1 held, 2 held and waited for. Guards all below. */
    uint32_t generation;            /* grows when a fork made the books worthless */
    uint32_t *fork_mark;            /* reads as MARK_SET, but as 0 in the child of a fork */
    struct run *bins[PAGES];        /* free runs, by length in pages */
    uint32_t bin_map[BIN_WORDS];    /* which bins are not empty */
    struct run *spans[CLASSES];     /* spans with slots left */
    struct region *chunks;
    struct cache *caches;
    struct region *kept[KEPT];      /* mapped regions waiting for reuse, oldest first */
    unsigned kept_count;
    size_t mapped_bytes_peak;       /* the most that blocks of their own mapping ever had in use */
    uintptr_t lowest_place;         /* where the last region was mapped; the next is wished below it */
    struct reference_alloc_stats stats;
} heap;

static __thread struct cache *my_cache;

/* A block may begin at region + CHUNK, when its alignment leaves no other place; hence the -1. */
static inline struct region *region_of(void *block)
{
    return (struct region *)(((uintptr_t)block - 1) & ~((uintptr_t)CHUNK - 1));
}

static inline size_t page_of(struct region *region, void *block)
{
    return ((uintptr_t)block - (uintptr_t)region) / PAGE;
}

static inline unsigned kind_of(void *block)
{
    struct region *region = region_of(block);
    return region->kind[page_of(region, block)];
}

static inline struct region *region_of_run(struct run *run)
{
    return (struct region *)((uintptr_t)run & ~((uintptr_t)CHUNK - 1));
}

static inline unsigned first_page(struct run *run)
{
    return (unsigned)(run - ((struct chunk *)region_of_run(run))->runs);
}

static inline unsigned char *run_memory(struct run *run)
{
    return (unsigned char *)region_of_run(run) + first_page(run) * PAGE;
}

/* The run that begins, or the free run that ends, where `block` lies; for a slot, its span. */
static inline struct run *run_of(void *block)
{
    struct region *region = region_of(block);
    return &((struct chunk *)region)->runs[page_of(region, block)];
}

/* ==== the lock, and what a fork does to it ====
 * The child of a fork has one thread only. A lock that another thread held at that moment will never be
 * released, and what it guards is half changed: the child then drops the books and starts new ones. Blocks
 * it inherited stay valid; what it frees of them goes nowhere. If the lock was free, as nearly always, the
 * child simply goes on with everything. */

enum { MARK_WIPED = 0, MARK_SET = 1, MARK_BUSY = 2 };

static void start_new_books(void)
{
    uint32_t generation = heap.generation + 1;
    uint32_t *mark = heap.fork_mark;
    heap = (struct heap){.generation = generation, .fork_mark = mark};
}

static void recover_from_fork(void)
{
    if (heap.lock != 0)
        start_new_books();
    heap.caches = my_cache; /* the others' owners are not here, and may have been interrupted anywhere */
    if (my_cache != NULL) {
        my_cache->next = NULL;
        my_cache->thread = kernel_thread_id();
    }
}

static void notice_fork(void)
{
    uint32_t *mark = __atomic_load_n(&heap.fork_mark, __ATOMIC_ACQUIRE);
    if (mark == NULL || __atomic_load_n(mark, __ATOMIC_ACQUIRE) == MARK_SET)
        return;
    uint32_t wiped = MARK_WIPED;
    if (__atomic_compare_exchange_n(mark, &wiped, MARK_BUSY, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
        recover_from_fork();
        __atomic_store_n(mark, MARK_SET, __ATOMIC_RELEASE);
    }
    while (__atomic_load_n(mark, __ATOMIC_ACQUIRE) != MARK_SET)
        kernel_yield();
}

static inline bool lock_try(void)
{
    uint32_t free = 0;
    return __atomic_compare_exchange_n(&heap.lock, &free, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static void lock_wait(void)
{
    for (int spin = 0; spin < 100; spin++)
        if (__atomic_load_n(&heap.lock, __ATOMIC_RELAXED) == 0 && lock_try())
            return;
    while (__atomic_exchange_n(&heap.lock, 2, __ATOMIC_ACQUIRE) != 0)
        kernel_wait(&heap.lock, 2);
}

/* Before anyone holds the lock: a fork while it is held must find a mark. */
static void plant_fork_mark(void)
{
    uint32_t *none = NULL, *mark = kernel_map(NULL, GRANULE);
    if (mark == NULL)
        return; /* the next call tries again */
    kernel_wipe_on_fork(mark, GRANULE);
    *mark = MARK_SET;
    if (!__atomic_compare_exchange_n(&heap.fork_mark, &none, mark, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
        kernel_unmap(mark, GRANULE);
}

static void heap_lock(void)
{
    if (__atomic_load_n(&heap.fork_mark, __ATOMIC_RELAXED) == NULL)
        plant_fork_mark();
    notice_fork();
    if (!lock_try())
        lock_wait();
}

static void heap_unlock(void)
{
    if (__atomic_exchange_n(&heap.lock, 0, __ATOMIC_RELEASE) == 2)
        kernel_wake_one(&heap.lock);
}

/* ==== regions: aligned memory from the system ==== */

/* A region begins at a multiple of CHUNK; and if a block needs more than that, CHUNK before a multiple of
 * `align`. */
static inline uintptr_t region_place(uintptr_t from, size_t align)
{
    return round_up(from + CHUNK, larger(align, CHUNK)) - CHUNK;
}

static inline bool is_region_place(void *memory, size_t align)
{
    return region_place((uintptr_t)memory, align) == (uintptr_t)memory;
}

/* Below the region mapped last, and aligned: the gap up to that one leaves room to grow in place. */
static void *wished_place(size_t bytes)
{
    uintptr_t lowest = __atomic_load_n(&heap.lowest_place, __ATOMIC_RELAXED);
    return lowest < bytes + 16 * CHUNK ? NULL : (void *)((lowest - bytes) & ~((uintptr_t)CHUNK - 1));
}

/* Maps more than enough and cuts off what is not needed:
 *   |   front   |=== region ===|   back   |  ->    |=== region ===| */
static void *map_and_trim(size_t bytes, size_t align)
{
    size_t extra = larger(align, CHUNK);
    unsigned char *memory = kernel_map(NULL, bytes + extra);
    if (memory == NULL)
        return NULL;
    unsigned char *place = (unsigned char *)region_place((uintptr_t)memory, align);
    kernel_unmap(memory, (size_t)(place - memory));
    kernel_unmap(place + bytes, (size_t)(memory + extra - place));
    return place;
}

static struct region *region_map(size_t bytes, size_t align)
{
    void *memory = kernel_map(wished_place(bytes), bytes);
    if (memory == NULL)
        return NULL;
    if (!is_region_place(memory, align)) {
        kernel_unmap(memory, bytes);
        memory = map_and_trim(bytes, align);
    }
    if (memory != NULL)
        __atomic_store_n(&heap.lowest_place, (uintptr_t)memory, __ATOMIC_RELAXED);
    return memory;
}

/* ==== lists ==== */

static void list_push(struct run **list, struct run *run)
{
    run->next = *list;
    run->previous = NULL;
    if (run->next != NULL)
        run->next->previous = run;
    *list = run;
}

static void list_remove(struct run **list, struct run *run)
{
    if (run->next != NULL)
        run->next->previous = run->previous;
    if (run->previous != NULL)
        run->previous->next = run->next;
    else
        *list = run->next;
}

/* ==== runs: pages of a chunk. All with the lock held. ==== */

static void heap_reclaim(void); /* below, where it is seen what can be given up */

static void mark_ends(struct run *run, unsigned kind)
{
    uint8_t *kinds = region_of_run(run)->kind + first_page(run);
    kinds[0] = (uint8_t)kind;
    kinds[run->pages - 1] = (uint8_t)kind;
}

static void bin_push(struct run *run)
{
    mark_ends(run, KIND_FREE);
    run[run->pages - 1].pages = run->pages; /* so that the run behind it finds its beginning */
    list_push(&heap.bins[run->pages], run);
    heap.bin_map[run->pages / BIN_WORD] |= 1u << run->pages % BIN_WORD;
    heap.stats.free_pages += run->pages;
}

static void bin_remove(struct run *run)
{
    list_remove(&heap.bins[run->pages], run);
    if (heap.bins[run->pages] == NULL)
        heap.bin_map[run->pages / BIN_WORD] &= ~(1u << run->pages % BIN_WORD);
    heap.stats.free_pages -= run->pages;
}

/* The shortest free run with `pages` or more: best fit. */
static struct run *bin_find(unsigned pages)
{
    uint32_t bits = heap.bin_map[pages / BIN_WORD] & (~0u << pages % BIN_WORD);
    for (unsigned word = pages / BIN_WORD;;) {
        if (bits != 0)
            return heap.bins[word * BIN_WORD + (unsigned)__builtin_ctz(bits)];
        if (++word == BIN_WORDS)
            return NULL;
        bits = heap.bin_map[word];
    }
}

static struct run *run_behind(struct run *run)
{
    return run + run->pages;
}

/* The free run that begins right behind `run`, or NULL. */
static struct run *free_behind(struct run *run)
{
    unsigned page = first_page(run) + run->pages;
    return region_of_run(run)->kind[page] == KIND_FREE ? run_behind(run) : NULL;
}

/* The free run that ends right before `run`, or NULL. */
static struct run *free_before(struct run *run)
{
    unsigned page = first_page(run) - 1;
    return region_of_run(run)->kind[page] == KIND_FREE ? run - run[-1].pages : NULL;
}

static void chunk_unmap(struct region *chunk)
{
    if (chunk->next != NULL)
        chunk->next->previous = chunk->previous;
    if (chunk->previous != NULL)
        chunk->previous->next = chunk->next;
    else
        heap.chunks = chunk->next;
    heap.stats.chunks--;
    kernel_unmap(chunk, CHUNK);
}

/* One empty chunk is kept for the next who needs one, further ones go back to the system. */
static bool is_surplus(struct run *run)
{
    return run->pages == CHUNK_PAGES && heap.bins[CHUNK_PAGES] != NULL;
}

/* Gives back a run, and joins it with free neighbours:
 *   ... |  free  |  run  |  free  | ...     ->     ... |          free          | ... */
static void run_free(struct run *run)
{
    struct run *behind = free_behind(run), *before = free_before(run);
    if (behind != NULL) {
        bin_remove(behind);
        run->pages += behind->pages;
    }
    if (before != NULL) {
        bin_remove(before);
        before->pages += run->pages;
        run = before;
    }
    if (is_surplus(run))
        chunk_unmap(region_of_run(run));
    else
        bin_push(run);
}

/* Shortens a run:
 *   ... |         run         | ...         ->     ... | run, pages |   free    | ... */
static void run_cut(struct run *run, unsigned pages)
{
    unsigned left = run->pages - pages;
    run->pages = (uint16_t)pages;
    mark_ends(run, KIND_RUN); /* before the rest looks for free neighbours: what was swallowed looks free */
    if (left == 0)
        return;
    struct run *rest = run_behind(run);
    rest->pages = (uint16_t)left;
    run_free(rest);
}

/* Lengthens a run at the cost of the free one behind it; changes nothing if that is too short:
 *   ... |  run  |     free     | ...        ->     ... |  run, pages  |  free   | ... */
static bool run_extend(struct run *run, unsigned pages)
{
    struct run *behind = free_behind(run);
    if (behind == NULL || run->pages + behind->pages < pages)
        return false;
    bin_remove(behind);
    run->pages += behind->pages;
    run_cut(run, pages);
    return true;
}

static void chunk_enlist(struct region *chunk)
{
    chunk->next = heap.chunks;
    if (chunk->next != NULL)
        chunk->next->previous = chunk;
    heap.chunks = chunk;
    heap.stats.chunks++;
}

/* A fresh chunk, with a wall at either end so that nothing is ever joined across:
 *   | header, wall |                 free                 | wall of kind[PAGES] */
static bool chunk_map(void)
{
    struct region *chunk = region_map(CHUNK, CHUNK);
    if (chunk == NULL)
        return false;
    chunk->bytes = CHUNK;
    chunk->generation = heap.generation;
    chunk->untouched = HEADER_PAGES;
    chunk->kind[HEADER_PAGES - 1] = KIND_RUN;
    chunk->kind[PAGES] = KIND_RUN;
    chunk_enlist(chunk);
    struct run *all = &((struct chunk *)chunk)->runs[HEADER_PAGES];
    all->pages = (uint16_t)CHUNK_PAGES;
    bin_push(all);
    return true;
}

/* How many of the run's pages were in use before; those behind them read as zero. From now on all count as
 * touched. */
static unsigned touch(struct run *run)
{
    struct region *chunk = region_of_run(run);
    unsigned first = first_page(run), end = first + run->pages, untouched = chunk->untouched;
    if (untouched >= end)
        return run->pages;
    chunk->untouched = end;
    return untouched > first ? untouched - first : 0;
}

static struct run *run_find(unsigned pages)
{
    struct run *run = bin_find(pages);
    if (run == NULL && chunk_map())
        return bin_find(pages);
    if (run == NULL) {
        heap_reclaim();
        run = bin_find(pages);
    }
    return run == NULL && chunk_map() ? bin_find(pages) : run;
}

/* A run of `pages`, of which the first *dirty may hold anything. NULL: no memory. */
static struct run *run_take(unsigned pages, unsigned *dirty)
{
    struct run *run = run_find(pages);
    if (run == NULL)
        return NULL;
    bin_remove(run);
    run_cut(run, pages);
    *dirty = touch(run);
    return run;
}

/* After a fork that lost the books, chunks of the old ones are nobody's: what is freed there stays where
 * it is. */
static bool has_books(struct run *run)
{
    return region_of_run(run)->generation == heap.generation;
}

static bool run_resize(struct run *run, unsigned pages)
{
    if (!has_books(run))
        return pages == run->pages;
    if (pages > run->pages && !run_extend(run, pages))
        return false;
    if (pages < run->pages)
        run_cut(run, pages);
    touch(run);
    return true;
}

/* ==== slots: spans cut into equal pieces. All with the lock held. ==== */

static bool is_full(struct run *span, unsigned class)
{
    return span->free == NULL && span->carved == span_slots(class);
}

static struct run *span_make(unsigned class)
{
    unsigned dirty;
    struct run *span = run_take(span_pages(class), &dirty);
    if (span == NULL)
        return NULL;
    for (unsigned page = 0; page < span->pages; page++) {
        span[page].back = (uint16_t)page;
        region_of_run(span)->kind[first_page(span) + page] = (uint8_t)class;
    }
    span->free = NULL;
    span->carved = 0;
    span->used = 0;
    list_push(&heap.spans[class], span);
    return span;
}

static struct slot *span_pop(struct run *span, unsigned class)
{
    struct slot *slot = span->free;
    if (slot != NULL)
        span->free = slot->next;
    else
        slot = (struct slot *)(run_memory(span) + span->carved++ * slot_bytes(class));
    span->used++;
    return slot;
}

/* Up to `want` slots, as a chain; *got says how many. NULL: no memory. */
static struct slot *slots_take(unsigned class, unsigned want, unsigned *got)
{
    struct slot *chain = NULL;
    struct run *span = heap.spans[class];
    if (span == NULL)
        span = span_make(class);
    for (*got = 0; *got < want && span != NULL; span = heap.spans[class]) {
        for (; *got < want && !is_full(span, class); ++*got) {
            struct slot *slot = span_pop(span, class);
            slot->next = chain;
            chain = slot;
        }
        if (is_full(span, class))
            list_remove(&heap.spans[class], span);
    }
    return chain;
}

static struct run *span_of(struct slot *slot)
{
    struct run *run = run_of(slot);
    return run - run->back;
}

/* A slot comes home. A full span has room again; an empty one becomes a free run, for whichever class
 * needs it next. */
static void slot_give(struct slot *slot, unsigned class)
{
    struct run *span = span_of(slot);
    if (!has_books(span))
        return;
    if (is_full(span, class))
        list_push(&heap.spans[class], span);
    slot->next = span->free;
    span->free = slot;
    if (--span->used == 0) {
        list_remove(&heap.spans[class], span);
        run_free(span);
    }
}

/* ==== thread caches ====
 * Nobody tells us when a thread ends. Its cache stays behind with the thread's id on it; whoever needs a
 * cache next, or runs out of memory, asks the kernel which of those threads are gone and takes theirs
 * over. So there are never more caches than threads were alive at once, and what they hold is not lost. */

static bool is_orphan(struct cache *cache, long me)
{
    return cache->thread == me /* the id is in use again, by me */ || !kernel_thread_exists(cache->thread);
}

static struct cache *cache_adopt(long me)
{
    for (struct cache *cache = heap.caches; cache != NULL; cache = cache->next)
        if (is_orphan(cache, me))
            return cache;
    return NULL;
}

static struct cache *cache_make(void)
{
    unsigned got;
    struct cache *cache = (struct cache *)slots_take(slot_class(sizeof *cache, ALIGN_MIN), 1, &got);
    if (cache == NULL)
        return NULL;
    for (unsigned class = 0; class < CLASSES; class++)
        cache->stacks[class] = (struct stack){.limit = cache_limit(class)};
    cache->next = heap.caches;
    heap.caches = cache;
    heap.stats.thread_caches++;
    return cache;
}

/* Gives this thread a cache, if it can. Lock held. */
static void cache_claim(void)
{
    long me = kernel_thread_id();
    struct cache *cache = cache_adopt(me);
    if (cache == NULL)
        cache = cache_make();
    if (cache != NULL)
        cache->thread = me;
    my_cache = cache;
}

static inline struct slot *stack_pop(struct stack *stack)
{
    struct slot *slot = stack->top;
    if (slot != NULL) {
        stack->top = slot->next;
        stack->count--;
    }
    return slot;
}

static inline void stack_push(struct stack *stack, struct slot *slot)
{
    slot->next = stack->top;
    stack->top = slot;
    stack->count++;
}

/* Sends `count` slots home. Lock held. */
static void stack_drain(struct stack *stack, unsigned class, unsigned count)
{
    while (count-- > 0)
        slot_give(stack_pop(stack), class);
}

static void cache_drain(struct cache *cache)
{
    for (unsigned class = 0; class < CLASSES; class++)
        stack_drain(&cache->stacks[class], class, cache->stacks[class].count);
}

/* Fills an empty stack with a batch. Lock held. */
static void stack_fill(struct stack *stack, unsigned class)
{
    unsigned got;
    stack->top = slots_take(class, cache_batch(class), &got);
    stack->count = got;
}

/* No slot in the cache, or no cache yet. NULL: no memory. */
static __attribute__((noinline)) struct slot *slot_fetch(unsigned class)
{
    unsigned got;
    struct slot *slot;
    heap_lock();
    if (my_cache == NULL)
        cache_claim();
    if (my_cache == NULL) {
        slot = slots_take(class, 1, &got);
    } else {
        struct stack *stack = &my_cache->stacks[class];
        if (stack->top == NULL) /* an adopted cache may have some */
            stack_fill(stack, class);
        slot = stack_pop(stack);
    }
    heap_unlock();
    return slot;
}

static __attribute__((noinline)) void slot_return(struct slot *slot, unsigned class)
{
    heap_lock();
    if (my_cache == NULL)
        cache_claim();
    if (my_cache == NULL) {
        slot_give(slot, class);
    } else {
        struct stack *stack = &my_cache->stacks[class];
        if (stack->count >= stack->limit)
            stack_drain(stack, class, cache_batch(class));
        stack_push(stack, slot);
    }
    heap_unlock();
}

static inline void *slot_allocate(unsigned class)
{
    struct slot *slot = my_cache != NULL ? stack_pop(&my_cache->stacks[class]) : NULL;
    return slot != NULL ? slot : slot_fetch(class);
}

static inline void slot_deallocate(void *block, unsigned class)
{
    if (my_cache != NULL && my_cache->stacks[class].count < my_cache->stacks[class].limit)
        stack_push(&my_cache->stacks[class], block);
    else
        slot_return(block, class);
}

/* ==== runs as blocks ==== */

/* Sizes of the program are pages here. *dirty: how many bytes from the start may hold anything. */
static void *run_allocate(size_t size, size_t *dirty)
{
    unsigned dirty_pages = 0;
    heap_lock();
    struct run *run = run_take((unsigned)(round_up(size, PAGE) / PAGE), &dirty_pages);
    heap_unlock();
    *dirty = dirty_pages * PAGE;
    return run == NULL ? NULL : run_memory(run);
}

static void run_deallocate(void *block)
{
    heap_lock();
    struct run *run = run_of(block);
    if (has_books(run))
        run_free(run);
    heap_unlock();
}

static bool run_resize_in_place(void *block, size_t size)
{
    heap_lock();
    bool done = run_resize(run_of(block), (unsigned)(round_up(size, PAGE) / PAGE));
    heap_unlock();
    return done;
}

/* ==== mapped blocks: a region each; a few regions are kept for reuse ==== */

/* Takes a region out of those kept. Lock held. */
static struct region *kept_remove(unsigned index)
{
    struct region *region = heap.kept[index];
    heap.kept_count--;
    for (; index < heap.kept_count; index++)
        heap.kept[index] = heap.kept[index + 1];
    heap.stats.kept_bytes -= region->bytes;
    return region;
}

static void kept_unmap_oldest(void)
{
    struct region *oldest = kept_remove(0);
    kernel_unmap(oldest, oldest->bytes);
}

/* What is kept never lifts the sum above what the program itself once had in use. */
static bool is_kept_too_much(size_t more)
{
    size_t kept = heap.stats.kept_bytes + more;
    return kept > KEPT_BYTES_MAX || heap.stats.mapped_bytes + kept > heap.mapped_bytes_peak;
}

/* Counts blocks and bytes, either of which may be negative. Lock held. */
static void count_mapped(size_t blocks, size_t bytes)
{
    heap.stats.mapped_blocks += blocks;
    heap.stats.mapped_bytes += bytes;
    if (heap.mapped_bytes_peak < heap.stats.mapped_bytes)
        heap.mapped_bytes_peak = heap.stats.mapped_bytes;
    while (heap.kept_count > 0 && is_kept_too_much(0))
        kept_unmap_oldest();
}

static void count_mapped_locking(size_t blocks, size_t bytes)
{
    heap_lock();
    count_mapped(blocks, bytes);
    heap_unlock();
}

static bool kept_fits(struct region *region, size_t bytes, size_t align)
{
    return region->bytes >= bytes && region->bytes - bytes <= bytes / 4 && is_region_place(region, align);
}

static struct region *kept_take(size_t bytes, size_t align)
{
    for (unsigned i = 0; i < heap.kept_count; i++)
        if (kept_fits(heap.kept[i], bytes, align))
            return kept_remove(i);
    return NULL;
}

/* Keeps a region, if it is not too long; older ones go for it. Lock held. */
static bool kept_put(struct region *region)
{
    while (heap.kept_count > 0 && (heap.kept_count == KEPT || is_kept_too_much(region->bytes)))
        kept_unmap_oldest();
    if (is_kept_too_much(region->bytes))
        return false;
    heap.kept[heap.kept_count++] = region;
    heap.stats.kept_bytes += region->bytes;
    return true;
}

/* A region fresh from the system, if need be after giving up what is kept. */
static struct region *mapped_fresh(size_t bytes, size_t align)
{
    struct region *region = region_map(bytes, align);
    if (region == NULL) {
        heap_lock();
        heap_reclaim();
        heap_unlock();
        region = region_map(bytes, align);
    }
    if (region != NULL) {
        region->bytes = bytes;
        count_mapped_locking(1, bytes);
    }
    return region;
}

static struct region *mapped_recycled(size_t bytes, size_t align)
{
    heap_lock();
    struct region *region = kept_take(bytes, align);
    if (region != NULL)
        count_mapped(1, region->bytes);
    heap_unlock();
    return region;
}

/* *dirty: how many bytes from the start may hold anything. */
static void *mapped_allocate(size_t size, size_t align, size_t *dirty)
{
    size_t bytes = mapped_bytes(size, align), lead = mapped_lead(align);
    if (bytes == 0)
        return NULL;
    struct region *region = mapped_recycled(bytes, align);
    *dirty = region != NULL ? size : 0;
    if (region == NULL)
        region = mapped_fresh(bytes, align);
    if (region == NULL)
        return NULL;
    region->kind[lead / PAGE] = KIND_MAPPED;
    return (unsigned char *)region + lead;
}

static void mapped_deallocate(void *block)
{
    struct region *region = region_of(block);
    heap_lock();
    count_mapped((size_t)-1, -region->bytes);
    bool kept = kept_put(region);
    heap_unlock();
    if (!kept)
        kernel_unmap(region, region->bytes);
}

/* Longer by remapping, if the addresses behind are free; shorter by giving the end back. */
static bool mapped_resize_in_place(void *block, size_t size, size_t align)
{
    struct region *region = region_of(block);
    size_t bytes = mapped_bytes(size, align), old_bytes = region->bytes;
    if (bytes > old_bytes && !kernel_resize(region, old_bytes, bytes))
        return false;
    if (bytes < old_bytes)
        kernel_unmap((unsigned char *)region + bytes, old_bytes - bytes);
    region->bytes = bytes;
    count_mapped_locking(0, bytes - old_bytes);
    return true;
}

/* Moves the pages themselves to a place with more room; nothing is copied. NULL: `block` is as before. */
static void *mapped_move(void *block, size_t size, size_t align)
{
    struct region *region = region_of(block);
    size_t bytes = mapped_bytes(size, align), old_bytes = region->bytes;
    struct region *target = bytes == 0 ? NULL : region_map(bytes, align);
    if (target == NULL || !kernel_move(region, old_bytes, target, bytes))
        return NULL;
    target->bytes = bytes;
    count_mapped_locking(0, bytes - old_bytes);
    return (unsigned char *)target + mapped_lead(align);
}

/* ==== when the system refuses memory ==== */

/* Gives up everything that is kept for speed. Lock held. */
static void heap_reclaim(void)
{
    long me = kernel_thread_id();
    for (struct cache *cache = heap.caches; cache != NULL; cache = cache->next)
        if (cache == my_cache || is_orphan(cache, me))
            cache_drain(cache);
    while (heap.kept_count > 0)
        kept_unmap_oldest();
    struct run *empty = heap.bins[CHUNK_PAGES];
    if (empty != NULL) {
        bin_remove(empty);
        chunk_unmap(region_of_run(empty));
    }
}

/* ==== resizing ==== */

/* A slot cannot change its length; it serves as long as it is not more than twice what is needed. */
static bool slot_serves(unsigned class, size_t size, size_t align)
{
    size_t need = usable_size(size, align), have = slot_bytes(class);
    return is_slot_request(size, align) && need <= have && need > have / 2;
}

/* A block stays what it is (slot, run, mapped), or it has to move. */
static bool resize_in_place(void *block, size_t size, size_t align)
{
    unsigned kind = kind_of(block);
    if (kind < CLASSES)
        return slot_serves(kind, size, align);
    if (kind == KIND_RUN)
        return is_run_request(size, align) && run_resize_in_place(block, size);
    return !is_slot_request(size, align) && !is_run_request(size, align) && mapped_bytes(size, align) != 0 &&
           mapped_resize_in_place(block, size, align);
}

static void *move_by_copying(void *block, size_t old_size, size_t size, size_t align)
{
    void *copy = __rust_allocate(size, align);
    if (copy == NULL)
        return size <= old_size ? block : NULL; /* too long a block is better than none */
    __builtin_memcpy(copy, block, old_size < size ? old_size : size);
    __rust_deallocate(block, old_size, align);
    return copy;
}

/* ==== the six ==== */

void *__rust_allocate(size_t size, size_t align)
{
    size_t dirty;
    if (is_slot_request(size, align))
        return slot_allocate(slot_class(size, align));
    if (is_run_request(size, align))
        return run_allocate(size, &dirty);
    return mapped_allocate(size, align, &dirty);
}

void *__rust_allocate_zeroed(size_t size, size_t align)
{
    size_t dirty = size;
    void *block;
    if (is_slot_request(size, align))
        block = slot_allocate(slot_class(size, align));
    else if (is_run_request(size, align))
        block = run_allocate(size, &dirty);
    else
        block = mapped_allocate(size, align, &dirty);
    size_t clear = dirty < size ? dirty : size;
    return block == NULL ? NULL : __builtin_memset(block, 0, clear);
}

void __rust_deallocate(void *ptr, size_t old_size, size_t align)
{
    (void)old_size; /* the block's address says more */
    (void)align;
    unsigned kind = kind_of(ptr);
    if (kind < CLASSES)
        slot_deallocate(ptr, kind);
    else if (kind == KIND_RUN)
        run_deallocate(ptr);
    else
        mapped_deallocate(ptr);
}

void *__rust_reallocate(void *ptr, size_t old_size, size_t size, size_t align)
{
    if (resize_in_place(ptr, size, align))
        return ptr;
    if (kind_of(ptr) == KIND_MAPPED && size > old_size) {
        void *moved = mapped_move(ptr, size, align);
        if (moved != NULL)
            return moved;
    }
    return move_by_copying(ptr, old_size, size, align);
}

size_t __rust_reallocate_inplace(void *ptr, size_t old_size, size_t size, size_t align)
{
    return usable_size(resize_in_place(ptr, size, align) ? size : old_size, align);
}

size_t __rust_usable_size(size_t size, size_t align)
{
    return usable_size(size, align);
}

/* ==== for tests ==== */

struct reference_alloc_stats reference_alloc_stats(void)
{
    heap_lock();
    struct reference_alloc_stats stats = heap.stats;
    heap_unlock();
    return stats;
}

#include "reference_alloc_invariants.h"
#endif /* REFERENCE_ALLOC_ARITHMETIC_ONLY */
