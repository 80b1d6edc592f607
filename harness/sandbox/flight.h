/* harness/sandbox/flight.h: the flight record, which survives whatever the candidate does to its process.
 *
 * Promises: it lives in memory that the supervising process shares with the child that runs the candidate, so that
 * nothing of it is lost when the child crashes, hangs or leaves. It holds what was asked of the child, how often each
 * clause was exercised, the findings, the tape of all operations, and, for each thread, the operation or the touch of
 * memory that is in flight: this names the author of a crash. Writing to it needs no allocation and no lock (except for
 * findings). The child cannot write what is asked of it. A candidate that scribbles could write over what the child
 * tells. Therefore counts and findings are sealed, each finding is also said on a channel (channel.h), where nothing
 * can be taken back, and flight_mend says whether the seals hold.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/sandbox/event.h"

enum {
    FLIGHT_CLAUSES = 96,
    FLIGHT_FINDINGS = 16,
    FLIGHT_THREADS = 128,
    FLIGHT_TRACE = 160,      /* events kept with a finding */
    FLIGHT_ASKED = 16 << 10, /* bytes at its beginning that the child cannot write, where pages are no larger */
    FLIGHT_COUNT_BITS = 40,
};

enum flight_state {
    FLIGHT_IDLE,         /* in the harness or the scenario */
    FLIGHT_IN_CANDIDATE, /* inside a call */
    FLIGHT_TOUCHING,     /* the harness reads or writes a block, as the block's owner may */
};

/* What one thread is doing right now. Only that thread writes here. Each ..._clause is broken if what its comment says
 * has happened; -1: no clause of its own, and the more general one counts. */
struct flight_slot {
    _Atomic uint32_t state;
    uint32_t operation;
    uint64_t block; /* address passed, or of the block touched */
    uint64_t old_size;
    uint64_t size;
    uint64_t align;
    uint64_t requested;         /* of the block touched */
    int32_t touch_clause;       /* a touch of [0, requested) faulted */
    int32_t touch_slack_clause; /* a touch beyond requested faulted */
    _Atomic uint64_t calls;     /* calls begun by this thread: progress, seen from outside */
    int32_t tid;
    _Atomic uint32_t is_ending; /* it makes no more calls of the scenario's; destructors run, perhaps the candidate's */
    int32_t crash_clause;       /* a call of this thread, or the thread's end, crashed, exited or hung */
    int32_t hang_clause;        /* the same, and it hung */
    int32_t refused_clause;     /* as crash_clause, once memory was really refused (`refusals`) */
};

/* The calling thread's number: its slot in the flight record. 0 is the main thread. */
extern __thread int flight_thread;

/* Is the thread where only the candidate (or libc, on its behalf) can keep it: in a call, or at its end? */
static inline bool flight_is_with_candidate(const struct flight_slot *slot)
{
    uint32_t state = atomic_load(&slot->state);
    return state == FLIGHT_IN_CANDIDATE || (state == FLIGHT_IDLE && atomic_load(&slot->is_ending));
}

struct flight_finding {
    int32_t clause;
    int32_t among_threads; /* this finding says that threads broke that clause; -1: it does not */
    uint32_t count;        /* how often the clause was seen broken in this scenario */
    uint64_t at_event;     /* length of the tape when it was seen */
    bool is_end;           /* it tells how the process ended: a crash, an exit, a hang */
    uint32_t broken_before[(FLIGHT_CLAUSES + 31) / 32]; /* a bit for each clause that the process had broken before */
    char message[256];
    char expected[256];
    char actual[512];
    uint32_t trace_length;
    bool trace_is_shrunk;
    uint64_t seal;                    /* of the clause and the texts */
    struct event trace[FLIGHT_TRACE]; /* shortened, or the last events before it was seen */
};

/* How the child ended, as the supervisor saw it. */
enum flight_outcome {
    OUTCOME_COMPLETED,
    OUTCOME_CRASHED,        /* a signal inside a call or a touch of a block */
    OUTCOME_HUNG,           /* a call that does not return */
    OUTCOME_EXITED,         /* the process left inside a call */
    OUTCOME_NOT_LOADED,     /* the candidate could not be loaded or bound: `setup_error` */
    OUTCOME_HARNESS_FAILED, /* a fault that is not the candidate's, as far as can be told */
};

const char *flight_outcome_name(enum flight_outcome outcome);

struct flight {
    union {
        struct { /* asked of the child */
            char candidate[4096];
            char binding[4096];
            char bindings_directory[4096];
            char scenario[128];
            char contract[32];
            uint64_t seed;
            uint32_t effort; /* enum effort */
            uint32_t time_scale;
            uint64_t nonce;
            uint64_t tape_capacity;
            uint64_t input_length;  /* events to replay instead of a scenario, behind the tape; 0: run the scenario */
            int32_t returns_clause; /* a crash that nothing else explains breaks this one */
            int32_t unwinds_clause; /* a call that is left by an exception breaks this one */
            uint64_t memory_limit;  /* the child is ended when it has more bytes of memory */
            bool grants_all;        /* no request for memory is refused, whatever the scenario chooses */
            uint64_t alone_calls;   /* not 0: one thread makes so many of the calls of all, and no other is started */
            int32_t channel_fd;     /* the descriptor on which the child says what cannot be taken back */
        };
        unsigned char asked[FLIGHT_ASKED];
    };

    /* told by the child */
    _Atomic uint64_t completed; /* the nonce, once the scenario has run to its end */
    _Atomic int32_t pid;        /* the only process that may complete it */
    bool cut_short;             /* the scenario stopped early at its time budget: less exercised, nothing wrong */
    _Atomic bool loaded;        /* the candidate is loaded and bound */
    uint32_t capabilities;      /* what the binding gives, in bits of the contract's own */
    bool static_tls;            /* not loaded for want of static TLS: another try is worth while */
    char setup_error[1024];
    _Atomic uint64_t exercised[FLIGHT_CLAUSES]; /* sealed counts, which flight_mend turns into plain ones */
    char observed[FLIGHT_CLAUSES][96];
    _Atomic uint32_t finding_lock;
    uint32_t finding_count;
    struct flight_finding findings[FLIGHT_FINDINGS];
    struct flight_slot slots[FLIGHT_THREADS];
    _Atomic uint32_t threads; /* slots in use */
    struct {
        int32_t signal; /* 0: none */
        int32_t slot;
        bool sent; /* a process sent it, as abort() does: no address belongs to it */
        uint64_t address;
    } fault;
    bool escaped;              /* a call was left by an exception or forced unwinding */
    _Atomic uint64_t refusals; /* requests for memory refused so far, by choice or by the system, where counted */

    /* told by the supervisor */
    uint32_t outcome;
    bool took_too_long; /* its time was up, so that nobody can tell whose fault the end is */
    char detail[512];
    double duration_s;
    _Atomic uint32_t claim; /* for those who share out the scenarios, and for nobody else: who has taken this one */

    _Atomic uint64_t tape_length;
    struct event tape[]; /* tape_capacity events, and as many again for the input */
};

_Static_assert(offsetof(struct flight, asked) == 0 && offsetof(struct flight, completed) == FLIGHT_ASKED,
               "what is asked fills the pages at the beginning, and nothing else does");

/* Bytes of a flight record with room for `tape_capacity` events on the tape and as many in the input; untouched room
 * costs no memory. */
static inline size_t flight_size(uint64_t tape_capacity)
{
    return sizeof(struct flight) + 2 * (size_t)tape_capacity * sizeof(struct event);
}

/* Where the events to replay lie. */
static inline struct event *flight_input(struct flight *flight) { return flight->tape + flight->tape_capacity; }

/* A count with its seal above it, in one word. When threads count at once, the word of the last one stands, and its
 * seal holds. */
static inline uint64_t flight_sealed(const struct flight *flight, int clause, uint64_t count)
{
    uint64_t of_this = flight->nonce + (uint64_t)clause * UINT64_C(0x632be59bd9b4e019);
    uint64_t mixed = (count + of_this) * UINT64_C(0x9e3779b97f4a7c15);
    return count | mixed >> FLIGHT_COUNT_BITS << FLIGHT_COUNT_BITS;
}

/* How often the clause was exercised, in a record that is not mended yet. */
static inline uint64_t flight_count(const struct flight *flight, int clause)
{
    uint64_t sealed = atomic_load_explicit(&flight->exercised[clause], memory_order_relaxed);
    return sealed & ((UINT64_C(1) << FLIGHT_COUNT_BITS) - 1);
}

/* Counts that the clause was put to the test once more. `clause` < 0: it is not part of the contract in force, and
 * nothing is counted. */
static inline void flight_exercised(struct flight *flight, int clause)
{
    if (clause < 0)
        return;
    /* Not a locked add: this is on the path of every call, and with several threads a lost count does no harm. */
    uint64_t sealed = flight_sealed(flight, clause, flight_count(flight, clause) + 1);
    atomic_store_explicit(&flight->exercised[clause], sealed, memory_order_relaxed);
}

/* Sets every ..._clause of every slot to -1. To be called before the child starts. */
void flight_blame_none(struct flight *flight);

/* The seal of a finding's clause and texts, under this run's nonce. */
uint64_t flight_seal_finding(uint64_t nonce, const struct flight_finding *finding);

/* Records that `clause` was seen broken, with evidence. A second time for the same clause is only counted. Texts are
 * cut to their fields. Thread-safe, allocates nothing. */
void flight_violated(struct flight *flight, int clause, const char *message, const char *expected, const char *actual);

/* For the supervisor, on its own copy of what a child that is gone has told: the child may have died with the lock
 * taken, and may have written over anything. Afterwards the lock is free, every count and index is within its bounds,
 * `exercised` holds plain counts, and every text has an end and is fit for a terminal (utf8.h). False: something in it
 * was not what the harness writes there. */
bool flight_mend(struct flight *flight, uint64_t tape_capacity);

/* How many of these events, from the first on, could have been written by the harness. */
size_t flight_sound_events(const struct event *events, size_t count);

/* Notes something that was seen about a clause that judges nothing. The first note stays. */
void flight_observe(struct flight *flight, int clause, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Had the process that made the finding broken this clause before? */
static inline bool flight_broken_before(const struct flight_finding *finding, int clause)
{
    return (finding->broken_before[clause / 32] >> clause % 32 & 1) != 0;
}

/* Appends to the tape and returns its place there, NULL once the tape is full (the tape is evidence, not judgement). */
struct event *flight_tape(struct flight *flight, const struct event *event);
