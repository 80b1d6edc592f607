/* conformance/scenario/tight.h: calls at full speed that bypass the shadow heap, for threads that are to collide. Such
 * threads are jolted (jolt.h), unless there is only one.
 *
 * Promises: there is no lock and no tape between two calls, so that races in the candidate can happen. Still, each call
 * and each access to a block is in the flight record while it lasts, and every block carries its owner's tag. So memory
 * that is handed out twice, moved wrongly or written by others is noticed. It is reported once, as a violation of
 * `clause`; if there is only one thread, it violates the clause that a single thread would break.
 */
#pragma once

#include "conformance/scenario/team.h"

struct tight {
    struct run *run;
    const struct candidate *candidate;
    struct flight_slot *slot;
    const char *clause;
    const char *doing; /* what the threads do, for the finding */
    uint64_t next_tag;
    uint64_t calls;
    uint64_t served, freed; /* blocks that were allocated, and freed */
    uint64_t zeroed;        /* blocks that were checked for zeroes */
    bool is_alone;          /* there is only one thread: what goes wrong has nothing to do with threads */
    _Atomic bool *stopped;  /* shared by the threads: a fault was noticed */
};

struct tight_block {
    unsigned char *address; /* NULL: none */
    size_t size, align;
    uint64_t tag;
};

struct tight tight_start(struct member *member, const char *clause, const char *doing, _Atomic bool *stopped);

/* Limits the time of a loop: a race shows within the first hundred rounds or hardly at all. Processor time counts as
 * well as time by the clock, because on a busy machine the threads of a process meet less often. */
struct tight_pace {
    double wall, worked;
};

struct tight_pace tight_pace(void); /* now */
/* True for the first 16 rounds, and after these as long as there is time. */
bool tight_in_time(struct run *run, size_t round, const struct tight_pace *started);
/* For loops that need all their rounds. It turns false after more processor time than such a loop takes on real
 * hardware; only an emulator needs so much. */
bool tight_is_bearable(struct run *run, const struct tight_pace *started);

/* An address of NULL means that the candidate answered null. What the binding rules out is never called: an alignment
 * that is too large is lowered (heap.h), and where there is no allocate_zeroed, allocate is called. */
struct tight_block tight_allocate(struct tight *tight, size_t size, size_t align, bool zeroed);
/* Checks the tags, resizes, and checks the tags that must have been kept. If the answer is null, the block is as it
 * was. */
void tight_reallocate(struct tight *tight, struct tight_block *block, size_t size);
/* The same in place, if heap_may_resize_inplace allows the call. If the answer says that it succeeded, the block has
 * `size` bytes from then on; otherwise it is as it was. */
void tight_reallocate_inplace(struct tight *tight, struct tight_block *block, size_t size);
/* Checks the tags and frees the block; does nothing for one without an address. */
void tight_deallocate(struct tight *tight, struct tight_block *block);
/* Takes one of `count` places at random: frees its block, or allocates one of three small sizes if the place is empty.
 */
void tight_step(struct member *member, struct tight *tight, struct tight_block *held, size_t count);
