/* Threads begin and end: others take over the blocks that they leave, and each of the six operations is the first call
 * of some thread. */
#include "conformance/clauses/threads/threads.h"
#include "conformance/scenario/jolt.h"

/* ---- blocks whose thread has ended ---- */

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

/* A thread's whole life: it fills the empty places of its share, frees some blocks (into its cache, if it has one), and
 * ends. */
static void leave_blocks(struct member *member)
{
    struct legacy *legacy = member->context;
    struct block **share = share_of(member, 0);
    team_collide(member);
    for (size_t i = 0; i < LEGACY; i++)
        if (share[i] == NULL)
            share[i] = threads_allocate_any(member, i % 16 == 0 ? legacy->largest : 3000);
    for (size_t i = 0; i < LEGACY; i += 3) {
        threads_free_all(member, &share[i], 1);
        threads_went_well(member, "threads/concurrent");
    }
}

/* The next generation looks at what others left, resizes and frees it, and allocates the same classes at the same time.
 */
static void adopt_blocks(struct member *member)
{
    struct block **share = share_of(member, 1);
    struct heap *heap = &member->run->heap;
    team_collide(member);
    if (member->count > 1)
        jolt_start();
    for (size_t i = 0; i < LEGACY; i++) {
        if (share[i] == NULL) {
            share[i] = threads_allocate_any(member, 3000);
            continue;
        }
        heap_verify(heap, share[i]);
        if (i % 4 == 0)
            threads_resize(member, share[i]);
        else if (i % 4 != 3)
            threads_free_all(member, &share[i], 1);
        threads_went_well(member, "threads/foreign-free");
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
    empty_legacy(run, legacy); /* by the main thread, which allocated none of it */
    threads_blame(run, "threads/foreign-free", findings);
}

/* ---- short lives ---- */

struct short_life {
    struct block *given[TEAM_MOST + 1][2]; /* allocated by the main thread */
    struct block *left[TEAM_MOST + 1];     /* for the main thread to free */
    size_t generation;
};

/* The thread's first call is one of the six, mostly on a block that another thread allocated. It is one that the
 * binding has. */
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
        threads_free_all(member, given, 1);
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
    if (member->number % 3 == 0) /* some threads make no other call */
        return;
    struct block *own = threads_allocate_any(member, 2000);
    threads_free_all(member, &life->given[member->number][1], 1);
    threads_free_all(member, &own, 1);
    threads_went_well(member, "threads/concurrent");
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

static const struct scenario scenarios[] = {
    {.name = "threads/orphans",
     .about = "threads end; others look at, resize and free what they left, and allocate the same classes",
     .clauses = "threads/foreign-free threads/concurrent threads/progress",
     .run = orphans},
    {.name = "threads/short-lives",
     .about = "generations of threads whose first call is each of the six, and that do little else",
     .clauses = "threads/concurrent threads/progress",
     .run = short_lives},
};

THREADS_SCENARIOS(threads_lives, scenarios);
