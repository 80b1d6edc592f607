/* reference_alloc/bench/traces.c: four workloads for an allocator. Each is timed, and the peak of its memory is
 * measured.
 *
 * Usage: traces LIBRARY|- TRACE. LIBRARY is loaded and used through the six functions. With -, the process's own
 * malloc, realloc and free are used, which a preloaded library may define. Prints "operations-per-second peak-KiB".
 * Each measurement is one process, so that the peak (VmHWM) belongs to one trace. Every allocator gets the same trace:
 * the sizes come from a generator with a fixed seed. The program writes to each block where a user would write.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct {
    void *(*allocate)(size_t, size_t);
    void (*deallocate)(void *, size_t, size_t);
    void *(*reallocate)(void *, size_t, size_t, size_t);
} heap;

enum { ALIGN = 8 };

static void *malloc_allocate(size_t size, size_t align)
{
    (void)align;
    return malloc(size);
}

static void malloc_deallocate(void *block, size_t size, size_t align)
{
    (void)size, (void)align;
    free(block);
}

static void *malloc_reallocate(void *block, size_t old_size, size_t size, size_t align)
{
    (void)old_size, (void)align;
    return realloc(block, size);
}

static void heap_open(const char *path)
{
    heap.allocate = malloc_allocate, heap.deallocate = malloc_deallocate, heap.reallocate = malloc_reallocate;
    if (strcmp(path, "-") == 0)
        return;
    void *library = dlopen(path, RTLD_NOW);
    if (library != NULL) {
        heap.allocate = (void *(*)(size_t, size_t))dlsym(library, "__rust_allocate");
        heap.deallocate = (void (*)(void *, size_t, size_t))dlsym(library, "__rust_deallocate");
        heap.reallocate = (void *(*)(void *, size_t, size_t, size_t))dlsym(library, "__rust_reallocate");
    }
    if (library == NULL || heap.allocate == NULL || heap.deallocate == NULL || heap.reallocate == NULL) {
        fprintf(stderr, "traces: %s: not an allocator with the six functions: %s\n", path, dlerror());
        exit(2);
    }
}

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13, *state ^= *state >> 7, *state ^= *state << 17;
    return *state;
}

static void must(const void *block)
{
    if (block == NULL) {
        fprintf(stderr, "traces: the allocator ran out of memory\n");
        exit(1);
    }
}

/* Writes to the block like a user who fills it. One byte per cache line is enough to load it. */
static void use(unsigned char *block, size_t from, size_t to, size_t stride)
{
    for (size_t i = from; i < to; i += stride)
        block[i] = (unsigned char)i;
}

struct block {
    unsigned char *memory;
    size_t size;
};

/* Small sizes like those of programs: mostly below 128 bytes, some up to 1 KiB, few up to 8 KiB. */
static size_t small_size(uint64_t *state)
{
    uint64_t draw = next_random(state);
    unsigned part = draw % 100;
    return 1 + (draw >> 32) % (part < 80 ? 128 : part < 98 ? 1024 : 8192);
}

/* Keeps 50,000 small blocks alive and replaces them at random. */
static uint64_t trace_churn(void)
{
    enum { LIVE = 50000, STEPS = 6000000 };
    static struct block live[LIVE];
    uint64_t state = 42;
    for (unsigned step = 0; step < STEPS; step++) {
        struct block *block = &live[next_random(&state) % LIVE];
        if (block->memory != NULL)
            heap.deallocate(block->memory, block->size, ALIGN);
        block->size = small_size(&state);
        block->memory = heap.allocate(block->size, ALIGN);
        must(block->memory);
        use(block->memory, 0, block->size, 64);
    }
    return 2 * (uint64_t)STEPS;
}

/* Fills 64 vectors in turn. Each doubles its size when it is full, up to 2 MiB, and then starts again. */
static uint64_t trace_growth(void)
{
    enum { VECTORS = 64, STEPS = 400000 };
    static struct block vectors[VECTORS];
    uint64_t state = 42;
    for (unsigned step = 0; step < STEPS; step++) {
        struct block *vector = &vectors[next_random(&state) % VECTORS];
        if (vector->memory == NULL || vector->size > ((size_t)1 << 10 << next_random(&state) % 12)) {
            if (vector->memory != NULL)
                heap.deallocate(vector->memory, vector->size, ALIGN);
            *vector = (struct block){heap.allocate(32, ALIGN), 32};
            must(vector->memory);
        }
        size_t size = vector->size * 2;
        vector->memory = heap.reallocate(vector->memory, vector->size, size, ALIGN);
        must(vector->memory);
        use(vector->memory, vector->size, size, 64);
        vector->size = size;
    }
    return STEPS;
}

/* Keeps 24 blocks of 64 KiB to 4 MiB, uses every page of them, and replaces them at random. */
static uint64_t trace_large(void)
{
    enum { LIVE = 24, STEPS = 40000 };
    static struct block live[LIVE];
    uint64_t state = 42;
    for (unsigned step = 0; step < STEPS; step++) {
        struct block *block = &live[next_random(&state) % LIVE];
        if (block->memory != NULL)
            heap.deallocate(block->memory, block->size, ALIGN);
        block->size = ((size_t)64 << 10 << next_random(&state) % 6) + next_random(&state) % (64 << 10);
        block->memory = heap.allocate(block->size, ALIGN);
        must(block->memory);
        use(block->memory, 0, block->size, 4096);
    }
    return 2 * (uint64_t)STEPS;
}

enum { RING = 4096, WINDOW = 32768, HANDED = 4000000 };

static struct {
    struct block blocks[RING];
    _Alignas(128) unsigned made;
    _Alignas(128) unsigned taken;
} ring;

static void *consume(void *nothing)
{
    static struct block window[WINDOW];
    for (unsigned i = 0; i < HANDED; i++) {
        while (__atomic_load_n(&ring.made, __ATOMIC_ACQUIRE) == i)
            sched_yield();
        if (window[i % WINDOW].memory != NULL)
            heap.deallocate(window[i % WINDOW].memory, window[i % WINDOW].size, ALIGN);
        window[i % WINDOW] = ring.blocks[i % RING];
        __atomic_store_n(&ring.taken, i + 1, __ATOMIC_RELEASE);
    }
    return nothing;
}

/* One thread allocates. The other keeps the last 32,768 blocks and frees the older ones. */
static uint64_t trace_handover(void)
{
    pthread_t consumer;
    uint64_t state = 42;
    if (pthread_create(&consumer, NULL, consume, NULL) != 0)
        exit(1);
    for (unsigned i = 0; i < HANDED; i++) {
        while (i - __atomic_load_n(&ring.taken, __ATOMIC_ACQUIRE) == RING)
            sched_yield();
        struct block block = {.size = small_size(&state)};
        block.memory = heap.allocate(block.size, ALIGN);
        must(block.memory);
        use(block.memory, 0, block.size, 64);
        ring.blocks[i % RING] = block;
        __atomic_store_n(&ring.made, i + 1, __ATOMIC_RELEASE);
    }
    pthread_join(consumer, NULL);
    return 2 * (uint64_t)HANDED;
}

static const struct {
    const char *name;
    uint64_t (*run)(void);
} traces[] = {
    {"churn", trace_churn},
    {"growth", trace_growth},
    {"large", trace_large},
    {"handover", trace_handover},
};

static long peak_kib(void)
{
    char line[128];
    long peak = -1;
    FILE *status = fopen("/proc/self/status", "r");
    while (status != NULL && fgets(line, sizeof line, status) != NULL)
        sscanf(line, "VmHWM: %ld", &peak);
    return peak;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 3 && i < sizeof traces / sizeof *traces; i++) {
        if (strcmp(argv[2], traces[i].name) != 0)
            continue;
        heap_open(argv[1]);
        double start = seconds();
        uint64_t operations = traces[i].run();
        double rate = (double)operations / (seconds() - start);
        printf("%.0f %ld\n", rate, peak_kib());
        return 0;
    }
    fprintf(stderr, "usage: traces LIBRARY|- churn|growth|large|handover\n");
    return 2;
}
