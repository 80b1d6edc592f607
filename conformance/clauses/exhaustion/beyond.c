/* Requests that no system can meet. */
#include <stdint.h>

#include "conformance/clauses/exhaustion/exhaustion.h"

/* A size larger than any address space, so that the system itself refuses it. On 32-bit machines that takes more than
 * isize::MAX. */
static size_t beyond(unsigned step)
{
    if (sizeof(size_t) == 8)
        return (size_t)(UINT64_C(1) << (57 + step)) - 4096 + step;
    return SIZE_MAX - 65536 * (step + 1);
}

static void beyond_the_address_space(struct run *run)
{
    size_t served = 0, refused = 0;
    for (size_t i = 0; i < 64; i++)
        served += exhaustion_is_served(run, 24 + i % 2 * 2000, 8);
    for (unsigned step = 0; step < 6 && run_goes_on(run); step++) {
        size_t size = beyond(step);
        struct block *block = heap_allocate(&run->heap, size, 8);
        struct block *zeroed = heap_allocate_zeroed(&run->heap, size, step % 2 ? 8 : run_align(run, 4096));
        refused += (block == NULL) + (zeroed == NULL && heap_has(&run->heap, OP_ALLOCATE_ZEROED));
        run_exercised(run, "exhaustion/null");
        if (served < 64)
            continue;
        run_exercised(run, "exhaustion/recovers");
        if (exhaustion_is_served(run, 24, 8))
            continue;
        run_violated(run, "exhaustion/recovers", "allocate, after a request that no system can meet got null",
                     "a block: 64 such requests were served before",
                     "null to all of %d requests (size 24, align %zu) after one of %zu", EXHAUSTION_TRIES,
                     heap_align(&run->heap, 8), size);
        return;
    }
    run_observe(run, "exhaustion/null", "%zu requests beyond the address space got null", refused);
}

static const struct scenario scenarios[] = {
    {.name = "exhaustion/beyond-the-address-space",
     .about = "sizes that no address space has, then small ones",
     .clauses = "exhaustion/null exhaustion/recovers",
     .run = beyond_the_address_space},
};

SCENARIOS(exhaustion_beyond, "exhaustion", EXHAUSTION_ORDER, scenarios);
