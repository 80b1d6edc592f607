/* In fresh processes the n-th mapping call fails, or all from the n-th on: n is 1, 2, 3, and so on. */
#include "conformance/clauses/exhaustion/exhaustion.h"
#include "conformance/scenario/copy.h"
#include "harness/refusal/refuse.h"
#include "harness/trace/record.h"

struct sweep {
    uint64_t n;
    bool only;   /* only the n-th mapping call fails; false: it and all later ones fail */
    bool serves; /* without refusals, small requests were served */
};

static int with_refusal(struct run *run, void *context)
{
    const struct sweep *sweep = context;
    struct pool pool = pool_create(run, 1024);
    if (sweep->only)
        record_refuse_only(&run->heap, sweep->n);
    else
        record_refuse_from(&run->heap, sweep->n);
    exhaustion_little_of_everything(run, &pool, exhaustion_everything(run));
    exhaustion_give_back_half(run, &pool);
    uint64_t refused = exhaustion_lift(run);
    heap_verify_all(&run->heap);
    if (sweep->serves)
        exhaustion_must_serve(run, 24, 8, refused);
    exhaustion_little_of_everything(run, &pool, exhaustion_everything(run));
    pool_deallocate_all(run, &pool);
    return refused > 0;
}

/* Goes on with n = 1, 2, 3 and so on until no call is hit any more: then every mapping call of the workload has failed
 * once. */
static void sweep(struct run *run, bool only)
{
    if (refuse_prepare() == REFUSE_BY_NOTHING)
        return;
    struct sweep sweep = {.only = only, .serves = exhaustion_serves_unrefused(run)};
    size_t most = run_rounds(run, 10, 32);
    uint64_t step = 1;
    for (size_t i = 0; i < most && run_goes_on(run); i++) {
        sweep.n += step;
        if (!copy_run(run, with_refusal, &sweep))
            break;
        step += i >= most / 2; /* later on, some are left out */
    }
}

static void nth_fails(struct run *run) { sweep(run, true); }
static void all_from_nth_fail(struct run *run) { sweep(run, false); }

static const struct scenario scenarios[] = {
    {.name = "exhaustion/nth-fails",
     .about = "in fresh processes, the 1st, 2nd, 3rd ... mapping call of a small workload fails, and no other",
     .clauses = "exhaustion/null exhaustion/recovers reallocate/failure-intact",
     .tags = "quick",
     .run = nth_fails},
    {.name = "exhaustion/all-from-nth-fail",
     .about = "in fresh processes, the n-th mapping call and all later ones fail, until memory is granted again",
     .clauses = "exhaustion/null exhaustion/recovers reallocate/failure-intact",
     .run = all_from_nth_fail},
};

SCENARIOS(exhaustion_nth_call, "exhaustion", EXHAUSTION_ORDER, scenarios);
