/* conformance/clauses/threads/threads.h: what the scenarios of the group "threads" share.
 *
 * Promises: a clause about threads is broken only by what one thread alone does not show: each work is rehearsed by one
 * thread first, and what goes wrong there accuses the clause it breaks and no other.
 */
#pragma once

#include "conformance/scenario/team.h"

/* Rehearses `work`, then has the whole team do it; what breaks then breaks `clause`, too. True: nothing did. */
bool threads_work(struct run *run, const char *clause, void (*work)(struct member *member), void *context);
/* The same with `count` of them. */
bool threads_work_by(struct run *run, int count, const char *clause, void (*work)(struct member *member),
                     void *context);

/* The last of these steps, for scenarios that bring their own: `findings` were there before the threads began. */
bool threads_blame(struct run *run, const char *clause, uint32_t findings);

/* Scenarios at full speed (tight.c), in a crowd (crowd.c), after others (heirs.c), at the end of threads (last.c) and
 * with forks (fork.c). */
void threads_tight(struct run *run);
void threads_tight_exchange(struct run *run);
void threads_tight_in_place(struct run *run);
void threads_tight_large(struct run *run);
void threads_tight_short(struct run *run);
void threads_tight_relay(struct run *run);
void threads_generations(struct run *run);
void threads_come_and_go(struct run *run);
void threads_crowd(struct run *run);
void threads_heirs(struct run *run);
void threads_long_line(struct run *run);
void threads_last_calls(struct run *run);
void threads_fork(struct run *run);
