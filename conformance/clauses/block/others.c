/* Other code in the process takes memory from the system, too: it maps memory between the calls and moves the program
 * break. The allocator may not hand out, change or give back any of that. */
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "conformance/clauses/block/block.h"
#include "harness/base/mapped.h"

enum { PIECES = 192, LIVE = 2048 };

#define DOING "others map memory and move the program break between the calls"

struct others {
    struct run *run;
    struct piece {
        unsigned char *address;
        size_t size;
        unsigned char fill;
        bool is_mapping; /* false: it comes from the program break, and is kept */
    } pieces[PIECES];
    size_t count;
};

static void keep(struct others *others, void *address, size_t size, bool is_mapping)
{
    struct piece *piece = &others->pieces[others->count++];
    *piece = (struct piece){address, size, (unsigned char)(0x51 + others->count), is_mapping};
    memset(address, piece->fill, size);
}

static void move_break(struct others *others)
{
    size_t size = (run_size(others->run, 32768) + 15) & ~(size_t)15; /* often less than a page */
    void *address = sbrk((intptr_t)size);
    if (address != (void *)-1)
        keep(others, address, size, false);
}

/* Maps memory right behind a block if there is room, and otherwise where the system chooses. */
static void map_behind(struct others *others, const struct block *block)
{
    size_t page = others->run->heap.page, size = page * (1 + (size_t)prng_below(&others->run->prng, 4));
    uintptr_t wish = block == NULL ? 0 : (block->address + block->extent + page - 1) & ~(uintptr_t)(page - 1);
    void *address = mmap((void *)wish, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (address != MAP_FAILED)
        keep(others, address, size, true);
}

static void take_some(struct others *others, const struct block *block)
{
    if (others->count == PIECES)
        return;
    if (prng_chance(&others->run->prng, 1, 2))
        move_break(others);
    else
        map_behind(others, block);
}

static void give_one_back(struct others *others)
{
    size_t index = (size_t)prng_below(&others->run->prng, PIECES);
    if (index >= others->count || !others->pieces[index].is_mapping)
        return;
    munmap(others->pieces[index].address, others->pieces[index].size);
    others->pieces[index] = others->pieces[--others->count];
}

/* True: the block overlaps no memory of others. */
static bool is_clear(struct others *others, const struct block *block)
{
    for (size_t i = 0; block != NULL && i < others->count; i++) {
        const struct piece *piece = &others->pieces[i];
        uintptr_t low = (uintptr_t)piece->address;
        if (block->address >= low + piece->size || low >= block->address + block->extent)
            continue;
        run_violated(others->run, "block/disjoint", DOING, "a block overlaps nothing that others have",
                     "%#zx (size %zu, usable %zu) overlaps %zu bytes at %p that others have by %s",
                     (size_t)block->address, (size_t)block->requested, (size_t)block->extent, piece->size,
                     (void *)piece->address, piece->is_mapping ? "mmap" : "sbrk");
        return false;
    }
    return true;
}

static bool are_as_they_were(struct others *others)
{
    for (size_t i = 0; i < others->count; i++) {
        const struct piece *piece = &others->pieces[i];
        bool is_there = is_mapped((uintptr_t)piece->address, piece->size, others->run->heap.page);
        size_t at = 0;
        while (is_there && at < piece->size && piece->address[at] == piece->fill)
            at++;
        if (at == piece->size)
            continue;
        run_violated(others->run, "block/undisturbed", DOING, "what others have stays as it is",
                     "%zu bytes at %p, had by %s, %s", piece->size, (void *)piece->address,
                     piece->is_mapping ? "mmap" : "sbrk",
                     is_there ? "hold what their owner never wrote" : "are no longer there");
        return false;
    }
    return true;
}

static bool one_step(struct others *others, struct pool *pool)
{
    struct run *run = others->run;
    struct block *block = NULL;
    size_t size = prng_chance(&run->prng, 1, 16) ? 700000 : prng_chance(&run->prng, 1, 3) ? 70000 : 3000;
    size = run_size(run, size);
    if (pool->count < LIVE && prng_chance(&run->prng, 3, 5)) {
        block = heap_allocate(&run->heap, size, run_align(run, 64));
        pool_add(pool, block);
    } else if (pool->count > 0 && prng_chance(&run->prng, 1, 3)) {
        block = pool_take_any(run, pool);
        heap_deallocate(&run->heap, block, run_old_size(run, block));
        block = NULL;
    } else if (pool->count > 0) {
        block = pool->blocks[prng_below(&run->prng, pool->count)];
        bool in_place = candidate_has(run->candidate, OP_REALLOCATE_INPLACE) && prng_chance(&run->prng, 1, 2);
        if (in_place)
            heap_reallocate_inplace(&run->heap, block, run_old_size(run, block), size);
        else if (candidate_has(run->candidate, OP_REALLOCATE))
            heap_reallocate(&run->heap, block, run_old_size(run, block), size);
    }
    if (run->heap.tainted || !is_clear(others, block))
        return false;
    if (block != NULL)
        run_exercised(run, "block/disjoint");
    if (prng_chance(&run->prng, 1, 24))
        take_some(others, block);
    return true;
}

static void among_others(struct run *run)
{
    struct others *others = run_scratch(run, sizeof *others);
    struct pool pool = pool_create(run, LIVE + 1);
    size_t steps = run_rounds(run, 600, 4000);
    others->run = run;
    for (size_t step = 0; step < steps && run_goes_on(run); step++) {
        if (!one_step(others, &pool))
            return;
        if (step % 48 == 0)
            give_one_back(others);
        if (step % 64 == 0 && !are_as_they_were(others))
            return;
    }
    pool_deallocate_all(run, &pool);
    are_as_they_were(others);
}

static const struct scenario scenarios[] = {
    {.name = "block/among-others",
     .about = "others map memory and move the program break between the calls",
     .clauses = "block/disjoint block/undisturbed",
     .run = among_others},
};

SCENARIOS(block_others, "block", BLOCK_ORDER, scenarios);
