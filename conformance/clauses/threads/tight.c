/* Threads at full speed: they show what a lock of the harness between two calls would hide. */
#include "conformance/scenario/jolt.h"
#include "conformance/clauses/threads/threads.h"
#include "conformance/scenario/tight.h"
#include "harness/refusal/refuse.h"

enum { HELD = 24, EXCHANGES = 16 };

/* A place where a block waits for any thread that comes by. */
struct exchange {
    pthread_mutex_t lock;
    struct tight_block block;
};

struct shared {
    struct exchange exchanges[EXCHANGES];
    bool changes_hands;
    const char *clause, *doing;
    _Atomic bool stopped;
};

static size_t any_size(struct member *member)
{
    static const size_t classes[] = {8, 16, 32, 64, 100, 200, 1000};
    if (prng_chance(&member->prng, 1, 400))
        return 150000 + (size_t)prng_below(&member->prng, 400000);
    if (prng_chance(&member->prng, 1, 16))
        return 1 + (size_t)prng_below(&member->prng, 20000);
    return classes[prng_below(&member->prng, sizeof classes / sizeof *classes)];
}

/* A size of one order of magnitude for each turn, so that what one thread gives up fits what another wants: within size
 * classes, of pages, of mappings. */
static size_t size_near(struct member *member, size_t turn)
{
    static const size_t magnitudes[] = {200, 3000, 40000, 12000, 1000, 100000};
    size_t magnitude = magnitudes[turn % (sizeof magnitudes / sizeof *magnitudes)];
    return magnitude / 4 + (size_t)prng_below(&member->prng, magnitude);
}

static void swap(struct exchange *exchange, struct tight_block *block)
{
    struct tight_block taken = {NULL};
    pthread_mutex_lock(&exchange->lock);
    taken = exchange->block;
    exchange->block = *block;
    pthread_mutex_unlock(&exchange->lock);
    *block = taken;
}

typedef void burst_step(struct member *member, struct tight *tight, struct tight_block *block, size_t round);

/* Makes rounds of `steps` steps, each on one of `count` places for a block. All threads begin a round at the same
 * moment. */
static void bursts(struct member *member, burst_step *step, struct tight_block *held, size_t count, size_t steps)
{
    struct shared *shared = member->context;
    struct tight tight = tight_start(member, shared->clause, shared->doing, &shared->stopped);
    size_t rounds = run_rounds(member->run, 30, 120) / (member->count == 1 ? 4 : 1);
    struct tight_pace started = tight_pace();
    for (size_t round = 0; round < rounds && tight_in_time(member->run, round, &started); round++) {
        team_collide(member);
        for (size_t i = 0; i < steps && !shared->stopped && (i % 16 != 0 || run_goes_on(member->run)); i++)
            step(member, &tight, &held[prng_below(&member->prng, count)], round);
        if (!shared->changes_hands || tight.freed > 0)
            team_exercised(member, shared->clause);
        team_exercised(member, "threads/progress");
    }
    for (size_t i = 0; i < count; i++)
        tight_deallocate(&tight, &held[i]);
}

/* ---- every operation ---- */

static void step_any(struct member *member, struct tight *tight, struct tight_block *block, size_t round)
{
    static const size_t aligns[] = {1024, 32, 4096, 128, 2048, 16, 512, 64};
    struct shared *shared = member->context;
    uint64_t chance = prng_below(&member->prng, 16);
    size_t size = round % 2 ? size_near(member, round / 2) : any_size(member);
    size_t align = round % 4 == 2 ? aligns[round / 4 % 8]
                   : chance == 0  ? 256
                                  : 8; /* sometimes all requests have one alignment */
    align = align < member->run->heap.max_align ? align : member->run->heap.max_align;
    size = align >= 1024 ? 1 + size % (2 * align) : size;
    if (block->address == NULL)
        *block = tight_allocate(tight, size, align, chance % 4 == 1);
    else if (chance < 2 && candidate_has(tight->candidate, OP_REALLOCATE))
        tight_reallocate(tight, block, size);
    else if (chance < 8 && shared->changes_hands)
        swap(&shared->exchanges[prng_below(&member->prng, EXCHANGES)], block);
    else
        tight_deallocate(tight, block);
}

static void work(struct member *member)
{
    struct shared *shared = member->context;
    struct tight tight = tight_start(member, shared->clause, shared->doing, &shared->stopped);
    struct tight_block held[HELD] = {{NULL}};
    bursts(member, step_any, held, HELD, 256);
    team_meet(member);
    for (size_t i = (size_t)member->number; shared->changes_hands && i < EXCHANGES + (size_t)member->number; i++) {
        struct tight_block left = {NULL};
        swap(&shared->exchanges[i % EXCHANGES], &left);
        tight_deallocate(&tight, &left);
    }
}

static void run_tight(struct run *run, bool changes_hands, const char *clause, const char *doing)
{
    struct shared *shared = run_scratch(run, sizeof *shared);
    shared->changes_hands = changes_hands;
    shared->clause = clause;
    shared->doing = doing;
    for (size_t i = 0; i < EXCHANGES; i++)
        pthread_mutex_init(&shared->exchanges[i].lock, NULL);
    threads_work(run, clause, work, shared);
}

static void each_its_own(struct run *run)
{
    run_tight(run, false, "threads/concurrent", "threads allocate, resize and free at full speed, each its own blocks");
}

static void exchange_blocks(struct run *run)
{
    run_tight(run, true, "threads/foreign-free",
              "threads allocate, resize and free at full speed, and exchange their blocks");
}

/* ---- in place: one thread grows into memory that another takes at the same moment ---- */

static void step_in_place(struct member *member, struct tight *tight, struct tight_block *block, size_t round)
{
    uint64_t chance = prng_below(&member->prng, 8);
    size_t size = size_near(member, round / 4);
    if (block->address == NULL)
        *block = tight_allocate(tight, size, 8, false);
    else if (chance < 5)
        tight_reallocate_inplace(tight, block, chance < 3 ? block->size + size / 2 : size);
    else
        tight_deallocate(tight, block);
}

static void work_in_place(struct member *member)
{
    struct tight_block held[HELD] = {{NULL}};
    bursts(member, step_in_place, held, HELD, 192);
}

static void in_place(struct run *run)
{
    struct shared *shared = run_scratch(run, sizeof *shared);
    shared->clause = "threads/concurrent";
    shared->doing = "threads resize in place at full speed while others allocate and free beside them";
    threads_work(run, shared->clause, work_in_place, shared);
}

/* ---- large blocks: mappings that are kept for the next request ---- */

enum { HELD_LARGE = 4 };

/* Sizes that are nearly equal for some rounds, so that what one thread gives back serves another. */
static size_t large_size(struct member *member, size_t round)
{
    static const size_t magnitudes[] = {1200000, 2500000, 150000, 1200000, 4500000, 600000};
    size_t magnitude = magnitudes[round / 4 % (sizeof magnitudes / sizeof *magnitudes)];
    return magnitude + (size_t)prng_below(&member->prng, magnitude / 16);
}

static void step_large(struct member *member, struct tight *tight, struct tight_block *block, size_t round)
{
    if (block->address == NULL)
        *block = tight_allocate(tight, large_size(member, round), 8, false);
    else
        tight_deallocate(tight, block);
}

static void work_large(struct member *member)
{
    struct tight_block held[HELD_LARGE] = {{NULL}};
    bursts(member, step_large, held, HELD_LARGE, 48);
}

static void large(struct run *run)
{
    struct shared *shared = run_scratch(run, sizeof *shared);
    shared->clause = "threads/concurrent";
    shared->doing = "threads allocate and free large blocks at full speed";
    threads_work(run, shared->clause, work_large, shared);
}

/* ---- short of memory: one thread gives up what it kept for later, or tries again, while the others go on ---- */

struct shortage {
    struct shared shared; /* must be first: bursts takes it for the context */
    size_t round;         /* of the member that decides when the system refuses */
};

static size_t size_when_short(struct member *member)
{
    uint64_t chance = prng_below(&member->prng, 16);
    return chance < 8    ? (size_t)16 << prng_below(&member->prng, 9)
           : chance < 11 ? 9000 + (size_t)prng_below(&member->prng, 100000)
                         : 1100000 + (size_t)prng_below(&member->prng, 2000000);
}

/* In two rounds of three the system refuses memory; the first member switches this. */
static void step_short(struct member *member, struct tight *tight, struct tight_block *block, size_t round)
{
    struct shortage *shortage = member->context;
    if (member->number == 1 && shortage->round != round + 1) {
        shortage->round = round + 1;
        refuse_from(round % 3 == 0 ? 0 : 1 + round % 2);
    }
    if (block->address == NULL)
        *block = tight_allocate(tight, size_when_short(member), 8, false);
    else if (prng_chance(&member->prng, 1, 4) && candidate_has(tight->candidate, OP_REALLOCATE))
        tight_reallocate(tight, block, size_when_short(member));
    else
        tight_deallocate(tight, block);
}

static void work_short(struct member *member)
{
    struct tight_block held[HELD] = {{NULL}};
    bursts(member, step_short, held, HELD, 64);
    team_meet(member);
    if (member->number == 1)
        refuse_from(0);
}

static void short_of_memory(struct run *run)
{
    struct shortage *shortage = run_scratch(run, sizeof *shortage);
    if (refuse_prepare() == REFUSE_BY_NOTHING)
        return;
    shortage->shared.clause = "threads/concurrent";
    shortage->shared.doing =
        "threads allocate, resize and free at full speed while the system refuses memory now and then";
    run->heap.refusing =
        true; /* a call may begin before the switch and crash after it, so all calls count as refused */
    threads_work(run, shortage->shared.clause, work_short, shortage);
    run->heap.refusing = false;
}

static const struct scenario scenarios[] = {
    {.name = "threads/tight",
     .about = "at full speed, without a lock of the harness's own between the calls",
     .clauses = "threads/concurrent threads/progress",
     .run = each_its_own},
    {.name = "threads/tight-exchange",
     .about = "the same, and blocks change hands",
     .clauses = "threads/foreign-free threads/progress",
     .run = exchange_blocks},
    {.name = "threads/tight-in-place",
     .about = "resized in place at full speed, while others take and leave the memory beside",
     .clauses = "threads/concurrent threads/progress",
     .needs = NEEDS_IN_PLACE,
     .run = in_place},
    {.name = "threads/tight-large",
     .about = "large blocks of nearly one size at full speed: what one gives back serves another",
     .clauses = "threads/concurrent threads/progress",
     .run = large},
    {.name = "threads/tight-short",
     .about = "at full speed while the system refuses memory now and then",
     .clauses = "threads/concurrent threads/progress exhaustion/null",
     .run = short_of_memory},
};

THREADS_SCENARIOS(threads_tight, scenarios);
