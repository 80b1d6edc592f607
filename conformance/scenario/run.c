#include "conformance/scenario/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "harness/base/clock.h"

const char *effort_name(enum effort effort)
{
    static const char *const names[] = {"quick", "standard", "soak"};
    return names[effort];
}

bool run_goes_on(struct run *run)
{
    if (run->heap.tainted)
        return false;
    if (clock_now_ns() - run->started_ns < run->budget_ns)
        return true;
    run->flight->cut_short = true;
    return false;
}

size_t run_rounds(const struct run *run, size_t quick, size_t standard)
{
    return run->effort == EFFORT_QUICK ? quick : run->effort == EFFORT_STANDARD ? standard : 2 * standard;
}

void *run_scratch(struct run *run, size_t size)
{
    void *memory = arena_take(&run->scratch, size);
    if (memory == NULL) {
        fputs("assay: a scenario has outgrown its scratch memory\n", stderr);
        _Exit(3); /* outside any call: the supervisor reads it as the harness's failure */
    }
    return memory;
}

size_t run_memory(const struct run *run)
{
    uint64_t part = run->flight->memory_limit / 8;
    return part < SIZE_MAX / 8 ? (size_t)part : SIZE_MAX / 8;
}

long run_peak_kib(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_maxrss : 0;
}

bool run_has_room(const struct run *run) { return (uint64_t)run_peak_kib() << 10 < run->flight->memory_limit / 2; }

bool run_fills_blocks(struct run *run)
{
    const size_t size = (size_t)128 << 20; /* the oracle touches a quarter of it at most */
    long before = run_peak_kib();
    struct block *block = heap_allocate(&run->heap, size, 1);
    if (block != NULL)
        heap_deallocate(&run->heap, block, block->requested);
    return run_peak_kib() - before > (long)(size / 1024 / 2);
}

struct pool pool_create(struct run *run, size_t capacity)
{
    return (struct pool){.blocks = run_scratch(run, capacity * sizeof(struct block *)), .capacity = capacity};
}

bool pool_add(struct pool *pool, struct block *block)
{
    if (block == NULL)
        return false;
    pool->blocks[pool->count++] = block;
    return true;
}

struct block *pool_take(struct pool *pool, size_t index)
{
    struct block *taken = pool->blocks[index];
    pool->blocks[index] = pool->blocks[--pool->count];
    return taken;
}

struct block *pool_take_any(struct run *run, struct pool *pool)
{
    return pool_take(pool, (size_t)prng_below(&run->prng, pool->count));
}

void pool_deallocate_all(struct run *run, struct pool *pool)
{
    while (pool->count > 0 && !run->heap.tainted) {
        struct block *block = pool_take(pool, pool->count - 1);
        heap_deallocate(&run->heap, block, run_old_size(run, block));
    }
}

size_t run_old_size(struct run *run, const struct block *block)
{
    uint64_t random = prng_next(&run->prng);
    return heap_old_size_at(&run->heap, block, (enum old_size_place)(random % 3), random / 3);
}

size_t run_size(struct run *run, size_t most)
{
    int bits = 64 - __builtin_clzll((unsigned long long)most);
    uint64_t power = UINT64_C(1) << prng_below(&run->prng, (uint64_t)bits);
    uint64_t size =
        prng_chance(&run->prng, 1, 4) ? power + prng_below(&run->prng, 3) - 1 : power + prng_below(&run->prng, power);
    return size == 0 ? 1 : size > most ? most : (size_t)size;
}

size_t run_align(struct run *run, size_t most)
{
    size_t limit = most < run->heap.max_align ? most : run->heap.max_align;
    unsigned bits = (unsigned)__builtin_ctzll((unsigned long long)limit) + 1;
    uint64_t a = prng_below(&run->prng, bits), b = prng_below(&run->prng, bits);
    return (size_t)1 << (a < b ? a : b);
}

struct block *run_allocate(struct run *run, size_t size, size_t align, bool zeroed)
{
    return zeroed && heap_has(&run->heap, OP_ALLOCATE_ZEROED) ? heap_allocate_zeroed(&run->heap, size, align)
                                                              : heap_allocate(&run->heap, size, align);
}

void run_exercised(struct run *run, const char *clause_id)
{
    flight_exercised(run->flight, run->heap.clause_index(clause_id));
}

void run_violated(struct run *run, const char *clause_id, const char *message, const char *expected,
                  const char *actual_format, ...)
{
    char actual[512];
    va_list arguments;
    va_start(arguments, actual_format);
    vsnprintf(actual, sizeof actual, actual_format, arguments);
    va_end(arguments);
    flight_violated(run->flight, run->heap.clause_index(clause_id), message, expected, actual);
}

void run_observe(struct run *run, const char *clause_id, const char *format, ...)
{
    char text[96];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    flight_observe(run->flight, run->heap.clause_index(clause_id), "%s", text);
}
