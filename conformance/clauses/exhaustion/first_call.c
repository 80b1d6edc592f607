/* The first call of a process is refused memory, or asks for what cannot be had. */
#include <stdint.h>

#include "conformance/clauses/exhaustion/exhaustion.h"
#include "conformance/scenario/copy.h"
#include "harness/refusal/refuse.h"
#include "harness/trace/record.h"

struct first {
    uint64_t n;         /* the mapping call from which on all fail; 0: none fails */
    bool serves;        /* without refusals, small requests were served */
    size_t size, align; /* of the first request */
    bool zeroed;
};

static int first_call_refused(struct run *run, void *context)
{
    const struct first *first = context;
    struct pool pool = pool_create(run, 512);
    if (first->n != 0)
        record_refuse_from(&run->heap, first->n);
    exhaustion_keep(&pool, run_allocate(run, first->size, first->align, first->zeroed));
    exhaustion_keep(&pool, heap_allocate(&run->heap, 24, 8));
    uint64_t refused = exhaustion_lift(run);
    if (first->serves)
        exhaustion_must_serve(run, 24, 8, refused);
    exhaustion_little_of_everything(run, &pool, 40000);
    pool_deallocate_all(run, &pool);
    return 0;
}

static void first_call(struct run *run)
{
    static const struct first firsts[] = {
        {.size = 24, .align = 8},
        {.size = 1, .align = 1},
        {.size = 3000, .align = 8},
        {.size = 100000, .align = 8},
        {.size = 5000000, .align = 8},
        {.size = 24, .align = 4096},
        {.size = SIZE_MAX - 70000, .align = 8},
        {.size = (size_t)PTRDIFF_MAX + 1, .align = 4096},
        {.size = SIZE_MAX - 4095, .align = 4096},
    };
    if (refuse_prepare() == REFUSE_BY_NOTHING)
        return;
    bool serves = exhaustion_serves_unrefused(run);
    for (size_t i = 0; i < 4 * sizeof firsts / sizeof *firsts && run_goes_on(run); i++) {
        struct first first = firsts[i / 4];
        if (first.align > run->heap.max_align)
            continue;
        first.n = i % 2;
        first.zeroed = i % 4 > 1;
        if (first.zeroed && !heap_has(&run->heap, OP_ALLOCATE_ZEROED))
            continue;
        first.serves = serves;
        copy_run(run, first_call_refused, &first);
    }
}

static const struct scenario scenarios[] = {
    {.name = "exhaustion/first-call",
     .about = "the first call of a process: refused, huge, zeroed, over-aligned",
     .clauses = "exhaustion/null exhaustion/recovers",
     .run = first_call},
};

SCENARIOS(exhaustion_first_call, "exhaustion", EXHAUSTION_ORDER, scenarios);
