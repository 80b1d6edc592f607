/* harness/sandbox/sandbox.h: a process of its own for everything that a candidate does.
 *
 * Promises: sandbox_run always comes back, within the limits below, with the flight record's outcome filled in,
 * whatever the candidate does: crash, hang, _exit(0), closed descriptors, floods of output, forked copies of itself,
 * eaten memory, memory written over. The child and the supervisor share one flight record, and the caller has another:
 * what is asked is copied to the child before it starts, and what was told is copied from there once the child is gone.
 * What is written to the shared record after that is not seen any more. A scenario counts as completed only if the
 * child, as the process that was started, said so with this run's nonce both there and on the channel (channel.h), and
 * both agree about the findings (settle.h). A crash, an exit or a hang inside a call, or a fault in a touch of a block,
 * becomes a finding against the clause that the flight record names. Any other end is the harness's failure, not the
 * candidate's.
 *
 * When sandbox_run comes back, nothing that the candidate started is left, whatever session it is in and whichever
 * signals it ignores. A process of its own, the keeper, is the child's parent and watches over it (keeper.h). The
 * kernel hands it every orphan of the child's (it is a subreaper), and it stops and kills until it has no child
 * (descend.h). This works for every user and in every container, and the candidate sees the process numbers and the
 * /proc that it would see anywhere. With a process-id namespace it would not, unless file systems could be mounted as
 * well. A namespace would add one thing: nothing would be left even where the keeper and its caller are killed at the
 * same moment.
 *
 * The child inherits standard input, output and error, and the flight record, and no other descriptor of this process.
 * It cannot trace its parents, as long as main() has made them not dumpable.
 *
 * The child is this very program executed anew, so that a preloaded candidate is there from its first instruction and
 * the address space is clean. The words of the environment variable ASSAY_EXEC_PREFIX stand before it where that is set
 * (an emulator).
 *
 * The child's address space is laid out by flight->seed, not by chance: the kernel's randomisation is switched off for
 * it. So a scenario that depends on addresses meets the same ones again, and a shortened sequence of calls shows the
 * same finding again. Where the kernel does not let it be switched off (some containers), the child runs all the same,
 * and two runs of a seed may differ in addresses.
 */
#pragma once

#include <stdbool.h>

#include "harness/base/error.h"
#include "harness/sandbox/flight.h"

/* The verb that tells the program that it is the child: `assay --in-sandbox FD`. */
#define SANDBOX_VERB "--in-sandbox"

struct ending;

struct sandbox {
    struct flight *flight; /* the caller's: what is asked before a run, and what came of it after */
    struct flight *shared; /* shared with the child: useful only while the child runs */
    uint64_t tape_capacity;
    bool keeps_tape;   /* copy the tape even of a run that completed without a finding */
    double deadline_s; /* wall clock of one run, where that is less than SCENARIO_LIMIT_S; 0: SCENARIO_LIMIT_S */
    int flight_fd, output_fd;
    bool preload;          /* start the child with the candidate preloaded */
    uint64_t static_tls;   /* bytes of static TLS to keep for the candidate; 0: what the environment says */
    double patience;       /* factor on the limits below, for runs whose verdict is confirmed later; 0: 1 */
    struct ending *ending; /* what the keeper told about the last run */
};

/* A call will not return if its thread is asleep for HANG_ASLEEP_S without using the processor, asleep in the kernel
 * for HANG_BLOCKED_S (a starved disk may keep it there for a while), or has used HANG_AWAKE_S of processor time.
 * Several calls will not return if they have together used HANG_TOGETHER_S while no thread made progress; on a machine
 * with much else to do, HANG_TOGETHER_LEAST_S in HANG_STILL_S is enough. */
enum {
    HANG_ASLEEP_S = 4,
    HANG_AWAKE_S = 10,
    HANG_TOGETHER_S = 20,
    HANG_STILL_S = 40,
    HANG_TOGETHER_LEAST_S = 2,
    HANG_BLOCKED_S = 12,
    LOADING_LIMIT_S = 10,  /* wall clock of loading, which `patience` does not change */
    SCENARIO_LIMIT_S = 60, /* wall clock of one scenario; one that takes longer is the harness's own failure */
    IDLE_LIMIT_S = 20,     /* a process that did nothing at all for so long does nothing any more */
    PROCESSES_LIMIT = 500, /* no scenario needs as many */
};

/* Maps a flight record for `tape_capacity` events. False with `error`. */
bool sandbox_create(struct sandbox *sandbox, uint64_t tape_capacity, struct error *error);
void sandbox_destroy(struct sandbox *sandbox);

/* Empties the flight record, except for its capacity. The caller then fills in "asked of the child". */
void sandbox_reset(struct sandbox *sandbox);

/* Runs one child to its end and classifies it. Deadlines are multiplied by flight->time_scale (at least 1). */
void sandbox_run(struct sandbox *sandbox);

/* From here on sandbox_run of this process comes back at once. A run that is under way is ended and not classified. For
 * signal handlers. */
void sandbox_stop(void);

/* In the child: maps the flight record behind `fd`, and installs the handlers that note which call a fault belongs to.
 * NULL: the descriptor holds no flight record. */
struct flight *sandbox_enter(int fd);

/* In the child: the candidate is loaded and bound, and flight->capabilities says what it has. To be called before
 * any call to the candidate. */
void sandbox_ready(struct flight *flight);

/* In the child, at the very end: says that the scenario ran to its end, and leaves the process. */
void sandbox_complete(struct flight *flight) __attribute__((noreturn));
/* In the child: the harness's own memory in it was written over, and what was checked since means nothing. */
void sandbox_written_over(void) __attribute__((noreturn));
/* In the child: the candidate could not be loaded. */
void sandbox_not_loaded(struct flight *flight, const struct error *error) __attribute__((noreturn));
