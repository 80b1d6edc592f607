/* conformance/scenario/tight.h: calls at full speed, past the shadow heap, for threads that are to get in each other's
 * way: they are jolted (jolt.h), unless there is only one.
 *
 * Promises: no lock and no tape between two calls, so that races in the candidate have a chance; still, each call and
 * each touch is in the flight record while it lasts, and every block carries its owner's tag, so that memory handed out
 * twice, moved wrongly or written by others is noticed. What is noticed breaks `clause`, once; where there is only one
 * thread, the clause that speaks of it for one.
 */
#pragma once

#include "conformance/scenario/team.h"

struct tight {
    struct run *run;
    const struct candidate *candidate;
    struct flight_slot *slot;
    const char *clause;
    const char *doing; /* for the finding */
    uint64_t next_tag;
    uint64_t calls;
    uint64_t served, freed; /* blocks that it was given, and gave back */
    uint64_t zeroed;        /* blocks that were looked at for zeroes */
    bool is_alone;          /* nobody beside it: what is wrong has nothing to do with threads */
    _Atomic bool *stopped;  /* shared: something was noticed */
};

struct tight_block {
    unsigned char *address; /* NULL: none */
    size_t size, align;
    uint64_t tag;
};

struct tight tight_start(struct member *member, const char *clause, const char *doing, _Atomic bool *stopped);

/* Ends what would take long: a race shows within the first hundred rounds or hardly at all. What counts is the time
 * that the process was given, for on a busy machine its threads meet less often. */
struct tight_pace {
    double wall, worked;
};

struct tight_pace tight_pace(void); /* now */
/* True for the first rounds at any rate, and as long as there is time. */
bool tight_in_time(struct run *run, size_t round, const struct tight_pace *started);
/* For what has to be done so many times: until it has used more processor time than that takes but on an emulator. */
bool tight_is_bearable(struct run *run, const struct tight_pace *started);

/* An address of NULL is the candidate's null. What the binding rules out is not asked: an alignment too large is
 * lowered (heap.h), and where there is no allocate_zeroed, allocate does instead. */
struct tight_block tight_allocate(struct tight *tight, size_t size, size_t align, bool zeroed);
/* Checks the tags, resizes, checks what came along. The block is as it was when null is answered. */
void tight_reallocate(struct tight *tight, struct tight_block *block, size_t size);
/* In place, where heap_may_resize_inplace says so: the block has `size` bytes from then on where the answer says so,
 * and is as it was where the request was refused. */
void tight_reallocate_inplace(struct tight *tight, struct tight_block *block, size_t size);
/* Checks the tags and gives the block back; nothing for one without an address. */
void tight_deallocate(struct tight *tight, struct tight_block *block);
/* One of `count` places: its block is given back, or one of three small sizes comes there. */
void tight_step(struct member *member, struct tight *tight, struct tight_block *held, size_t count);
