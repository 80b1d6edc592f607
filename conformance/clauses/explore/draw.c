/* What the exploring scenarios learn of a candidate, and how they draw from it. */
#include "conformance/clauses/explore/explore.h"

#include <stdio.h>

#include "harness/base/mapped.h"

/* The most bytes that a scenario may touch, because a correct allocator may never use memory twice. */
static const uint64_t MOST_VOLUME = UINT64_C(800) << 20;

/* ---- learning ---- */

static void add_edge(struct explorer *x, size_t edge)
{
    if (x->edge_count < EDGES_MOST && (x->edge_count == 0 || x->edges[x->edge_count - 1] < edge))
        x->edges[x->edge_count++] = edge;
}

/* usable_size tells where classes end: for small sizes every end, for larger ones an end in each step of an eighth. */
static bool edges_by_asking(struct explorer *x)
{
    const size_t top = (size_t)8 << 20;
    bool rounds = false;
    if (!x->heap->has_pure_usable)
        return false;
    for (size_t size = 1; size < top && !x->heap->tainted;) {
        size_t usable = heap_usable_size(x->heap, size, 1);
        usable = usable < size ? size : usable;
        rounds |= usable > size;
        add_edge(x, usable);
        size = usable < 1024 ? usable + 1 : usable + usable / 8;
        if (!rounds && size > 256)
            return false; /* the identity: it says nothing */
    }
    return rounds;
}

static size_t distance(const struct block *a, const struct block *b)
{
    if (a == NULL || b == NULL)
        return SIZE_MAX;
    return a->address > b->address ? a->address - b->address : b->address - a->address;
}

/* The least distance between four blocks of that size allocated one after another; SIZE_MAX if there are none. */
static size_t spacing(struct explorer *x, size_t size)
{
    struct block *blocks[4];
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < 4; i++)
        blocks[i] = explore_allocate(x, size, 1);
    for (size_t i = 0; i < 3; i++)
        if (distance(blocks[i], blocks[i + 1]) < least)
            least = distance(blocks[i], blocks[i + 1]);
    for (size_t i = 4; i-- > 0;)
        explore_free(x, blocks[i]);
    return least;
}

/* usable_size does not tell where classes end: an edge is assumed where blocks begin to lie further apart. */
static void edges_by_distance(struct explorer *x)
{
    size_t before = spacing(x, 8);
    x->edge_count = 0;
    for (size_t size = 16; size <= 1024 && explore_goes_on(x); size += 8) {
        size_t now = spacing(x, size);
        if (now > before)
            add_edge(x, size - 8);
        before = now;
    }
    for (size_t size = 1024; size <= (size_t)4 << 20; size *= 2) { /* and where the classes of allocators usually end */
        add_edge(x, size - 16);
        add_edge(x, size);
        add_edge(x, size + size / 4);
        add_edge(x, size + size / 2);
    }
}

/* Every small size, then two for each power of two up to 64 MiB. */
static size_t size_asked(size_t place)
{
    size_t large = place - ASKED;
    return place < ASKED ? place : ((size_t)8192 << large / 2) + (large % 2 == 0 ? 1 : (size_t)3333 << large / 2);
}

static void ask_first(struct explorer *x)
{
    x->asked = run_scratch(x->run, (ASKED + ASKED_LARGE) * sizeof *x->asked);
    for (size_t place = 1; place < ASKED + ASKED_LARGE; place++)
        x->asked[place] = heap_ask_usable_size(x->heap, size_asked(place), 8);
}

void explore_ask_again(struct explorer *x)
{
    for (size_t place = 1; x->asked != NULL && place < ASKED + ASKED_LARGE && !x->heap->tainted; place++) {
        size_t size = size_asked(place), answer = heap_ask_usable_size(x->heap, size, 8);
        run_exercised(x->run, "usable-size/pure");
        if (answer == x->asked[place])
            continue;
        char message[64], expected[64];
        snprintf(message, sizeof message, "usable_size(size %zu, align %zu)", size, heap_align(x->heap, 8));
        snprintf(expected, sizeof expected, "%zu, as at the start", x->asked[place]);
        run_violated(x->run, "usable-size/pure", message, expected, "%zu", answer);
    }
}

struct explorer explore_begin(struct run *run)
{
    struct explorer x = {.run = run,
                         .heap = &run->heap,
                         .grain = 16,
                         .last = 64,
                         .in_place = candidate_has(run->candidate, OP_REALLOCATE_INPLACE)};
    if (run->heap.has_pure_usable)
        ask_first(&x);
    size_t smallest = spacing(&x, 1);
    x.grain = smallest < 16 ? 16 : smallest < run->heap.page ? smallest : run->heap.page;
    if (!edges_by_asking(&x))
        edges_by_distance(&x);
    return x;
}

/* Is memory of that size given back to the system when the block is freed? */
static bool goes_back(struct explorer *x, size_t size)
{
    struct block *block = explore_allocate(x, size, 1);
    if (block == NULL)
        return false;
    uintptr_t middle = (block->address + size / 2) & ~(uintptr_t)(x->heap->page - 1);
    explore_free(x, block);
    return !is_mapped(middle, 1, x->heap->page);
}

static void learn_growth(struct explorer *x, size_t size)
{
    struct block *block = explore_allocate(x, size, 1);
    for (size_t parts = 32; block != NULL && parts > 0 && explore_goes_on(x); parts /= 2)
        if (explore_in_place(x, block, block->requested + block->requested / parts + 1) && block->requested > x->grown)
            x->grown = block->requested;
    explore_free(x, block);
}

void explore_learn_large(struct explorer *x)
{
    for (size_t size = 16 << 10; size <= (size_t)4 << 20 && x->mapped == 0 && explore_goes_on(x); size += size / 2)
        if (goes_back(x, size))
            x->mapped = size;
    for (size_t size = 4 << 10; x->in_place && size <= (size_t)2 << 20 && explore_goes_on(x); size *= 8)
        learn_growth(x, size);
}

bool explore_goes_on(struct explorer *x) { return x->volume < MOST_VOLUME && run_goes_on(x->run); }

/* ---- drawing ---- */

size_t explore_between(struct explorer *x, size_t low, size_t high)
{
    return low + (size_t)prng_below(&x->run->prng, (uint64_t)(high - low) + 1);
}

bool explore_chance(struct explorer *x, unsigned parts, unsigned whole)
{
    return prng_chance(&x->run->prng, parts, whole);
}

static size_t clamp(size_t size, size_t most) { return size == 0 ? 1 : size > most ? most : size; }

static size_t edges_up_to(const struct explorer *x, size_t most)
{
    size_t low = 0, high = x->edge_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (x->edges[middle] <= most)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t explore_edge(struct explorer *x, size_t most)
{
    size_t count = edges_up_to(x, most);
    if (count == 0)
        return clamp(explore_between(x, 1, most), most);
    size_t edge = x->edges[explore_between(x, 0, count - 1)];
    return clamp(edge + explore_between(x, 0, 2) - 1, most);
}

/* A number near `centre`, at most `reach` away from it. */
static size_t around(struct explorer *x, size_t centre, size_t reach)
{
    size_t size = centre + explore_between(x, 0, 2 * reach);
    return size > reach ? size - reach : 1;
}

static size_t whole_units(struct explorer *x, size_t unit, size_t most)
{
    size_t units = most / unit < 1 ? 1 : most / unit;
    return unit * (size_t)run_size(x->run, units);
}

size_t explore_size(struct explorer *x, size_t most)
{
    size_t size;
    switch (explore_between(x, 0, 15)) {
    case 0:
    case 1:
    case 2:
    case 3: size = explore_edge(x, most); break;
    case 4:
    case 5: size = around(x, x->last, 16); break;
    case 6:
        size = whole_units(x, x->heap->page, most);
        size -= explore_between(x, 0, 64);
        break;
    case 7: size = around(x, whole_units(x, x->heap->page, most), 64); break;
    case 8: size = whole_units(x, (size_t)16 << explore_between(x, 0, 8), most); break;
    case 9: size = x->mapped == 0 ? explore_edge(x, most) : around(x, x->mapped, x->mapped / 3); break;
    case 10: size = explore_between(x, 1, 64); break;
    default: size = run_size(x->run, most); break;
    }
    return x->last = clamp(size, most);
}

size_t explore_target(struct explorer *x, const struct block *block, size_t most)
{
    size_t now = block->requested, size;
    switch (explore_between(x, 0, 11)) {
    case 0: size = now + explore_between(x, 1, 40); break;
    case 1: size = now - explore_between(x, 0, now < 40 ? now - 1 : 40); break;
    case 2: size = explore_between(x, 1, now); break;
    case 3: size = block->extent + explore_between(x, 0, 1); break;
    case 4: size = now + now / 2 + 1; break;
    case 5: size = now * 2 + explore_between(x, 0, 2) - 1; break;
    case 6: size = now / 2 + explore_between(x, 0, 1); break;
    case 7: size = around(x, now, x->heap->page); break;
    case 8: size = x->grown == 0 ? now * 3 : around(x, x->grown, x->grown / 2); break;
    default: size = explore_size(x, most); break;
    }
    return clamp(size, most);
}

size_t explore_align(struct explorer *x, size_t most)
{
    static const unsigned char usual[] = {1, 8, 8, 16, 16, 1, 2, 4};
    size_t align = usual[explore_between(x, 0, 7)];
    if (explore_chance(x, 1, 4))
        align = run_align(x->run, most);
    return align > most ? most : align;
}

/* ---- the operations ---- */

static struct block *count(struct explorer *x, struct block *block)
{
    if (block != NULL)
        x->volume += block->extent > x->grain ? block->extent : x->grain;
    return block;
}

struct block *explore_allocate(struct explorer *x, size_t size, size_t align)
{
    return count(x, heap_allocate(x->heap, size, align));
}

struct block *explore_allocate_zeroed(struct explorer *x, size_t size, size_t align)
{
    return count(x, run_allocate(x->run, size, align, true));
}

struct block *explore_either(struct explorer *x, size_t size, size_t align)
{
    return explore_chance(x, 1, 4) ? explore_allocate_zeroed(x, size, align) : explore_allocate(x, size, align);
}

bool explore_reallocate(struct explorer *x, struct block *block, size_t size)
{
    uintptr_t before = block->address;
    bool resized = heap_reallocate(x->heap, block, run_old_size(x->run, block), size);
    if (resized && block->address != before)
        count(x, block);
    return resized;
}

bool explore_in_place(struct explorer *x, struct block *block, size_t size)
{
    return x->in_place && heap_reallocate_inplace(x->heap, block, run_old_size(x->run, block), size);
}

void explore_resize(struct explorer *x, struct block *block, size_t size)
{
    bool resized = explore_chance(x, 1, 2) && explore_in_place(x, block, size);
    if (!resized && explore_chance(x, 3, 4))
        explore_reallocate(x, block, size);
    if (!x->heap->tainted && explore_chance(x, 1, 8))
        heap_verify_neighbours(x->heap, block);
}

void explore_free(struct explorer *x, struct block *block)
{
    if (block != NULL && !x->heap->tainted)
        heap_deallocate(x->heap, block, run_old_size(x->run, block));
}

/* ---- whole pools ---- */

void explore_free_some(struct explorer *x, struct pool *pool, size_t first, size_t step, size_t run)
{
    size_t kept = 0;
    for (size_t i = 0; i < pool->count; i++)
        if (i >= first && (i - first) % step < run)
            explore_free(x, pool->blocks[i]);
        else
            pool->blocks[kept++] = pool->blocks[i];
    pool->count = kept;
}

enum explore_order explore_order(struct explorer *x) { return (enum explore_order)explore_between(x, 0, ORDERS - 1); }

void explore_free_all(struct explorer *x, struct pool *pool, enum explore_order order)
{
    if (order == ORDER_EVERY_OTHER || order == ORDER_EVERY_THIRD)
        explore_free_some(x, pool, 0, order == ORDER_EVERY_OTHER ? 2 : 3, 1);
    if (order != ORDER_ANY && order != ORDER_NEWEST)
        explore_free_some(x, pool, 0, 1, 1);
    while (pool->count > 0 && !x->heap->tainted)
        explore_free(x, order == ORDER_ANY ? pool_take_any(x->run, pool) : pool_take(pool, pool->count - 1));
    pool->count = 0;
}

/* Shell's sort: pools have up to some thousand blocks, and are often nearly in order. */
void explore_sort(struct pool *pool)
{
    for (size_t gap = pool->count / 2; gap > 0; gap = gap == 2 ? 1 : gap * 5 / 11)
        for (size_t i = gap; i < pool->count; i++) {
            struct block *block = pool->blocks[i];
            size_t at = i;
            for (; at >= gap && pool->blocks[at - gap]->address > block->address; at -= gap)
                pool->blocks[at] = pool->blocks[at - gap];
            pool->blocks[at] = block;
        }
}
