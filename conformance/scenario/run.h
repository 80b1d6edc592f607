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

/* True while there is reason to go on: nothing tainted, and time left. Loops ask it; a loop cut short is noted. */
bool run_goes_on(struct run *run);

/* How many rounds of something: `quick`, `standard`, or twice `standard` for soak. */
size_t run_rounds(const struct run *run, size_t quick, size_t standard);

/* A zeroed array from the scratch arena; never NULL (the scenario ends as a harness failure when there is none). */
void *run_scratch(struct run *run, size_t size);

/* Bytes that a scenario may hold at once beside what an allocator makes of them: an eighth of the memory with which the
 * process is ended. */
size_t run_memory(const struct run *run);

/* Is less than half of it used, counting what has been given back? For scenarios that go through more memory than that:
 * one correct allocator never uses any a second time. */
bool run_has_room(const struct run *run);

/* KiB of memory that the process has held at once, at most; 0: cannot be told. */
long run_peak_kib(void);

/* Does the candidate touch more of a large block than its owner does, with junk or zeros? That is legal, and makes
 * blocks of gigabytes cost the machine what they measure. */
bool run_fills_blocks(struct run *run);

/* ---- pools: live blocks a scenario holds ---- */

struct pool {
    struct block **blocks;
    size_t count, capacity;
};

struct pool pool_create(struct run *run, size_t capacity);
/* Adds a block; NULL (the candidate answered null) is passed over. False when it was NULL. The pool must have room. */
bool pool_add(struct pool *pool, struct block *block);
/* Takes out the block at `index`; the last one takes its place. */
struct block *pool_take(struct pool *pool, size_t index);
struct block *pool_take_any(struct run *run, struct pool *pool);
/* Deallocates every block, each with an old_size drawn from its whole legal range. */
void pool_deallocate_all(struct run *run, struct pool *pool);

/* By allocate_zeroed where that is wished and the binding has it, by allocate otherwise: for scenarios that are about
 * both, so that NULL is always the candidate's answer. */
struct block *run_allocate(struct run *run, size_t size, size_t align, bool zeroed);

/* ---- sizes, alignments, old sizes ---- */

/* A legal old_size for the block: in equal parts the lower end, the upper end, something within. */
size_t run_old_size(struct run *run, const struct block *block);

/* A size up to `most`, log-uniform, with a liking for powers of two and their neighbours. */
size_t run_size(struct run *run, size_t most);
/* A power of two up to `most`, small ones more often. */
size_t run_align(struct run *run, size_t most);

/* ---- clauses a scenario judges itself ---- */

/* Nothing where the clause does not apply to the candidate. */
void run_exercised(struct run *run, const char *clause_id);
/* The message says what was done; expected and actual what should have been seen and was. */
void run_violated(struct run *run, const char *clause_id, const char *message, const char *expected,
                  const char *actual_format, ...) __attribute__((format(printf, 5, 6)));
void run_observe(struct run *run, const char *clause_id, const char *format, ...) __attribute__((format(printf, 3, 4)));
