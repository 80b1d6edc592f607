/* Threads: all six operations from many of them at once, on blocks of their own and of each other. */
#include "conformance/clauses/threads/threads.h"

#include <fnmatch.h>
#include <stdio.h>

#include "conformance/contract.h"
#include "conformance/scenario/copy.h"
#include "conformance/scenario/jolt.h"

static const struct clause clauses[] = {
    {.id = "threads/concurrent",
     .level = LEVEL_MUST,
     .strength = "required-by-std",
     .statement = "All six operations, called from many threads at once, keep every clause that they keep for one.",
     .source = "[A19]: std's threads share one allocator; heap.rs 1.19 asks for no lock around it",
     .why = "every program with a second thread has its heap corrupted, some of the time",
     .broken_by = "a lock that is missing on one path; a count that is not atomic; a cache found by a thread's number "
                  "that is used anew"},
    {.id = "threads/foreign-free",
     .level = LEVEL_MUST,
     .strength = "required-by-std",
     .statement =
         "A block may be freed or resized by a thread that did not allocate it, also after that thread has ended.",
     .source = "[A19]: Box, Vec and Arc are Send, so their memory is freed wherever they end",
     .why = "sending a value to another thread and dropping it there is what channels are for",
     .broken_by = "freeing into the owner's cache without a lock; a cache, or its owner's record, that does not "
                  "outlive its thread"},
    {.id = "threads/progress",
     .level = LEVEL_MUST,
     .strength = "derived",
     .statement = "Under contention every call returns: no deadlock, no livelock.",
     .source = "[A1] [A19]: a call answers, from every thread; deadlocks of the time [B17]",
     .why = "the program stands still",
     .broken_by = "locks taken in two orders; a lock kept on a rare path; a wake-up lost; a list spliced into a ring "
                  "by two threads"},
    {.id = "threads/fork",
     .level = LEVEL_SHOULD,
     .strength = "quality",
     .statement = "The child of a process with many threads can allocate and free.",
     .source = "POSIX promises less (only async-signal-safe calls) [POSIX-fork]; every general allocator promises "
               "this much",
     .why = "a child that prepares for exec, or does not exec at all, hangs in its first allocation",
     .broken_by =
         "a lock that another thread held at the fork; a thread that the child does not have and that is waited for",
     .relies_on = "wipe-on-fork"},
};

/* ---- one thread first, then all ---- */

static bool tells_of_a_race(const char *id)
{
    static const char *const globs[] = {
        "block/disjoint",          "block/undisturbed",         "block/accessible",
        "usable-size/slack-owned", "usable-size/pure",          "zeroing/allocate-zeroed",
        "reallocate/*contents",    "reallocate/failure-intact", "in-place/*"};
    for (size_t i = 0; i < sizeof globs / sizeof *globs; i++)
        if (fnmatch(globs[i], id, 0) == 0)
            return true;
    return false;
}

bool threads_blame(struct run *run, const char *clause, uint32_t findings)
{
    struct flight *flight = run->flight;
    uint32_t count = flight->finding_count;
    for (uint32_t i = findings; i < count && i < FLIGHT_FINDINGS; i++) {
        const struct flight_finding *seen = &flight->findings[i];
        const char *id = contract_clause((size_t)seen->clause)->id;
        char message[sizeof seen->message];
        if (!tells_of_a_race(id))
            continue;
        snprintf(message, sizeof message, "%s (%s), which one thread doing the same did not break", seen->message, id);
        flight_violated(flight, contract_clause_index(clause), message, "what holds for one thread holds for many",
                        seen->actual);
        if (flight->finding_count > count)
            flight->findings[count].among_threads_plus_1 = seen->clause + 1;
        break;
    }
    return flight->finding_count == findings && !run->heap.tainted;
}

bool threads_work_by(struct run *run, int count, const char *clause, void (*work)(struct member *member), void *context)
{
    uint32_t findings = run->flight->finding_count;
    team_rehearse(run, work, context);
    if (run->flight->finding_count != findings || !run_goes_on(run))
        return false;
    heap_blame_crashes_on(&run->heap, clause);
    heap_blame_hangs_on(&run->heap, "threads/progress");
    team_work(run, count, work, context);
    return threads_blame(run, clause, findings);
}

bool threads_work(struct run *run, const char *clause, void (*work)(struct member *member), void *context)
{
    return threads_work_by(run, team_size(run), clause, work, context);
}

/* For a rehearsal less is enough. */
static size_t rounds_of(const struct member *member, size_t quick, size_t standard)
{
    size_t rounds = run_rounds(member->run, quick, standard);
    return member->count == 1 ? rounds / 4 + 1 : rounds;
}

static void went_well(struct member *member, const char *clause)
{
    team_exercised(member, clause);
    team_exercised(member, "threads/progress");
}

/* ---- each with blocks of its own ---- */

enum { OWN = 96 };

static void resize(struct member *member, struct block *block)
{
    struct run *run = member->run;
    size_t size = prng_chance(&member->prng, 1, 40) ? 200000 : member_size(member, 12000);
    if (candidate_has(run->candidate, OP_REALLOCATE_INPLACE) && prng_chance(&member->prng, 1, 2))
        heap_reallocate_inplace(&run->heap, block, member_old_size(member, block), size);
    else if (candidate_has(run->candidate, OP_REALLOCATE))
        heap_reallocate(&run->heap, block, member_old_size(member, block), size);
}

static struct block *allocate_any(struct member *member, size_t most)
{
    struct run *run = member->run;
    size_t size = member_size(member, most), align = (size_t)1 << prng_below(&member->prng, 8);
    align = align > run->heap.max_align ? 1 : align;
    return run_allocate(run, size, align, prng_chance(&member->prng, 1, 3));
}

static void churn_one(struct member *member, struct block **place)
{
    struct run *run = member->run;
    if (*place == NULL) {
        *place = allocate_any(member, prng_chance(&member->prng, 1, 50) ? 300000 : 8000);
    } else if (prng_chance(&member->prng, 1, 3)) {
        resize(member, *place);
    } else {
        heap_deallocate(&run->heap, *place, member_old_size(member, *place));
        *place = NULL;
    }
}

/* Returns how many there were. */
static size_t free_all(struct member *member, struct block **blocks, size_t count)
{
    size_t freed = 0;
    for (size_t i = 0; i < count; i++) {
        if (blocks[i] != NULL) {
            heap_deallocate(&member->run->heap, blocks[i], member_old_size(member, blocks[i]));
            freed++;
        }
        blocks[i] = NULL;
    }
    return freed;
}

static void churn(struct member *member)
{
    struct block *blocks[OWN] = {NULL};
    size_t rounds = rounds_of(member, 12, 60);
    for (size_t round = 0; round < rounds && run_goes_on(member->run); round++) {
        team_meet(member);
        for (size_t i = 0; i < OWN; i++)
            churn_one(member, &blocks[prng_below(&member->prng, OWN)]);
        went_well(member, "threads/concurrent");
    }
    free_all(member, blocks, OWN);
}

static void each_its_own(struct run *run) { threads_work(run, "threads/concurrent", churn, NULL); }

/* ---- all at once ---- */

enum { AT_ONCE = 24 };

struct table {
    struct block *blocks[TEAM_MOST + 1][AT_ONCE];
};

static void fill_row(struct member *member, struct block **row, size_t size, bool zeroed)
{
    for (size_t i = 0; i < (size > 20000 ? AT_ONCE / 6 : AT_ONCE); i++)
        row[i] = run_allocate(member->run, size, 8, zeroed);
}

/* Rounds of one class: all allocate it, all look at their blocks, all free, each its own or its neighbour's. */
static void collide(struct member *member)
{
    static const size_t sizes[] = {8, 16, 48, 100, 300, 1000, 4000, 9000, 33000, 70000, 300000};
    struct table *table = member->context;
    size_t rounds = rounds_of(member, 22, 99), self = (size_t)member->number % (size_t)member->count;
    for (size_t round = 0; round < rounds; round++) {
        size_t size = sizes[round % (sizeof sizes / sizeof *sizes)],
               whose = round / 3 % 2 ? (self + 1) % (size_t)member->count : self;
        bool goes_on = run_goes_on(member->run);
        team_collide(member);
        if (goes_on)
            fill_row(member, table->blocks[self], size, round % 3 == 1);
        for (size_t i = 0; goes_on && i < AT_ONCE; i++)
            if (table->blocks[self][i] != NULL)
                heap_verify(&member->run->heap, table->blocks[self][i]);
        team_collide(member);
        size_t freed = free_all(member, table->blocks[whose], AT_ONCE);
        if (goes_on && whose == self)
            went_well(member, "threads/concurrent");
        else if (goes_on && freed > 0)
            went_well(member, "threads/foreign-free");
        team_meet(member); /* nobody fills a row that somebody still empties */
    }
}

static void all_at_once(struct run *run)
{
    struct table *table = run_scratch(run, sizeof *table);
    threads_work(run, "threads/concurrent", collide, table);
}

/* ---- from hand to hand ---- */

enum { MAILBOX = 48 };

struct mailbox {
    pthread_mutex_t lock;
    struct block *blocks[MAILBOX];
    size_t count;
};

static bool post(struct mailbox *mailbox, struct block *block)
{
    pthread_mutex_lock(&mailbox->lock);
    bool has_room = mailbox->count < MAILBOX;
    if (has_room)
        mailbox->blocks[mailbox->count++] = block;
    pthread_mutex_unlock(&mailbox->lock);
    return has_room;
}

static struct block *fetch(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    struct block *block = mailbox->count == 0 ? NULL : mailbox->blocks[--mailbox->count];
    pthread_mutex_unlock(&mailbox->lock);
    return block;
}

/* What another thread allocated: looked at, resized, passed on or freed. */
static void deal_with(struct member *member, struct mailbox *next, struct block *block)
{
    heap_verify(&member->run->heap, block);
    if (prng_chance(&member->prng, 1, 2))
        resize(member, block);
    if (!prng_chance(&member->prng, 1, 4) || !post(next, block))
        heap_deallocate(&member->run->heap, block, member_old_size(member, block));
    went_well(member, "threads/foreign-free");
}

static void hand_over(struct member *member)
{
    struct mailbox *mailboxes = member->context;
    size_t self = (size_t)member->number % (size_t)member->count, steps = rounds_of(member, 250, 1800);
    struct mailbox *own = &mailboxes[self], *next = &mailboxes[(self + 1) % (size_t)member->count];
    bool only_frees = member->count > 2 && self == 1; /* one that never allocates */
    team_meet(member);
    for (size_t step = 0; step < steps && run_goes_on(member->run); step++) {
        struct block *made = only_frees ? NULL : allocate_any(member, step % 64 == 0 ? 200000 : 5000);
        if (made != NULL && !post(next, made))
            heap_deallocate(&member->run->heap, made, member_old_size(member, made));
        struct block *taken = fetch(own);
        if (taken != NULL)
            deal_with(member, next, taken);
    }
    team_meet(member);
    for (struct block *left = fetch(own); left != NULL; left = fetch(own))
        heap_deallocate(&member->run->heap, left, member_old_size(member, left));
}

static void hand_to_hand(struct run *run)
{
    struct mailbox *mailboxes = run_scratch(run, sizeof *mailboxes * (TEAM_MOST + 1));
    for (size_t i = 0; i <= TEAM_MOST; i++)
        pthread_mutex_init(&mailboxes[i].lock, NULL);
    threads_work(run, "threads/foreign-free", hand_over, mailboxes);
}

/* ---- after its thread has ended ---- */

enum { LEGACY = 72 };

struct legacy {
    struct block *blocks[TEAM_MOST + 1][LEGACY];
    size_t largest;
};

static struct block **share_of(struct member *member, size_t of)
{
    struct legacy *legacy = member->context;
    return legacy->blocks[((size_t)member->number + of) % (size_t)member->count];
}

/* A thread's whole life: it fills what is empty in its share, frees a part (into its cache, if it has one), and ends.
 */
static void leave_blocks(struct member *member)
{
    struct legacy *legacy = member->context;
    struct block **share = share_of(member, 0);
    team_collide(member);
    for (size_t i = 0; i < LEGACY; i++)
        if (share[i] == NULL)
            share[i] = allocate_any(member, i % 16 == 0 ? legacy->largest : 3000);
    for (size_t i = 0; i < LEGACY; i += 3) {
        free_all(member, &share[i], 1);
        went_well(member, "threads/concurrent");
    }
}

/* The next generation: looks at what others left, resizes and frees it, while it allocates the same classes itself. */
static void adopt_blocks(struct member *member)
{
    struct block **share = share_of(member, 1);
    struct heap *heap = &member->run->heap;
    team_collide(member);
    if (member->count > 1)
        jolt_start();
    for (size_t i = 0; i < LEGACY; i++) {
        if (share[i] == NULL) {
            share[i] = allocate_any(member, 3000);
            continue;
        }
        heap_verify(heap, share[i]);
        if (i % 4 == 0)
            resize(member, share[i]);
        else if (i % 4 != 3)
            free_all(member, &share[i], 1);
        went_well(member, "threads/foreign-free");
    }
}

static void live_and_die(struct member *member)
{
    leave_blocks(member);
    adopt_blocks(member);
}

static void empty_legacy(struct run *run, struct legacy *legacy)
{
    for (size_t i = 0; i <= TEAM_MOST; i++)
        for (size_t b = 0; b < LEGACY; b++) {
            if (legacy->blocks[i][b] != NULL)
                heap_deallocate(&run->heap, legacy->blocks[i][b], run_old_size(run, legacy->blocks[i][b]));
            legacy->blocks[i][b] = NULL;
        }
}

static void orphans(struct run *run)
{
    struct legacy *legacy = run_scratch(run, sizeof *legacy);
    size_t generations = run_rounds(run, 4, 20);
    uint32_t findings = run->flight->finding_count;
    legacy->largest = 100000;
    team_rehearse(run, live_and_die, legacy);
    empty_legacy(run, legacy);
    if (run->flight->finding_count != findings || !run_goes_on(run))
        return;
    heap_blame_crashes_on(&run->heap, "threads/foreign-free");
    heap_blame_hangs_on(&run->heap, "threads/progress");
    for (size_t generation = 0; generation < generations && run_goes_on(run); generation++) {
        team_work(run, team_size(run), generation % 2 ? adopt_blocks : leave_blocks, legacy);
        heap_verify_all(&run->heap);
    }
    empty_legacy(run, legacy); /* by a thread that allocated none of it */
    threads_blame(run, "threads/foreign-free", findings);
}

/* ---- short lives ---- */

struct short_life {
    struct block *given[TEAM_MOST + 1][2]; /* allocated by the main thread */
    struct block *left[TEAM_MOST + 1];     /* for it to free */
    size_t generation;
};

/* The thread's first call is one of the six, most of them on a block that is not its own; one that the binding has. */
static void first_operation(struct member *member, struct short_life *life)
{
    struct run *run = member->run;
    struct block **given = life->given[member->number];
    size_t which = ((size_t)member->number + life->generation) % OPERATIONS;
    size_t old_size = given[0] == NULL ? 0 : member_old_size(member, given[0]);
    if (given[0] == NULL || which == OP_ALLOCATE || !heap_has(&run->heap, (enum operation)which))
        life->left[member->number] = heap_allocate(&run->heap, member_size(member, 5000), 8);
    else if (which == OP_ALLOCATE_ZEROED)
        life->left[member->number] = heap_allocate_zeroed(&run->heap, member_size(member, 5000), 64);
    else if (which == OP_DEALLOCATE)
        free_all(member, given, 1);
    else if (which == OP_REALLOCATE)
        heap_reallocate(&run->heap, given[0], old_size, member_size(member, 20000));
    else if (which == OP_REALLOCATE_INPLACE)
        heap_reallocate_inplace(&run->heap, given[0], old_size, given[0]->requested / 2 + 1);
    else
        heap_usable_size(&run->heap, member_size(member, 5000), 8);
}

static void live_shortly(struct member *member)
{
    struct short_life *life = member->context;
    team_collide(member);
    if (member->count > 1)
        jolt_start();
    first_operation(member, life);
    if (member->number % 3 == 0) /* some do that and no more */
        return;
    struct block *own = allocate_any(member, 2000);
    free_all(member, &life->given[member->number][1], 1);
    free_all(member, &own, 1);
    went_well(member, "threads/concurrent");
}

static void give_blocks(struct run *run, struct short_life *life)
{
    for (size_t i = 0; i <= TEAM_MOST && i <= (size_t)team_size(run); i++)
        for (size_t b = 0; b < 2; b++)
            if (life->given[i][b] == NULL)
                life->given[i][b] = heap_allocate(&run->heap, run_size(run, b == 0 ? 30000 : 900), 8);
}

static void take_blocks(struct run *run, struct short_life *life)
{
    for (size_t i = 0; i <= TEAM_MOST; i++)
        for (size_t b = 0; b < 3; b++) {
            struct block **place = b < 2 ? &life->given[i][b] : &life->left[i];
            if (*place != NULL)
                heap_deallocate(&run->heap, *place, run_old_size(run, *place));
            *place = NULL;
        }
}

static void short_lives(struct run *run)
{
    struct short_life *life = run_scratch(run, sizeof *life);
    size_t generations = run_rounds(run, 12, 72);
    uint32_t findings = run->flight->finding_count;
    for (; life->generation < OPERATIONS && run_goes_on(run); life->generation++) {
        give_blocks(run, life);
        team_rehearse(run, live_shortly, life);
        take_blocks(run, life);
    }
    if (run->flight->finding_count != findings || !run_goes_on(run))
        return;
    heap_blame_crashes_on(&run->heap, "threads/concurrent");
    heap_blame_hangs_on(&run->heap, "threads/progress");
    for (; life->generation < generations && run_goes_on(run); life->generation++) {
        give_blocks(run, life);
        team_work(run, team_size(run), live_shortly, life);
        take_blocks(run, life);
    }
    threads_blame(run, "threads/concurrent", findings);
}

/* ---- the process's first calls ---- */

static void first_calls(struct member *member)
{
    struct block *blocks[12] = {NULL};
    size_t size = (size_t)16 << (member->number % 3 * 3);
    team_collide(member);
    for (size_t i = 0; i < 12; i++)
        blocks[i] = run_allocate(member->run, i % 5 == 4 ? 100000 : size, 8, i % 5 == 4);
    for (size_t i = 0; i < 12; i++)
        if (blocks[i] != NULL)
            heap_verify(&member->run->heap, blocks[i]);
    team_collide(member);
    free_all(member, blocks, 12);
    went_well(member, "threads/concurrent");
}

static int rehearse_first_calls(struct run *run, void *unused)
{
    team_rehearse(run, first_calls, unused);
    return 0;
}

static int make_first_calls(struct run *run, void *unused)
{
    uint32_t findings = run->flight->finding_count;
    team_work(run, 4, first_calls, unused);
    threads_blame(run, "threads/concurrent", findings);
    return 0;
}

static void first_calls_together(struct run *run)
{
    size_t copies = run_rounds(run, 12, 80);
    copy_run(run, rehearse_first_calls, NULL);
    heap_blame_crashes_on(&run->heap, "threads/concurrent");
    heap_blame_hangs_on(&run->heap, "threads/progress");
    for (size_t i = 0; i < copies && run_goes_on(run); i++)
        copy_run(run, make_first_calls, NULL);
}

/* ---- usable_size ---- */

enum { QUESTIONS = 400 };

struct questions {
    size_t sizes[QUESTIONS], aligns[QUESTIONS], answers[QUESTIONS];
};

static void ask_all(struct member *member)
{
    struct questions *questions = member->context;
    struct run *run = member->run;
    struct block *blocks[OWN] = {NULL};
    team_meet(member);
    for (size_t i = 0; i < QUESTIONS * 2 && run_goes_on(run); i++) {
        size_t q = (i * 7 + (size_t)member->number * 31) % QUESTIONS;
        size_t answer = heap_usable_size(&run->heap, questions->sizes[q], questions->aligns[q]);
        run_exercised(run, "usable-size/pure");
        if (answer != questions->answers[q] && !run->heap.tainted)
            run_violated(run, "usable-size/pure", "usable_size asked by several threads, before and during traffic",
                         "the same answer", "%zu for size %zu, align %zu in thread %d, and %zu before", answer,
                         questions->sizes[q], questions->aligns[q], member->number, questions->answers[q]);
        churn_one(member, &blocks[q % OWN]);
    }
    free_all(member, blocks, OWN);
}

static void usable_sizes(struct run *run)
{
    struct questions *questions = run_scratch(run, sizeof *questions);
    for (size_t q = 0; q < QUESTIONS; q++) {
        questions->sizes[q] = run_size(run, 4000000);
        questions->aligns[q] = run_align(run, 4096);
        questions->answers[q] = heap_usable_size(&run->heap, questions->sizes[q], questions->aligns[q]);
    }
    threads_work(run, "threads/concurrent", ask_all, questions);
}

static const struct scenario scenarios[] = {
    {.name = "threads/all-at-once",
     .about = "all threads allocate one class at the same moment, then all free: their own, or their neighbour's",
     .clauses = "threads/concurrent threads/foreign-free threads/progress",
     .tags = "quick",
     .relies_on = "threads",
     .run = all_at_once},
    {.name = "threads/each-its-own",
     .about = "all six operations from more threads than cores, each on its own blocks",
     .clauses = "threads/concurrent threads/progress",
     .relies_on = "threads",
     .run = each_its_own},
    {.name = "threads/hand-to-hand",
     .about = "blocks travel: allocated by one, resized by the next, freed by a third",
     .clauses = "threads/foreign-free threads/progress",
     .relies_on = "threads",
     .run = hand_to_hand},
    {.name = "threads/orphans",
     .about = "threads end; others look at, resize and free what they left, and allocate the same classes",
     .clauses = "threads/foreign-free threads/concurrent threads/progress",
     .relies_on = "threads",
     .run = orphans},
    {.name = "threads/short-lives",
     .about = "generations of threads whose first call is each of the six, and that do little else",
     .clauses = "threads/concurrent threads/progress",
     .relies_on = "threads",
     .run = short_lives},
    {.name = "threads/first-calls",
     .about = "in fresh processes, the first calls of all are made by several threads at once",
     .clauses = "threads/concurrent threads/progress",
     .relies_on = "threads",
     .run = first_calls_together},
    {.name = "threads/usable-sizes",
     .about = "usable_size has one answer in every thread, before and during traffic",
     .clauses = "threads/concurrent usable-size/pure",
     .needs = NEEDS_PURE_USABLE_SIZE,
     .relies_on = "threads",
     .run = usable_sizes},
    {.name = "threads/tight",
     .about = "at full speed, without a lock of the harness's own between the calls",
     .clauses = "threads/concurrent threads/progress",
     .relies_on = "threads",
     .run = threads_tight},
    {.name = "threads/tight-exchange",
     .about = "the same, and blocks change hands",
     .clauses = "threads/foreign-free threads/progress",
     .relies_on = "threads",
     .run = threads_tight_exchange},
    {.name = "threads/tight-in-place",
     .about = "resized in place at full speed, while others take and leave the memory beside",
     .clauses = "threads/concurrent threads/progress",
     .needs = NEEDS_IN_PLACE,
     .relies_on = "threads",
     .run = threads_tight_in_place},
    {.name = "threads/tight-large",
     .about = "large blocks of nearly one size at full speed: what one gives back serves another",
     .clauses = "threads/concurrent threads/progress",
     .relies_on = "threads",
     .run = threads_tight_large},
    {.name = "threads/tight-short",
     .about = "at full speed while the system refuses memory now and then",
     .clauses = "threads/concurrent threads/progress exhaustion/null",
     .relies_on = "threads",
     .run = threads_tight_short},
    {.name = "threads/tight-relay",
     .about = "one allocates as fast as it can while another frees what it allocated a moment ago",
     .clauses = "threads/foreign-free threads/progress",
     .relies_on = "threads",
     .run = threads_tight_relay},
    {.name = "threads/generations",
     .about = "threads begin at the same moment where others have ended, again and again",
     .clauses = "threads/concurrent threads/progress",
     .relies_on = "threads",
     .run = threads_generations},
    {.name = "threads/come-and-go",
     .about = "one thread stays at work while hundreds of others come and go beside it",
     .clauses = "threads/concurrent threads/progress",
     .relies_on = "threads",
     .run = threads_come_and_go},
    {.name = "threads/crowd",
     .about = "a hundred threads alive at once, of which a dozen allocate and free at full speed",
     .clauses = "threads/concurrent threads/progress",
     .relies_on = "threads",
     .run = threads_crowd},
    {.name = "threads/heirs",
     .about = "threads free what one left that has ended, while others begin and allocate",
     .clauses = "threads/foreign-free threads/progress",
     .relies_on = "threads",
     .run = threads_heirs},
    {.name = "threads/long-line",
     .about = "more threads than twelve bits count come and go, then some work beside one that has stayed",
     .clauses = "threads/concurrent threads/progress",
     .relies_on = "threads",
     .run = threads_long_line},
    {.name = "threads/last-calls",
     .about = "what a thread's destructors still free and allocate, before and after the allocator's own",
     .clauses = "threads/concurrent threads/progress",
     .relies_on = "threads",
     .run = threads_last_calls},
    {.name = "threads/fork",
     .about = "forked in the middle of traffic, again and again: the child allocates and frees",
     .clauses = "threads/fork",
     .relies_on = "threads",
     .run = threads_fork},
};

CLAUSE_GROUP(threads, "threads", 100, clauses, scenarios);
