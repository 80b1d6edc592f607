/* harness/sandbox/channel.h: what the child has said and cannot take back.
 *
 * Promises: the child sends the supervisor one packet when the candidate is ready, one for each finding, and one when
 * the scenario has run to its end. A packet that was sent lies with the kernel, where no candidate can write. Each
 * packet is sealed with this run's nonce, so that nothing else that is written to the descriptor is taken for one. The
 * child keeps what it needs for this in a page that is read-only. Its descriptor has a high number, so that a candidate
 * that closes every low one does not close it. A candidate that closes it all the same ends what can be said, and the
 * supervisor notices what is missing.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "harness/sandbox/flight.h"

/* The texts of one finding. */
struct said {
    uint64_t seal;
    uint32_t kind;
    int32_t clause;
    uint64_t number; /* at the end, how many findings; when the candidate is ready, its capabilities */
    char message[256];
    char expected[256];
    char actual[512];
};

/* What the supervisor has heard of one child. */
struct heard {
    uint32_t capabilities; /* 0 until the candidate was ready */
    bool ended;            /* the scenario has run to its end, by what was said */
    uint64_t findings;     /* how many findings were in the record then */
    uint32_t count;        /* findings heard of, one for each clause */
    struct said said[FLIGHT_FINDINGS];
};

/* ---- the supervisor ---- */

/* Makes the two ends, both closed on exec. False, with errno, when the system refuses. */
bool channel_create(int ends[2]);
/* To be called between fork and exec. Gives the child's end a high number, and leaves it open on exec. Returns that
 * number; -1: the system refuses. */
int channel_hand_over(int end);
/* Takes in what has been said so far. Never waits, and reads a limited number of packets. */
void channel_hear(int end, uint64_t nonce, struct heard *heard);

/* ---- the child ---- */

/* From here on, what is said goes to this descriptor, under this nonce. False: there is no memory to keep these in. */
bool channel_open(int fd, uint64_t nonce);
/* This and the functions below do nothing in a process that has not opened the channel. */
void channel_say_finding(const struct flight_finding *finding);
void channel_say_end(uint64_t findings);
/* Says that the candidate is loaded and bound, and that nothing of it was called yet. `capabilities` is as in the
 * flight record. */
void channel_say_ready(uint32_t capabilities);
