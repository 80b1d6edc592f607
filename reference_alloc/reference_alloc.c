/* reference_alloc.c: a small, complete allocator with the ABI of Rust 1.19. WALK.md follows one block through it.
 *
 * From the outside in:
 *   caches   a shelf of freed slots per class; there are CACHES sets of shelves, a thread uses the set of its number. They belong to no
 *            thread, so none is lost when one ends. A lock each, hardly ever contended.
 *   depot    slabs that have free slots, by class. Slots travel between caches and depot in batches.
 *   runs     medium blocks and slabs are runs of units in an arena; free runs lie in bins by length, neighbours are joined.
 *   mappings large blocks are mappings of their own; a few freed ones are kept.
 * No block has a header: (size, align) name its kind and size (layout.h), its address names its arena and unit.
 *
 * Needs from outside: mmap, munmap, mremap, madvise, sched_yield, and memcpy and memset, which compilers emit anyway.
 */
#include "reference_alloc.h"

#include <sched.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "layout.h"

#define EXPORT __attribute__((visibility("default")))
#define LIKELY(condition) __builtin_expect(!!(condition), 1)

enum {
    ARENA_UNITS = (sizeof(word) > 4 ? 4 << 20 : 1 << 20) / UNIT,
    BINS = 40,
    CACHES = 32,
    KEPT_MAPPINGS = 8,
    SLAB_BYTES = 16 << 10, /* at least, and at least SLAB_SLOTS slots */
    SLAB_SLOTS = 8,
    BATCH_BYTES = 16 << 10, /* what travels between cache and depot at a time, within 2 .. 64 slots */
};

static const word KEEP_MAPPING = 8 << 20; /* larger ones go back to the system at once */

/* ---- locks ---- */

struct lock {
    atomic_uint held;
};

static void lock_wait(struct lock *lock)
{
    for (unsigned tries = 1; atomic_exchange_explicit(&lock->held, 1, memory_order_acquire) != 0; tries++)
        if (tries % 64 == 0)
            sched_yield();
}

static inline void lock_take(struct lock *lock)
{
    if (atomic_exchange_explicit(&lock->held, 1, memory_order_acquire) != 0)
        lock_wait(lock);
}

static inline void lock_release(struct lock *lock) { atomic_store_explicit(&lock->held, 0, memory_order_release); }

/* ---- what the heap consists of ---- */

enum use { USE_FREE, USE_RUN, USE_SLAB, USE_ARENA };

/* One unit of an arena. What is said of a run or slab is said in its first unit, but for `length`, which a free run's last unit has too. */
struct unit {
    unsigned char use;         /* enum use */
    unsigned char class_index; /* of a slab */
    unsigned char dirty;       /* was given back since the system gave it: may be non-zero */
    unsigned short back;       /* in a slab: units to its first one */
    unsigned length;           /* units of the run */
    struct unit *next, *prev;  /* free run: in its bin; slab with free slots: in its class */
    void *slots;               /* slab: freed slots, linked through their first word */
    unsigned free_slots;       /* slab: freed or not carved yet */
    unsigned carved;           /* slab: slots that were ever handed out */
};

struct arena {
    struct unit units[ARENA_UNITS]; /* the first ones are this struct itself */
    struct arena *next, *prev;
    unsigned generation;
    unsigned free_units;
};

_Static_assert(sizeof(struct arena) < ARENA_UNITS * UNIT / 16, "the books of an arena cost less than a sixteenth of it");
_Static_assert(SMALL_GRAIN >= sizeof(void *), "a freed slot holds the link to the next");

enum { HEADER_UNITS = (sizeof(struct arena) + UNIT - 1) / UNIT };

/* A list with a head that is never a member: joining and leaving need no special case. */
struct bin {
    struct unit *first;
};

struct shelf {
    void *slots;
    unsigned count;
};

struct cache {
    struct lock lock;
    struct shelf shelves[SMALL_CLASSES];
} __attribute__((aligned(64)));

struct mapping {
    void *start;
    word bytes;
};

static struct {
    struct lock lock; /* of everything in here */
    struct bin bins[BINS];
    struct bin partial[SMALL_CLASSES]; /* slabs with free slots */
    struct arena *arenas;
    unsigned spare_arenas; /* wholly free */
    unsigned generation;
} depot;

static struct cache caches[CACHES];

static struct {
    struct lock lock;
    struct mapping kept[KEPT_MAPPINGS];
} mappings;

static struct {
    atomic_size_t mapped, peak, refused;
} stats;

/* ---- pages from the system ---- */

static void count_mapped(word bytes)
{
    size_t now = atomic_fetch_add_explicit(&stats.mapped, bytes, memory_order_relaxed) + bytes;
    size_t peak = atomic_load_explicit(&stats.peak, memory_order_relaxed);
    while (now > peak && !atomic_compare_exchange_weak(&stats.peak, &peak, now))
        continue;
}

static void *map_pages(word bytes)
{
    void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) {
        atomic_fetch_add_explicit(&stats.refused, 1, memory_order_relaxed);
        return NULL;
    }
    count_mapped(bytes);
    return pages;
}

static void unmap_pages(void *pages, word bytes)
{
    if (bytes == 0)
        return;
    munmap(pages, bytes);
    atomic_fetch_sub_explicit(&stats.mapped, bytes, memory_order_relaxed);
}

/* `bytes` a multiple of LARGE_GRAIN. [ front | aligned block | back ]: front and back go straight back. */
static void *map_aligned(word bytes, word align)
{
    if (align <= UNIT)
        return map_pages(bytes);
    if (bytes > SIZE_LIMIT - align)
        return NULL;
    char *pages = map_pages(bytes + align);
    if (pages == NULL)
        return NULL;
    word front = round_up((word)(uintptr_t)pages, align) - (word)(uintptr_t)pages;
    unmap_pages(pages, front);
    unmap_pages(pages + front + bytes, align - front);
    return pages + front;
}

/* ---- after a fork ---- */

/* A byte in a page that the kernel wipes in a forked child: 1 where the books are in order. Before the first call it is `unborn`. */
static volatile unsigned char unborn;
static volatile unsigned char *_Atomic alive = &unborn;
static struct lock birth;

static void forget_shelves(struct cache *cache)
{
    for (unsigned i = 0; i < SMALL_CLASSES; i++)
        cache->shelves[i] = (struct shelf){0};
}

/* The arenas of before are never looked at again: what is given back there is dropped (is_ours). */
static void abandon_arenas(void)
{
    for (unsigned i = 0; i < BINS; i++)
        depot.bins[i].first = NULL;
    for (unsigned i = 0; i < SMALL_CLASSES; i++)
        depot.partial[i].first = NULL;
    depot.arenas = NULL;
    depot.spare_arenas = 0;
    depot.generation++;
}

/* In the child: a lock that is held was held by a thread that is not here, halfway through a change. What it guards is given up; what
 * no lock was held on is in order. */
static void after_fork(void)
{
    for (unsigned i = 0; i < CACHES; i++)
        if (atomic_load(&caches[i].lock.held) != 0) {
            forget_shelves(&caches[i]);
            lock_release(&caches[i].lock);
        }
    if (atomic_load(&depot.lock.held) != 0) {
        abandon_arenas();
        lock_release(&depot.lock);
    }
    if (atomic_load(&mappings.lock.held) != 0) {
        for (unsigned i = 0; i < KEPT_MAPPINGS; i++)
            mappings.kept[i] = (struct mapping){0};
        lock_release(&mappings.lock);
    }
}

static void be_born(void)
{
    volatile unsigned char *page = map_pages(LARGE_GRAIN);
    if (page == NULL)
        return; /* the next call tries again; this one may still be served */
    madvise((void *)page, LARGE_GRAIN, MADV_WIPEONFORK);
    *page = 1;
    alive = page;
}

static __attribute__((noinline)) void enter_first(void)
{
    lock_take(&birth);
    if (alive == &unborn) {
        be_born();
    } else if (*alive == 0) {
        after_fork();
        *alive = 1;
    }
    lock_release(&birth);
}

/* Every call begins here. */
static inline void enter(void)
{
    if (!LIKELY(*alive != 0))
        enter_first();
}

/* ---- runs of units ---- */

static struct arena *arena_of(const void *address)
{
    return (struct arena *)((uintptr_t)address & ~(uintptr_t)(ARENA_SIZE - 1));
}

static struct unit *unit_of(const void *address)
{
    return &arena_of(address)->units[((uintptr_t)address & (ARENA_SIZE - 1)) / UNIT];
}

static void *memory_of(struct unit *unit)
{
    struct arena *arena = arena_of(unit);
    return (char *)arena + (size_t)(unit - arena->units) * UNIT;
}

/* False for what a child inherited from a heap it had to give up. */
static bool is_ours(const void *address) { return arena_of(address)->generation == depot.generation; }

/* Bins 1..31 hold runs of exactly that length, those above a doubling each. */
static unsigned bin_of(unsigned length) { return length < 32 ? length : 27 + floor_log2(length); }

static void join(struct bin *bin, struct unit *unit)
{
    unit->prev = NULL;
    unit->next = bin->first;
    if (bin->first != NULL)
        bin->first->prev = unit;
    bin->first = unit;
}

static void leave(struct bin *bin, struct unit *unit)
{
    if (unit->prev != NULL)
        unit->prev->next = unit->next;
    else
        bin->first = unit->next;
    if (unit->next != NULL)
        unit->next->prev = unit->prev;
}

static void mark_run(struct unit *first, enum use use, unsigned length)
{
    first->use = (unsigned char)use;
    first->length = length;
    first[length - 1].use = (unsigned char)use;
    first[length - 1].length = length;
}

static void add_free_run(struct unit *first, unsigned length)
{
    mark_run(first, USE_FREE, length);
    join(&depot.bins[bin_of(length)], first);
}

static void remove_free_run(struct unit *first) { leave(&depot.bins[bin_of(first->length)], first); }

static bool is_last_unit(const struct unit *unit) { return unit == &arena_of(unit)->units[ARENA_UNITS - 1]; }

static bool add_arena(void)
{
    struct arena *arena = map_aligned(ARENA_SIZE, ARENA_SIZE);
    if (arena == NULL)
        return false;
    arena->generation = depot.generation;
    arena->free_units = ARENA_UNITS - HEADER_UNITS;
    arena->next = depot.arenas;
    if (depot.arenas != NULL)
        depot.arenas->prev = arena;
    depot.arenas = arena;
    depot.spare_arenas++;
    mark_run(arena->units, USE_ARENA, HEADER_UNITS);
    add_free_run(&arena->units[HEADER_UNITS], ARENA_UNITS - HEADER_UNITS);
    return true;
}

static void drop_arena(struct arena *arena)
{
    remove_free_run(&arena->units[HEADER_UNITS]);
    if (arena->prev != NULL)
        arena->prev->next = arena->next;
    else
        depot.arenas = arena->next;
    if (arena->next != NULL)
        arena->next->prev = arena->prev;
    unmap_pages(arena, ARENA_SIZE);
}

/* The first that is long enough, shortest bins first. */
static struct unit *find_run(unsigned length)
{
    for (unsigned bin = bin_of(length); bin < BINS; bin++)
        for (struct unit *run = depot.bins[bin].first; run != NULL; run = run->next)
            if (run->length >= length)
                return run;
    return NULL;
}

/* [ ------ free run ------ ] => [ taken | free rest ] */
static void split_run(struct unit *run, unsigned length, enum use use)
{
    unsigned whole = run->length;
    struct arena *arena = arena_of(run);
    remove_free_run(run);
    if (arena->free_units == ARENA_UNITS - HEADER_UNITS)
        depot.spare_arenas--;
    arena->free_units -= length;
    mark_run(run, use, length);
    if (whole > length)
        add_free_run(run + length, whole - length);
}

static struct unit *take_run(unsigned length, enum use use)
{
    struct unit *run = find_run(length);
    if (run == NULL && add_arena())
        run = find_run(length);
    if (run != NULL)
        split_run(run, length, use);
    return run;
}

/* [ free ][ this ][ free ] => [ ------ free ------ ] */
static void give_run(struct unit *first, unsigned length)
{
    struct arena *arena = arena_of(first);
    for (unsigned i = 0; i < length; i++)
        first[i].dirty = 1;
    arena->free_units += length;
    struct unit *after = first + length;
    if (!is_last_unit(after - 1) && after->use == USE_FREE) {
        remove_free_run(after);
        length += after->length;
    }
    struct unit *before = first - 1; /* the header at least */
    if (before->use == USE_FREE) {
        first -= before->length;
        remove_free_run(first);
        length += first->length;
    }
    add_free_run(first, length);
    if (arena->free_units == ARENA_UNITS - HEADER_UNITS && ++depot.spare_arenas > 1) {
        depot.spare_arenas--;
        drop_arena(arena);
    }
}

/* ---- medium blocks: a run each ---- */

static void *medium_allocate(word bytes)
{
    lock_take(&depot.lock);
    struct unit *run = take_run((unsigned)(bytes / UNIT), USE_RUN);
    lock_release(&depot.lock);
    return run == NULL ? NULL : memory_of(run);
}

static void medium_deallocate(void *block, word bytes)
{
    lock_take(&depot.lock);
    if (is_ours(block))
        give_run(unit_of(block), (unsigned)(bytes / UNIT));
    lock_release(&depot.lock);
}

/* [ run ][ --- free --- ] => [ --- run --- ][ free ] */
static bool grow_run(struct unit *run, unsigned length)
{
    unsigned more = length - run->length;
    struct unit *after = run + run->length;
    if (is_last_unit(after - 1) || after->use != USE_FREE || after->length < more)
        return false;
    split_run(after, more, USE_RUN);
    mark_run(run, USE_RUN, length);
    return true;
}

static bool medium_resize(void *block, word from, word to)
{
    bool done = false;
    struct unit *run = unit_of(block);
    unsigned had = (unsigned)(from / UNIT), wanted = (unsigned)(to / UNIT);
    lock_take(&depot.lock);
    if (is_ours(block) && wanted < had) {
        mark_run(run, USE_RUN, wanted);
        give_run(run + wanted, had - wanted);
        done = true;
    } else if (is_ours(block)) {
        done = grow_run(run, wanted);
    }
    lock_release(&depot.lock);
    return done;
}

static void clear_dirty_units(void *block, word size)
{
    struct unit *unit = unit_of(block);
    for (word at = 0; at < size; at += UNIT, unit++)
        if (unit->dirty)
            __builtin_memset((char *)block + at, 0, size - at < UNIT ? size - at : UNIT);
}

/* ---- large blocks: a mapping each ---- */

static void *take_kept(word bytes)
{
    struct mapping found = {0};
    lock_take(&mappings.lock);
    for (unsigned i = 0; i < KEPT_MAPPINGS && found.start == NULL; i++)
        if (mappings.kept[i].bytes >= bytes && mappings.kept[i].bytes - bytes <= bytes / 4) {
            found = mappings.kept[i];
            mappings.kept[i] = (struct mapping){0};
        }
    lock_release(&mappings.lock);
    if (found.start != NULL)
        unmap_pages((char *)found.start + bytes, found.bytes - bytes);
    return found.start;
}

static bool keep(void *block, word bytes)
{
    bool kept = false;
    lock_take(&mappings.lock);
    for (unsigned i = 0; i < KEPT_MAPPINGS && !kept && bytes <= KEEP_MAPPING; i++)
        if (mappings.kept[i].start == NULL) {
            mappings.kept[i] = (struct mapping){block, bytes};
            kept = true;
        }
    lock_release(&mappings.lock);
    return kept;
}

static void drop_kept(void)
{
    lock_take(&mappings.lock);
    for (unsigned i = 0; i < KEPT_MAPPINGS; i++) {
        unmap_pages(mappings.kept[i].start, mappings.kept[i].bytes);
        mappings.kept[i] = (struct mapping){0};
    }
    lock_release(&mappings.lock);
}

/* `*fresh`: straight from the system, so it reads zero. */
static void *large_allocate(word bytes, word align, bool *fresh)
{
    *fresh = false;
    void *block = align <= UNIT ? take_kept(bytes) : NULL;
    if (block != NULL)
        return block;
    *fresh = true;
    block = map_aligned(bytes, align);
    if (block == NULL) {
        drop_kept(); /* what is kept for later may be what is missing now */
        block = map_aligned(bytes, align);
    }
    return block;
}

static void large_deallocate(void *block, word bytes)
{
    if (!keep(block, bytes))
        unmap_pages(block, bytes);
}

static bool large_resize(void *block, word from, word to)
{
    if (to <= from) {
        unmap_pages((char *)block + to, from - to);
        return true;
    }
    if (mremap(block, from, to, 0) != block)
        return false;
    count_mapped(to - from);
    return true;
}

static void *large_move(void *block, word from, word to)
{
    void *moved = mremap(block, from, to, MREMAP_MAYMOVE);
    if (moved == MAP_FAILED)
        return NULL;
    count_mapped(to - from);
    return moved;
}

/* ---- small blocks: slots of slabs, through caches ---- */

static unsigned slab_units(unsigned class_index)
{
    word bytes = class_size(class_index) * SLAB_SLOTS;
    return (unsigned)(round_up(bytes > SLAB_BYTES ? bytes : SLAB_BYTES, UNIT) / UNIT);
}

static unsigned slab_capacity(unsigned class_index)
{
    return (unsigned)((word)slab_units(class_index) * UNIT / class_size(class_index));
}

static unsigned batch_of(unsigned class_index)
{
    word slots = BATCH_BYTES / class_size(class_index);
    return slots > 64 ? 64 : slots < 2 ? 2 : (unsigned)slots;
}

static bool add_slab(unsigned class_index)
{
    unsigned length = slab_units(class_index);
    struct unit *slab = take_run(length, USE_SLAB);
    if (slab == NULL)
        return false;
    for (unsigned i = 0; i < length; i++)
        slab[i].back = (unsigned short)i;
    slab->class_index = (unsigned char)class_index;
    slab->slots = NULL;
    slab->carved = 0;
    slab->free_slots = slab_capacity(class_index);
    join(&depot.partial[class_index], slab);
    return true;
}

/* A freed slot if there is one, else the next that was never used. */
static void *take_slot(struct unit *slab)
{
    void *slot = slab->slots;
    if (slot != NULL)
        slab->slots = *(void **)slot;
    else
        slot = (char *)memory_of(slab) + (size_t)slab->carved++ * class_size(slab->class_index);
    if (--slab->free_slots == 0)
        leave(&depot.partial[slab->class_index], slab);
    return slot;
}

static void give_slot(void *slot)
{
    struct unit *slab = unit_of(slot);
    slab -= slab->back;
    struct bin *partial = &depot.partial[slab->class_index];
    *(void **)slot = slab->slots;
    slab->slots = slot;
    if (slab->free_slots++ == 0)
        join(partial, slab);
    bool only_one = partial->first == slab && slab->next == NULL; /* kept, so that one block to and fro costs no slab */
    if (slab->free_slots == slab_capacity(slab->class_index) && !only_one) {
        leave(partial, slab);
        give_run(slab, slab->length);
    }
}

/* Fills an empty shelf with a batch. False when the system refuses and not one slot was found. */
static bool refill(struct shelf *shelf, unsigned class_index)
{
    lock_take(&depot.lock);
    for (unsigned wanted = batch_of(class_index); wanted > 0; wanted--) {
        if (depot.partial[class_index].first == NULL && (shelf->count > 0 || !add_slab(class_index)))
            break;
        void *slot = take_slot(depot.partial[class_index].first);
        *(void **)slot = shelf->slots;
        shelf->slots = slot;
        shelf->count++;
    }
    lock_release(&depot.lock);
    return shelf->count > 0;
}

/* Takes a batch off a full shelf. */
static void drain(struct shelf *shelf, unsigned count)
{
    lock_take(&depot.lock);
    for (; count > 0 && shelf->count > 0; count--) {
        void *slot = shelf->slots;
        shelf->slots = *(void **)slot;
        shelf->count--;
        if (is_ours(slot))
            give_slot(slot);
    }
    lock_release(&depot.lock);
}

static atomic_uint threads_seen;
static __thread unsigned own_cache __attribute__((tls_model("initial-exec"))); /* its number, from 1 */

static struct cache *cache_of_thread(void)
{
    if (own_cache == 0)
        own_cache = atomic_fetch_add_explicit(&threads_seen, 1, memory_order_relaxed) % CACHES + 1;
    return &caches[own_cache - 1];
}

static void *small_allocate(unsigned class_index)
{
    struct cache *cache = cache_of_thread();
    struct shelf *shelf = &cache->shelves[class_index];
    void *slot = NULL;
    lock_take(&cache->lock);
    if (LIKELY(shelf->count > 0) || refill(shelf, class_index)) {
        slot = shelf->slots;
        shelf->slots = *(void **)slot;
        shelf->count--;
    }
    lock_release(&cache->lock);
    return slot;
}

static void small_deallocate(void *slot, unsigned class_index)
{
    struct cache *cache = cache_of_thread();
    struct shelf *shelf = &cache->shelves[class_index];
    lock_take(&cache->lock);
    *(void **)slot = shelf->slots;
    shelf->slots = slot;
    if (!LIKELY(++shelf->count < 2 * batch_of(class_index)))
        drain(shelf, batch_of(class_index));
    lock_release(&cache->lock);
}

/* Every slot in every cache back to its slab, so that arenas may become free for other classes. */
static void drain_all(void)
{
    for (unsigned i = 0; i < CACHES; i++) {
        lock_take(&caches[i].lock);
        for (unsigned c = 0; c < SMALL_CLASSES; c++)
            drain(&caches[i].shelves[c], caches[i].shelves[c].count);
        lock_release(&caches[i].lock);
    }
}

/* ---- the six ---- */

static void *allocate_once(struct layout layout, word align, bool *fresh)
{
    *fresh = false;
    switch (layout.kind) {
    case SMALL: return small_allocate(layout.class_index);
    case MEDIUM: return medium_allocate(layout.bytes);
    case LARGE: return large_allocate(layout.bytes, align, fresh);
    default: return NULL;
    }
}

/* Before null is answered, what lies in caches is looked at. */
static void *allocate(struct layout layout, word align, bool *fresh)
{
    void *block = allocate_once(layout, align, fresh);
    if (LIKELY(block != NULL) || layout.kind == LARGE || layout.kind == REFUSED)
        return block;
    drain_all();
    drop_kept();
    return allocate_once(layout, align, fresh);
}

static void deallocate(void *block, struct layout layout)
{
    switch (layout.kind) {
    case SMALL: small_deallocate(block, layout.class_index); break;
    case MEDIUM: medium_deallocate(block, layout.bytes); break;
    default: large_deallocate(block, layout.bytes); break;
    }
}

static bool resize_in_place(void *block, struct layout from, struct layout to)
{
    if (from.kind != to.kind)
        return false;
    if (from.bytes == to.bytes)
        return true;
    switch (to.kind) {
    case MEDIUM: return medium_resize(block, from.bytes, to.bytes);
    case LARGE: return large_resize(block, from.bytes, to.bytes);
    default: return false;
    }
}

EXPORT void *__rust_allocate(size_t size, size_t align)
{
    bool fresh;
    enter();
    return allocate(layout_of(size, align), align, &fresh);
}

EXPORT void *__rust_allocate_zeroed(size_t size, size_t align)
{
    bool fresh;
    enter();
    struct layout layout = layout_of(size, align);
    void *block = allocate(layout, align, &fresh);
    if (block == NULL || fresh)
        return block;
    if (layout.kind == MEDIUM)
        clear_dirty_units(block, size);
    else
        __builtin_memset(block, 0, size);
    return block;
}

EXPORT void __rust_deallocate(void *block, size_t old_size, size_t align)
{
    enter();
    deallocate(block, layout_of(old_size, align));
}

static void *move_block(void *block, size_t old_size, struct layout from, size_t size, struct layout to, size_t align)
{
    bool fresh;
    void *moved = allocate(to, align, &fresh);
    if (moved == NULL)
        return NULL;
    __builtin_memcpy(moved, block, old_size < size ? old_size : size);
    deallocate(block, from);
    return moved;
}

EXPORT void *__rust_reallocate(void *block, size_t old_size, size_t size, size_t align)
{
    enter();
    struct layout from = layout_of(old_size, align), to = layout_of(size, align);
    if (resize_in_place(block, from, to))
        return block;
    if (from.kind == LARGE && to.kind == LARGE && align <= UNIT)
        return large_move(block, from.bytes, to.bytes);
    return move_block(block, old_size, from, size, to, align);
}

EXPORT size_t __rust_reallocate_inplace(void *block, size_t old_size, size_t size, size_t align)
{
    enter();
    struct layout from = layout_of(old_size, align), to = layout_of(size, align);
    return resize_in_place(block, from, to) ? to.bytes : from.bytes;
}

EXPORT size_t __rust_usable_size(size_t size, size_t align) { return layout_of(size, align).bytes; }

/* ---- for tests ---- */

EXPORT struct reference_alloc_stats reference_alloc_stats(void)
{
    return (struct reference_alloc_stats){.mapped = stats.mapped, .peak_mapped = stats.peak, .refused = stats.refused};
}

static bool is_in(const struct bin *bin, const struct unit *unit)
{
    for (const struct unit *at = bin->first; at != NULL; at = at->next)
        if (at == unit)
            return true;
    return false;
}

static bool slab_is_right(const struct unit *slab)
{
    unsigned freed = 0;
    for (void *slot = slab->slots; slot != NULL; slot = *(void **)slot, freed++)
        if (freed > slab->carved || unit_of(slot) - unit_of(slot)->back != slab)
            return false;
    return slab->free_slots == freed + slab_capacity(slab->class_index) - slab->carved &&
           (slab->free_slots > 0) == is_in(&depot.partial[slab->class_index], slab);
}

/* Runs follow one another without a gap, no two free ones are neighbours, each is where it belongs. */
static bool arena_is_right(struct arena *arena)
{
    unsigned free_units = 0;
    for (unsigned at = HEADER_UNITS; at < ARENA_UNITS; at += arena->units[at].length) {
        const struct unit *run = &arena->units[at];
        if (run->length == 0 || run->length > ARENA_UNITS - at)
            return false;
        if (run->use == USE_FREE && (run[-1].use == USE_FREE || run[run->length - 1].length != run->length ||
                                     !is_in(&depot.bins[bin_of(run->length)], run)))
            return false;
        if (run->use == USE_SLAB && !slab_is_right(run))
            return false;
        free_units += run->use == USE_FREE ? run->length : 0;
    }
    return free_units == arena->free_units;
}

static bool cache_is_right(const struct cache *cache)
{
    for (unsigned i = 0; i < SMALL_CLASSES; i++) {
        unsigned count = 0;
        for (void *slot = cache->shelves[i].slots; slot != NULL && count <= cache->shelves[i].count; slot = *(void **)slot)
            count++;
        if (count != cache->shelves[i].count)
            return false;
    }
    return true;
}

EXPORT bool reference_alloc_invariants_hold(void)
{
    bool right = true;
    lock_take(&depot.lock);
    for (struct arena *arena = depot.arenas; arena != NULL && right; arena = arena->next)
        right = arena_is_right(arena);
    lock_release(&depot.lock);
    for (unsigned i = 0; i < CACHES && right; i++)
        right = cache_is_right(&caches[i]);
    return right;
}
