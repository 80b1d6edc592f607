/* C's functions from several threads at once: each thread has its own blocks of every origin, and some change hands. */
#include "conformance/clauses/c/c.h"
#include "conformance/scenario/team.h"

enum { HELD = 24, HANDED = 64 };

struct market {
    struct block *_Atomic places[HANDED]; /* blocks that any thread may take */
};

static void make_or_end(struct member *member, struct block **held)
{
    struct run *run = member->run;
    enum c_function function = C_MAKERS[prng_below(&member->prng, C_MAKER_COUNT)];
    size_t align = (size_t)16 << prng_below(&member->prng, 6),
           size = member_size(member, prng_chance(&member->prng, 1, 20) ? 300000 : 1500);
    if (*held == NULL) {
        *held = c_make(run, function, align, function == C_ALIGNED_ALLOC ? (size / align + 1) * align : size).block;
        return;
    }
    switch (prng_below(&member->prng, 4)) {
    case 0: heap_c_resize(&run->heap, C_REALLOC, *held, 0, size); return;
    case 1: heap_c_resize(&run->heap, C_REALLOCARRAY, *held, 1 + size % 3, size); return;
    case 2:
        if (heap_c_free(&run->heap, C_FREE_SIZED, *held).asked)
            break;
        c_free(run, *held);
        break;
    default: c_free(run, *held);
    }
    *held = NULL;
}

static void be_one(struct member *member)
{
    struct market *market = member->context;
    struct run *run = member->run;
    struct block *held[HELD] = {NULL};
    size_t steps = run_rounds(run, 500, 3000);
    for (size_t step = 0; step < steps && run_goes_on(run); step++) {
        struct block **place = &held[prng_below(&member->prng, HELD)];
        if (step % 5 == 0)
            *place = atomic_exchange(&market->places[prng_below(&member->prng, HANDED)], *place);
        else
            make_or_end(member, place);
    }
    for (size_t i = 0; i < HELD && run_goes_on(run); i++)
        c_free(run, held[i]);
}

static void together(struct run *run)
{
    struct market *market = run_scratch(run, sizeof *market);
    for (int i = 0; i < team_size(run) && run_goes_on(run);
         i++) /* what goes wrong alone has nothing to do with threads */
        team_rehearse(run, be_one, market);
    heap_blame_crashes_on(&run->heap, "threads/concurrent");
    if (!run_goes_on(run) || !team_work(run, team_size(run), be_one, market))
        return;
    for (size_t i = 0; i < HANDED && run_goes_on(run); i++)
        c_free(run, market->places[i]);
}

static const struct scenario scenarios[] = {
    {.name = "c/threads",
     .about = "threads that make, resize and free blocks by every function, and hand them to each other",
     .clauses = "threads/concurrent threads/foreign-free block/disjoint block/undisturbed reallocate/contents "
                "c/free-keeps-errno",
     .tags = "quick",
     .needs = NEEDS_C,
     .relies_on = "threads",
     .run = together},
};

SCENARIOS_OF("malloc", c_threads, "c", C_ORDER + 9, scenarios);
