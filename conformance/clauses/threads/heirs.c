/* Threads that have ended, and what they leave: their blocks, which others free while still others allocate, and their
 * numbers. */
#include "conformance/scenario/jolt.h"
#include "conformance/clauses/threads/threads.h"
#include "conformance/scenario/tight.h"

/* ---- one thread leaves blocks; half of the others free them while the rest allocate ---- */

enum { LEFT = 384, HEIRS = 4, TAKEN = 384 };

struct estate {
    struct tight_block left[LEFT];
    size_t round;
    _Atomic bool stopped;
};

static size_t size_of_round(const struct estate *estate) { return (size_t)16 << estate->round % 6; }

static void leave_blocks(struct member *member, struct tight *tight)
{
    struct estate *estate = member->context;
    for (size_t i = 0; i < LEFT; i++)
        estate->left[i] = tight_allocate(tight, size_of_round(estate), 8, false);
}

static void leave(struct member *member)
{
    struct estate *estate = member->context;
    struct tight tight =
        tight_start(member, "threads/foreign-free", "a thread leaves blocks and ends", &estate->stopped);
    tight.is_alone = false; /* it is alone at this moment, but there were others before */
    leave_blocks(member, &tight);
}

static void inherit(struct member *member)
{
    struct estate *estate = member->context;
    struct tight tight =
        tight_start(member, "threads/foreign-free", "threads free what one left that has ended, while others allocate",
                    &estate->stopped);
    struct tight_block taken[TAKEN];
    bool alone = member->count == 1, frees = alone || member->number % 2 == 0, takes = alone || !frees;
    if (alone)
        leave_blocks(member, &tight);
    team_collide(member);
    for (size_t i = alone ? 0 : (size_t)member->number / 2 - 1; frees && i < LEFT; i += alone ? 1 : HEIRS / 2)
        tight_deallocate(&tight, &estate->left[i]);
    uint64_t freed = tight.freed;
    for (size_t i = 0; takes && i < TAKEN; i++)
        taken[i] = tight_allocate(&tight, size_of_round(estate), 8, false);
    for (size_t i = 0; takes && i < TAKEN; i++)
        tight_deallocate(&tight, &taken[i]);
    if (frees && freed > 0)
        team_exercised(member, "threads/foreign-free");
    team_exercised(member, "threads/progress");
}

static void heirs(struct run *run)
{
    struct estate *estate = run_scratch(run, sizeof *estate);
    uint32_t findings = run->flight->finding_count;
    size_t rounds = run_rounds(run, 40, 600);
    team_rehearse(run, inherit, estate);
    if (run->flight->finding_count != findings || !run_goes_on(run))
        return;
    heap_blame_crashes_on(&run->heap, "threads/foreign-free");
    heap_blame_hangs_on(&run->heap, "threads/progress");
    struct tight_pace started = tight_pace();
    for (; estate->round < rounds && !estate->stopped && tight_in_time(run, estate->round, &started); estate->round++)
        if (!team_work(run, 1, leave, estate) || !team_work(run, HEIRS, inherit, estate))
            return;
    threads_blame(run, "threads/foreign-free", findings);
}

/* ---- a long line: each thread lives for a moment, and one stays, whose number may come round ---- */

enum { LINE = (1 << 12) + 8, BESIDE = 16, HELD = 12, STEPS = 20000 };

struct line {
    _Atomic bool has_come_round, is_over, stopped;
};

/* The first member stays, and does nothing until the others have numbers that may equal its own. */
static void stand_in_line(struct member *member)
{
    struct line *line = member->context;
    struct tight tight = tight_start(member, "threads/concurrent",
                                     "thousands of threads have come and gone beside one that stays", &line->stopped);
    struct tight_block held[HELD] = {{NULL}};
    bool stays = member->count > 1 && member->number == 1;
    if (!line->has_come_round || !stays)
        jolt_stop();
    for (size_t i = 0; i < 2; i++)
        tight_step(member, &tight, held, HELD);
    while (stays && !line->has_come_round && !line->is_over)
        team_nap();
    if (stays)
        jolt_start();
    for (size_t i = 0; (stays ? !line->is_over : line->has_come_round && i < STEPS) && !line->stopped; i++)
        tight_step(member, &tight, held, HELD);
    for (size_t i = 0; i < HELD; i++)
        tight_deallocate(&tight, &held[i]);
    team_exercised(member, "threads/concurrent");
    team_exercised(member, "threads/progress");
}

static void long_line(struct run *run)
{
    struct line *line = run_scratch(run, sizeof *line);
    struct team *team = run_scratch(run, sizeof *team);
    uint32_t findings = run->flight->finding_count;
    team_rehearse(run, stand_in_line, line);
    if (run->effort == EFFORT_QUICK || run->flight->finding_count != findings || !run_goes_on(run))
        return;
    heap_blame_crashes_on(&run->heap, "threads/concurrent");
    heap_blame_hangs_on(&run->heap, "threads/progress");
    if (!team_start(team, run, 2, stand_in_line, line))
        return;
    struct tight_pace started = tight_pace();
    for (size_t i = 0; i < LINE + BESIDE && !line->stopped && tight_is_bearable(run, &started); i++) {
        line->has_come_round = i + BESIDE >= LINE;
        team_replace(team, run, 2);
    }
    line->is_over = true;
    team_join(team);
}

static const struct scenario scenarios[] = {
    {.name = "threads/heirs",
     .about = "threads free what one left that has ended, while others begin and allocate",
     .clauses = "threads/foreign-free threads/progress",
     .run = heirs},
    {.name = "threads/long-line",
     .about = "more threads than twelve bits count come and go, then some work beside one that has stayed",
     .clauses = "threads/concurrent threads/progress",
     .run = long_line},
};

THREADS_SCENARIOS(threads_heirs, scenarios);
