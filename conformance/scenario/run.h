/* conformance/scenario/run.h: what a scenario is given, in the process where the candidate runs.
 *
 * Promises: everything a scenario needs and nothing that allocates with malloc: the checked heap, reproducible
 * randomness, pools of live blocks, sizes worth trying, and a way to judge a clause of its own.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/prng.h"
#include "harness/oracle/heap.h"

enum effort { EFFORT_QUICK, EFFORT_STANDARD, EFFORT_SOAK };

const char *effort_name(enum effort effort); /* quick, standard, soak */

struct run {
    struct heap heap;
    const struct candidate *candidate;
    struct flight *flight;
    struct prng prng;
    enum effort effort;
    uint64_t budget_ns; /* soft: loops end when it is used up */
    uint64_t started_ns;
    struct arena scratch; /* for pools; freed with the process */
};

/* True while the heap is not tainted and there is time left. Loops ask it. When the time is used up, the flight record
 * notes that the scenario was cut short. */
bool run_goes_on(struct run *run);

/* The number of rounds for the effort: `quick`, `standard`, or twice `standard` for soak. */
size_t run_rounds(const struct run *run, size_t quick, size_t standard);

/* A zeroed array from the scratch arena; never NULL (the scenario ends as a harness failure when there is none). */
void *run_scratch(struct run *run, size_t size);

/* Bytes that a scenario may hold at once, without what the allocator adds: an eighth of the memory limit above which
 * the process is ended. */
size_t run_memory(const struct run *run);

/* Has the process never held more than half of that limit? Scenarios that allocate and free more than this ask it,
 * because a correct allocator may never use freed memory again. */
bool run_has_room(const struct run *run);

/* The most memory that the process has held at once, in KiB; 0: unknown. */
long run_peak_kib(void);

/* Does the candidate itself write to most of a large block, junk or zeroes for example? That is legal, but then a block
 * of gigabytes takes gigabytes of memory. */
bool run_fills_blocks(struct run *run);

/* ---- pools: live blocks a scenario holds ---- */

struct pool {
    struct block **blocks;
    size_t count, capacity;
};

struct pool pool_create(struct run *run, size_t capacity);
/* Adds a block. False, with nothing added: it is NULL, because the candidate answered null. The pool must have room. */
bool pool_add(struct pool *pool, struct block *block);
/* Takes out the block at `index`; the last one takes its place. */
struct block *pool_take(struct pool *pool, size_t index);
struct block *pool_take_any(struct run *run, struct pool *pool);
/* Deallocates every block, each with an old_size drawn from its whole legal range. */
void pool_deallocate_all(struct run *run, struct pool *pool);

/* Calls allocate_zeroed if `zeroed` is set and the binding has it, and allocate otherwise. So NULL is always the
 * candidate's answer. */
struct block *run_allocate(struct run *run, size_t size, size_t align, bool zeroed);

/* ---- sizes, alignments, old sizes ---- */

/* A legal old_size for the block: the lower end, the upper end or a value in between, each in one case of three. */
size_t run_old_size(struct run *run, const struct block *block);

/* A size up to `most`, log-uniform; powers of two and their neighbours come up more often. */
size_t run_size(struct run *run, size_t most);
/* A power of two up to `most`; small ones come up more often. */
size_t run_align(struct run *run, size_t most);

/* ---- clauses a scenario judges itself ---- */

/* Counts one exercise of the clause; does nothing where the clause does not apply to the candidate. */
void run_exercised(struct run *run, const char *clause_id);
/* Records a finding: the message says what was done, `expected` what should have been seen, and `actual` what was. */
void run_violated(struct run *run, const char *clause_id, const char *message, const char *expected,
                  const char *actual_format, ...) __attribute__((format(printf, 5, 6)));
void run_observe(struct run *run, const char *clause_id, const char *format, ...) __attribute__((format(printf, 3, 4)));
