#include "conformance/clauses/states/states.h"

enum { HELD = 12 };

static size_t any_size(struct prng *prng)
{
    static const size_t most[] = {100, 1000, 9000, 70000, 400000};
    size_t limit = most[prng_chance(prng, 3, 4) ? prng_below(prng, 3) : prng_below(prng, 5)];
    return 1 + (size_t)prng_below(prng, limit);
}

static size_t old_size_of(struct run *run, struct prng *prng, const struct block *block)
{
    uint64_t random = prng_next(prng);
    return heap_old_size_at(&run->heap, block, (enum old_size_place)(random % 3), random / 3);
}

static struct block *make(struct run *run, struct prng *prng)
{
    size_t size = any_size(prng), align = heap_align(&run->heap, (size_t)1 << prng_below(prng, 8));
    return run_allocate(run, size, align, prng_chance(prng, 1, 4));
}

static void resize(struct run *run, struct prng *prng, struct block *block)
{
    size_t old_size = old_size_of(run, prng, block), size = any_size(prng);
    if (prng_chance(prng, 1, 2))
        heap_reallocate_inplace(&run->heap, block, old_size, size);
    else
        heap_reallocate(&run->heap, block, old_size, size);
}

void states_traffic(struct run *run, struct prng *prng, size_t steps)
{
    struct block *held[HELD] = {NULL};
    for (size_t i = 0; i < steps && run_goes_on(run); i++) {
        struct block **place = &held[prng_below(prng, HELD)];
        if (*place == NULL) {
            *place = make(run, prng);
        } else if (prng_chance(prng, 1, 3)) {
            resize(run, prng, *place);
        } else {
            heap_deallocate(&run->heap, *place, old_size_of(run, prng, *place));
            *place = NULL;
        }
    }
    for (size_t i = 0; i < HELD && !run->heap.tainted; i++)
        if (held[i] != NULL)
            heap_deallocate(&run->heap, held[i], held[i]->requested);
}
