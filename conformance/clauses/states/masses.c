/* Seventy thousand equal blocks of one class, and of another: counts of sixteen bits. At full speed, for they are many:
 * each block carries tags, and those of all are looked at. */
#include "conformance/clauses/states/states.h"
#include "conformance/scenario/tight.h"

enum { COUNT = 70100, LEAST = 700, MOST = 4096, SAMPLE = 3 };

static void fill(struct tight *tight, struct tight_block *blocks, size_t size)
{
    for (size_t i = 0; i < COUNT && !*tight->stopped && run_goes_on(tight->run); i++)
        if (blocks[i].address == NULL)
            blocks[i] = tight_allocate(tight, size, 8, false);
}

static void empty(struct tight *tight, struct tight_block *blocks, size_t first, size_t step)
{
    for (size_t i = first; i < COUNT && !*tight->stopped; i += step)
        tight_deallocate(tight, &blocks[i]);
}

/* The second time some of them are where others were. */
static void one_class(struct member *member, struct tight_block *blocks, size_t size)
{
    _Atomic bool stopped = false;
    struct tight tight =
        tight_start(member, "block/undisturbed",
                    "more equal blocks are live than sixteen bits count, some of them made anew", &stopped);
    uint64_t served = tight.served;
    fill(&tight, blocks, size);
    empty(&tight, blocks, 1, SAMPLE);
    fill(&tight, blocks, size);
    if (tight.served - served >= COUNT)
        run_exercised(member->run, "block/undisturbed");
    empty(&tight, blocks, 0, 1);
}

/* As many classes as there is time and memory for, in an order that the seed decides; the largest is among the first
 * two. */
static void many_classes(struct member *member)
{
    struct run *run = member->run;
    struct tight_block *blocks = run_scratch(run, COUNT * sizeof *blocks);
    size_t classes = run_rounds(run, 0, 2), largest = prng_below(&member->prng, 2);
    size_t second = run->effort == EFFORT_SOAK ? MOST - LEAST : LEAST;
    for (size_t class = 0; class < classes && run_goes_on(run) && run_has_room(run); class ++) {
        size_t size =
            class == largest ? MOST - prng_below(&member->prng, 400) : LEAST + prng_below(&member->prng, second);
        if (size <= run_memory(run) / COUNT)
            one_class(member, blocks, size);
    }
}

static void masses(struct run *run) { team_rehearse(run, many_classes, NULL); }

static const struct scenario scenarios[] = {
    {.name = "states/masses-equal",
     .about = "seventy thousand equal blocks, of classes up to 4 KiB",
     .clauses = "block/undisturbed",
     .run = masses},
};

SCENARIOS(state_masses, "states", 105, scenarios);
