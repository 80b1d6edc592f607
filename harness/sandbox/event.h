/* harness/sandbox/event.h: one step of what was done to a candidate.
 *
 * Promises: an event has 32 bytes and means the same on every platform. Blocks have numbers, not addresses. old_size is
 * given as a place in its legal range, so that an event made on one platform or candidate is legal on every other.
 */
#pragma once

#include <stdint.h>

#include "harness/candidate/operation.h"

/* What an event does: one of the six operations, or something the harness does between them.
 *
 * Of EVENT_C, align_log2 is the function (enum c_function), and size and old_size_step are its size and its count or
 * alignment. The block is made or taken; where old_size_place is not 0, a null pointer stands for it. */
enum event_kind {
    EVENT_OPERATION = 0,       /* kinds below OPERATIONS are the operations themselves */
    EVENT_VERIFY = OPERATIONS, /* check the contents of every live block */
    EVENT_REFUSE,              /* size: 0 refuse no mapping call from here on; n: refuse the n-th and all that follow */
    EVENT_REFUSE_ONCE,         /* size: refuse just the n-th mapping call from here */
    EVENT_THREAD_END,          /* the thread ends here; a later event of the same number is a new thread's */
    EVENT_GUARD,               /* put an inaccessible page behind the next mapping, which has about `size` bytes */
    EVENT_C,                   /* a function of C's malloc family; see below */
    EVENT_SETTING, /* what is in force from here on: align_log2 says which (enum setting), size is its value */
    EVENT_KINDS
};

/* What the harness sets up around the calls. */
enum setting {
    SETTING_STACK,     /* bytes of stack of the threads that start from here on; 0: as many as usual */
    SETTING_PROCESSOR, /* the calling thread runs on this one alone of the processors it may use, 1 being the first;
                          0: on all of them */
    SETTING_PAUSE,     /* milliseconds in which nothing is called */
    SETTING_KEEP,      /* 1: the system refuses to take memory back where that would cut a mapping in two; 0: it does
                          not any more */
    SETTING_EXIT, /* the process ends by exit(): what follows is called by exit handlers and destructors. A trace that
                     is replayed goes on without */
    SETTINGS
};

/* Where in requested ..= usable the old_size of a call lies. */
enum old_size_place {
    OLD_SIZE_REQUESTED, /* the lower end */
    OLD_SIZE_USABLE,    /* the upper end */
    OLD_SIZE_WITHIN,    /* requested + old_size_step modulo the length of the range */
};

struct event {
    uint8_t kind;               /* enum event_kind, or enum operation */
    uint8_t align_log2;         /* asked for by allocate, allocate_zeroed, usable_size; others use the block's own */
    uint8_t thread;             /* 0 is the main thread */
    uint8_t old_size_place : 7; /* enum old_size_place */
    uint8_t returned : 1;       /* the recorded call had come back when its trace was taken; for the reader only */
    uint32_t block;             /* number of the block it makes or takes; 0: none */
    uint64_t size;
    uint64_t old_size_step; /* for OLD_SIZE_WITHIN */
    uint64_t answer;        /* what the candidate answered when recorded: address or size; for the reader only */
};

_Static_assert(sizeof(struct event) == 32, "an event is 32 bytes on every platform");
