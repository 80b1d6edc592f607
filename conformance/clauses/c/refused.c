/* C's functions while the system refuses memory: null, errno that says why, and what lives stays as it is. */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "conformance/clauses/c/c.h"
#include "conformance/scenario/copy.h"
#include "harness/refusal/refuse.h"
#include "harness/trace/record.h"

/* Every function that makes a block, and those that resize one. */
static void everything(struct run *run, struct pool *pool, size_t top)
{
    static const size_t sizes[] = {24, 700, 5000, 40000, 150000, 1200000};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes && sizes[s] <= top; s++)
        for (size_t f = 0; f < C_MAKER_COUNT && run_goes_on(run) && pool->count + 1 < pool->capacity; f++) {
            if (sizes[s] > 1000000 && f % 3 != pool->count % 3)
                continue; /* filling them takes its time */
            size_t align = (size_t)32 << 3 * (f % 3),
                   size = C_MAKERS[f] == C_ALIGNED_ALLOC ? (sizes[s] / align + 1) * align : sizes[s];
            struct block *block = c_make(run, C_MAKERS[f], align, size).block;
            if (block != NULL && f % 2 == 0)
                heap_c_resize(&run->heap, f % 4 == 0 ? C_REALLOC : C_REALLOCARRAY, block, f % 4 == 0 ? 0 : 3, size * 2);
            pool_add(pool, block);
        }
}

static void free_all(struct run *run, struct pool *pool)
{
    while (pool->count > 0 && run_goes_on(run))
        c_free(run, pool_take_any(run, pool));
}

struct refusal {
    uint64_t n;
    bool only;
};

static int with_refusal(struct run *run, void *context)
{
    const struct refusal *refusal = context;
    struct pool pool = pool_create(run, 256);
    (refusal->only ? record_refuse_only : record_refuse_from)(&run->heap, refusal->n);
    everything(run, &pool, SIZE_MAX);
    bool hit = run->heap.refused_in_calls > 0;
    free_all(run, &pool);
    record_refuse_from(&run->heap, 0);
    everything(run, &pool, 40000);
    free_all(run, &pool);
    return hit;
}

/* n = 1, 2, 3 ... until nothing is hit any more. */
static void nth_refused(struct run *run)
{
    if (refuse_prepare() == REFUSE_BY_NOTHING)
        return;
    size_t most = run_rounds(run, 4, 12);
    copy_run(run, with_refusal,
             &(struct refusal){0, true}); /* what goes wrong without a refusal is none's fault but the call's */
    for (int only = 0; only < 2; only++)
        for (uint64_t n = 1, i = 0; i < most && run_goes_on(run); i++, n += 1 + (i > 6) * i / 3)
            if (!copy_run(run, with_refusal, &(struct refusal){n, only == 1}))
                break;
}

static int within_limit(struct run *run, void *unused)
{
    (void)unused;
    struct pool pool = pool_create(run, 4096);
    if (!refuse_limit_address_space(UINT64_C(24) << 20))
        return 0;
    for (int round = 0; round < 30 && run_goes_on(run); round++)
        everything(run, &pool, SIZE_MAX);
    free_all(run, &pool);
    everything(run, &pool, 40000);
    free_all(run, &pool);
    return 1;
}

static void limited(struct run *run)
{
    copy_run(run, with_refusal, &(struct refusal){0, true});
    if (run_goes_on(run))
        copy_run(run, within_limit, NULL);
}

/* ---- giving back fails ---- */

enum { MOST_MAPPINGS = 1 << 20 };

/* Mappings that the process may have; 0: not known, or too many to be used up. */
static size_t most_mappings(void)
{
    unsigned long most = 0;
    FILE *file = fopen("/proc/sys/vm/max_map_count", "re");
    if (file != NULL && fscanf(file, "%lu", &most) != 1)
        most = 0;
    if (file != NULL)
        fclose(file);
    return most <= MOST_MAPPINGS ? most : 0;
}

/* One page in two is made read-only: each is a mapping of its own, until the system allows no further one. */
static bool use_up_mappings(size_t most, size_t page)
{
    char *memory = mmap(NULL, 2 * most * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return false;
    for (size_t i = 0; i < most; i++)
        if (mprotect(memory + 2 * i * page, page, PROT_READ) != 0)
            return true;
    return false;
}

/* To unmap a part out of the middle of a mapping takes one mapping more, which the system refuses: free has nothing to
 * say of it. */
static int without_mappings(struct run *run, void *context)
{
    size_t most = *(size_t *)context;
    struct pool pool = pool_create(run, 256);
    for (size_t i = 0; i < 60 && run_goes_on(run); i++)
        pool_add(&pool, heap_c_allocate(&run->heap, C_MALLOC, 0, (size_t)(64 + i * 29 % 1500) << 10).block);
    if (!use_up_mappings(most, run->heap.page))
        return 0;
    for (size_t i = pool.count; i > 0 && run_goes_on(run); i -= i > 1 ? 2 : 1) /* not neighbours */
        c_free(run, pool_take(&pool, i - 1));
    free_all(run, &pool);
    return 1;
}

static void unmapping_fails(struct run *run)
{
    size_t most = most_mappings();
    if (most != 0)
        copy_run(run, without_mappings, &most);
}

#define REFUSED \
    "c/errno-on-failure c/errno-of-old-functions c/free-keeps-errno exhaustion/null reallocate/failure-intact "

static const struct scenario scenarios[] = {
    {.name = "c/nth-mapping-refused",
     .about = "every function while the n-th mapping call is refused, or it and all after it",
     .clauses = REFUSED "c/posix-memalign-code c/posix-memalign-out",
     .tags = "quick",
     .needs = NEEDS_C,
     .relies_on = "seccomp",
     .run = nth_refused},
    {.name = "c/address-space-limited",
     .about = "every function until an address space of 24 MB is used up",
     .clauses = REFUSED,
     .needs = NEEDS_C,
     .relies_on = "rlimit-as",
     .run = limited},
    {.name = "c/unmapping-refused",
     .about = "free of large blocks where the process can have no mapping more, so that unmapping a part fails",
     .clauses = "c/free-keeps-errno",
     .needs = NEEDS_C,
     .run = unmapping_fails},
};

SCENARIOS_OF("malloc", c_refused, "c", C_ORDER + 8, scenarios);
