/* conformance/clauses/threads/threads.h: what the files of the group "threads" share.
 *
 * Promises: only what one thread alone does not show breaks a clause about threads. Each piece of work is first
 * rehearsed by one thread, and what goes wrong there breaks its own clause and no other.
 */
#pragma once

#include "conformance/contract.h"
#include "conformance/scenario/team.h"

/* Position of the group in lists. */
enum { THREADS_ORDER = 100 };

/* Registers a file's scenarios; none of them is run where the platform has no threads. */
#define THREADS_SCENARIOS(symbol, rows) SCENARIOS_RELYING_ON("threads", symbol, "threads", THREADS_ORDER, rows)

/* Rehearses `work`, then lets the whole team do it. A clause that tells of a race (contract.h) and breaks only then
 * breaks `clause`, too. True: nothing broke. */
bool threads_work(struct run *run, const char *clause, void (*work)(struct member *member), void *context);
/* The same with `count` members. */
bool threads_work_by(struct run *run, int count, const char *clause, void (*work)(struct member *member),
                     void *context);

/* The last of these steps, for scenarios that make the others themselves. `findings` is how many there were before the
 * threads began. */
bool threads_blame(struct run *run, const char *clause, uint32_t findings);

/* How many rounds a member makes: those of the effort, and a quarter of them in a rehearsal. */
size_t threads_rounds(const struct member *member, size_t quick, size_t standard);

/* Counts one exercise of `clause`, and one of threads/progress. */
void threads_went_well(struct member *member, const char *clause);

/* Calls with a random size; the oracle checks each. The block stays the member's to free. */
struct block *threads_allocate_any(struct member *member, size_t most); /* NULL: the candidate refused */
void threads_resize(struct member *member, struct block *block);        /* does nothing if the binding cannot resize */

/* One random call on a place for a block: fills it if it is empty, and else resizes or frees its block. */
void threads_churn_one(struct member *member, struct block **place);

/* Frees the blocks of `count` places and empties these; returns how many blocks there were. */
size_t threads_free_all(struct member *member, struct block **blocks, size_t count);
