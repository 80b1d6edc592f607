/* Hygiene: what nobody promised and everybody expects of an allocator. */
#include <stdio.h>

#include "conformance/contract.h"
#include "conformance/scenario/process.h"
#include "conformance/scenario/run.h"

static const struct clause clauses[] = {
    {.id = "hygiene/no-exec",
     .level = LEVEL_SHOULD,
     .strength = "quality",
     .statement = "No block lies in executable memory.",
     .source = "not promised anywhere; every system loader and allocator of the last twenty years does so",
     .why = "a buffer overflow becomes code that runs",
     .broken_by = "PROT_EXEC in the mapping call; blocks in the text segment or an executable stack"},
    {.id = "hygiene/leaks",
     .level = LEVEL_SHOULD,
     .strength = "quality",
     .statement = "Over a steady state neither open descriptors nor mapped address space grow.",
     .source = "not promised anywhere; a bump allocator conforms without it",
     .why = "a program that runs for long meets its limit of descriptors, or the system's of mappings",
     .broken_by = "unmapping less than was mapped; a descriptor opened for each chunk; guard pages left behind"},
};

/* ---- no-exec ---- */

struct search {
    struct run *run;
    bool found;
};

static bool see_executable(const struct mapping *mapping, void *context)
{
    struct search *search = context;
    struct run *run = search->run;
    if (!mapping->executable)
        return true;
    struct block *block = block_at_or_below(&run->heap.blocks, mapping->end - 1);
    if (block == NULL || block->address + block->extent <= mapping->first)
        return true;
    run_violated(run, "hygiene/no-exec", "live blocks of many sizes, looked up among the mappings",
                 "no block in executable memory",
                 "block at %#zx (size %zu, align %zu) lies in an executable mapping, %#zx to %#zx",
                 (size_t)block->address, block->requested, block_align(block), (size_t)mapping->first,
                 (size_t)mapping->end);
    search->found = true;
    return false;
}

/* Looks the mappings up after every block, so that the last call shown is the one that brought the executable one. */
static bool keeps_out(struct run *run, struct pool *pool, struct block *block)
{
    struct search search = {.run = run};
    if (!pool_add(pool, block))
        return true;
    if (!process_mappings(see_executable, &search))
        return false;
    run_exercised(run, "hygiene/no-exec");
    return !search.found && run_goes_on(run);
}

static void no_exec(struct run *run)
{
    struct pool pool = pool_create(run, 1024);
    for (size_t size = 1; size < 5000000; size += size / 4 + 1)
        if (!keeps_out(run, &pool, heap_allocate(&run->heap, size, 8)) ||
            !keeps_out(run, &pool, run_allocate(run, size, run_align(run, 4096), true)))
            break;
    pool_deallocate_all(run, &pool);
}

/* ---- leaks ---- */

struct space {
    uint64_t bytes, mappings;
};

static bool add_up(const struct mapping *mapping, void *context)
{
    struct space *space = context;
    space->bytes += mapping->end - mapping->first;
    space->mappings++;
    return true;
}

/* Allocates large blocks, resizes some and frees all, the same ones each time. Returns how many there were. */
static size_t come_and_go(struct run *run, struct pool *pool)
{
    static const size_t sizes[] = {70000, 130000, 270000, 530000, 1100000};
    size_t count = 0;
    for (size_t i = 0; i < 20 && run_goes_on(run); i++) {
        struct block *block = heap_allocate(&run->heap, sizes[i % 5] + i, i % 4 == 3 ? run_align(run, 65536) : 8);
        if (!pool_add(pool, block))
            continue;
        count++;
        if (i % 3 == 0)
            heap_reallocate(&run->heap, block, block->requested, block->requested * (i % 2 ? 2 : 1) / (i % 2 ? 1 : 2));
    }
    pool_deallocate_all(run, pool);
    return count;
}

enum { PARTS = 4, LONGER = 16 };

struct growth {
    struct space at[PARTS + 1];
    size_t descriptors, descriptors_later;
    size_t blocks; /* the blocks that came and went, in all parts */
    bool known;
};

static struct growth measure(struct run *run, struct pool *pool, size_t rounds)
{
    struct growth growth = {.descriptors = process_descriptors(), .known = true};
    for (int part = 0; part <= PARTS && growth.known; part++) {
        growth.known = process_mappings(add_up, &growth.at[part]);
        for (size_t round = 0; part < PARTS && round < rounds && run_goes_on(run); round++)
            growth.blocks += come_and_go(run, pool);
    }
    growth.descriptors_later = process_descriptors();
    growth.known = growth.known && growth.blocks != 0 && run_goes_on(run);
    return growth;
}

/* Does the space grow in each of four parts, by a page or a mapping for every other block at least? Nothing but a leak
 * grows like that. */
static bool space_grows(const struct run *run, const struct growth *growth)
{
    size_t some = growth->blocks / PARTS / 2;
    bool pages = true, mappings = true;
    for (int part = 0; part < PARTS; part++) {
        pages = pages && growth->at[part + 1].bytes >= growth->at[part].bytes + some * run->heap.page;
        mappings = mappings && growth->at[part + 1].mappings >= growth->at[part].mappings + some;
    }
    return growth->known && (pages || mappings);
}

static bool descriptors_grow(const struct growth *growth)
{
    return growth->known && growth->descriptors_later >= growth->descriptors + 4;
}

/* Space that grows may be on its way to a bound, because an allocator may keep freed memory for a while on purpose: it
 * is given more rounds to reach the bound. Nobody keeps descriptors in this way, and a process that leaks them soon
 * meets the limit. */
static void leaks(struct run *run)
{
    static const char doing[] = "large blocks come and go, the same ones again and again";
    struct pool pool = pool_create(run, 64);
    size_t first = run_rounds(run, 1, 3);
    for (size_t round = 0; round < 2 * first && run_goes_on(run); round++)
        come_and_go(run, &pool);
    struct growth growth = measure(run, &pool, first);
    if (descriptors_grow(&growth))
        run_violated(run, "hygiene/leaks", doing, "as many open descriptors as before",
                     "%zu, and there were %zu before", growth.descriptors_later, growth.descriptors);
    if (space_grows(run, &growth))
        run->budget_ns *= 8; /* an allocator for which pages are expensive needs more time as well */
    for (size_t rounds = 4 * first; rounds <= LONGER * first && space_grows(run, &growth); rounds *= 4)
        growth = measure(run, &pool, rounds);
    if (!growth.known)
        return;
    run_exercised(run, "hygiene/leaks");
    const struct space *before = &growth.at[0], *after = &growth.at[PARTS];
    if (space_grows(run, &growth))
        run_violated(
            run, "hygiene/leaks", doing, "as much address space as before",
            "%llu bytes in %llu mappings before; after %zu more blocks were allocated and freed, %llu bytes in %llu",
            (unsigned long long)before->bytes, (unsigned long long)before->mappings, growth.blocks,
            (unsigned long long)after->bytes, (unsigned long long)after->mappings);
}

static const struct scenario scenarios[] = {
    {.name = "hygiene/no-exec",
     .about = "blocks of many sizes, looked up among the process's mappings",
     .clauses = "hygiene/no-exec",
     .tags = "quality",
     .run = no_exec},
    {.name = "hygiene/leaks",
     .about = "large blocks come and go while descriptors and mappings are counted",
     .clauses = "hygiene/leaks",
     .tags = "quality",
     .run = leaks},
};

CLAUSE_GROUP(hygiene, "hygiene", 110, clauses, scenarios);
