/* Threads: the clauses, and what the scenarios of the other files share. */
#include "conformance/clauses/threads/threads.h"

#include <stdio.h>

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

bool threads_blame(struct run *run, const char *clause, uint32_t findings)
{
    struct flight *flight = run->flight;
    uint32_t count = flight->finding_count;
    for (uint32_t i = findings; i < count && i < FLIGHT_FINDINGS; i++) {
        const struct flight_finding *seen = &flight->findings[i];
        const struct clause *broken = contract_clause((size_t)seen->clause);
        char message[sizeof seen->message];
        if (!broken->tells_of_race)
            continue;
        snprintf(message, sizeof message, "%s (%s), which one thread doing the same did not break", seen->message,
                 broken->id);
        flight_violated(flight, contract_clause_index(clause), message, "what holds for one thread holds for many",
                        seen->actual);
        if (flight->finding_count > count)
            flight->findings[count].among_threads = seen->clause;
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

/* ---- what their scenarios share ---- */

/* A rehearsal gets by with less. */
size_t threads_rounds(const struct member *member, size_t quick, size_t standard)
{
    size_t rounds = run_rounds(member->run, quick, standard);
    return member->count == 1 ? rounds / 4 + 1 : rounds;
}

void threads_went_well(struct member *member, const char *clause)
{
    team_exercised(member, clause);
    team_exercised(member, "threads/progress");
}

void threads_resize(struct member *member, struct block *block)
{
    struct run *run = member->run;
    size_t size = prng_chance(&member->prng, 1, 40) ? 200000 : member_size(member, 12000);
    if (candidate_has(run->candidate, OP_REALLOCATE_INPLACE) && prng_chance(&member->prng, 1, 2))
        heap_reallocate_inplace(&run->heap, block, member_old_size(member, block), size);
    else if (candidate_has(run->candidate, OP_REALLOCATE))
        heap_reallocate(&run->heap, block, member_old_size(member, block), size);
}

struct block *threads_allocate_any(struct member *member, size_t most)
{
    struct run *run = member->run;
    size_t size = member_size(member, most), align = (size_t)1 << prng_below(&member->prng, 8);
    align = align > run->heap.max_align ? 1 : align;
    return run_allocate(run, size, align, prng_chance(&member->prng, 1, 3));
}

void threads_churn_one(struct member *member, struct block **place)
{
    struct run *run = member->run;
    if (*place == NULL) {
        *place = threads_allocate_any(member, prng_chance(&member->prng, 1, 50) ? 300000 : 8000);
    } else if (prng_chance(&member->prng, 1, 3)) {
        threads_resize(member, *place);
    } else {
        heap_deallocate(&run->heap, *place, member_old_size(member, *place));
        *place = NULL;
    }
}

/* Returns how many there were. */
size_t threads_free_all(struct member *member, struct block **blocks, size_t count)
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

CLAUSES(threads, "threads", THREADS_ORDER, clauses);
