#include "harness/sandbox/classify.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "harness/candidate/call_text.h"

static void describe_end(char *text, size_t size, int wait_status)
{
    if (WIFSIGNALED(wait_status))
        snprintf(text, size, "signal %d (%s)", WTERMSIG(wait_status), strsignal(WTERMSIG(wait_status)));
    else
        snprintf(text, size, "the process exited with status %d", WEXITSTATUS(wait_status));
}

static bool is_at_its_end(const struct flight_slot *slot)
{
    return atomic_load(&slot->state) == FLIGHT_IDLE && atomic_load(&slot->is_ending);
}

static const char *expected_of(const struct flight_slot *slot)
{
    return is_at_its_end(slot) ? "they return" : "the call returns";
}

static void describe_call(char *text, size_t size, const struct flight_slot *slot)
{
    if (is_at_its_end(slot))
        snprintf(text, size, "the destructors that run as the thread ends");
    else
        call_text(text, size,
                  &(struct call_words){.operation = slot->operation,
                                       .address = slot->block,
                                       .old_size = slot->old_size,
                                       .size = slot->size,
                                       .align = slot->align,
                                       .first = slot->old_size});
}

/* Adds the other threads that are inside a call: in a deadlock there are some. */
static void describe_others(char *text, size_t size, const struct flight *flight, int index)
{
    int threads = (int)atomic_load(&flight->threads);
    for (int other = 0; other < threads && other < FLIGHT_THREADS; other++) {
        char call[160];
        size_t length = strlen(text);
        if (other == index || atomic_load(&flight->slots[other].state) != FLIGHT_IN_CANDIDATE || length + 1 >= size)
            continue;
        describe_call(call, sizeof call, &flight->slots[other]);
        snprintf(text + length, size - length, "; thread %d is in %s", other, call);
    }
}

/* The clause that is broken when the slot's call does not end well. The one about refused memory is meant only where
 * memory was really refused. */
static int blamed(const struct flight *flight, const struct flight_slot *slot)
{
    if (slot->refused_clause >= 0 && atomic_load(&flight->refusals) > 0)
        return slot->refused_clause;
    return slot->crash_clause >= 0 ? slot->crash_clause : flight->returns_clause;
}

/* Adds a finding that tells how the process ended. */
static void end_violated(struct flight *flight, int clause, const char *message, const char *expected,
                         const char *actual)
{
    flight_violated(flight, clause, message, expected, actual);
    for (uint32_t i = 0; i < flight->finding_count; i++)
        flight->findings[i].is_end = flight->findings[i].is_end || flight->findings[i].clause == clause;
}

static void blame_hang(struct flight *flight, int index, const char *why, const char *output)
{
    const struct flight_slot *slot = &flight->slots[index];
    char call[200], message[256], actual[512];
    describe_call(call, sizeof call, slot);
    if (atomic_load(&flight->threads) > 1)
        snprintf(message, sizeof message, "thread %d: %s", index, call);
    else
        snprintf(message, sizeof message, "%s", call);
    snprintf(actual, sizeof actual, "%s%s%s", why, *output ? "; it printed: " : "", output);
    describe_others(actual, sizeof actual, flight, index);
    int clause = slot->hang_clause >= 0 ? slot->hang_clause : blamed(flight, slot);
    end_violated(flight, clause, message, expected_of(slot), actual);
    snprintf(flight->detail, sizeof flight->detail, "%s: %s", message, why);
}

/* ", fault address 0x10", or nothing for a signal that was sent. */
static const char *fault_address(const struct flight *flight, char *text, size_t size)
{
    if (!flight->fault.sent)
        snprintf(text, size, ", fault address %#llx", (unsigned long long)flight->fault.address);
    return text;
}

/* Blames a call that the candidate left or crashed in, or the end of a thread. */
static void blame_call(struct flight *flight, int index, const char *what, const char *output)
{
    const struct flight_slot *slot = &flight->slots[index];
    char message[200], actual[400];
    describe_call(message, sizeof message, slot);
    bool known = flight->fault.signal != 0 && flight->fault.slot == index;
    snprintf(actual, sizeof actual, "%s%s%s%s", what, known ? fault_address(flight, (char[40]){""}, 40) : "",
             *output ? "; it printed: " : "", output);
    end_violated(flight, blamed(flight, slot), message, expected_of(slot), actual);
    snprintf(flight->detail, sizeof flight->detail, "%s: %s", message, what);
}

/* Blames the block that its owner could not touch. False: the fault was somewhere else. */
static bool blame_touch(struct flight *flight, int index, const char *what)
{
    const struct flight_slot *slot = &flight->slots[index];
    bool known = flight->fault.signal != 0; /* not where the candidate has put its own handlers in place */
    uint64_t offset = known ? flight->fault.address - slot->block : 0;
    if (known && (flight->fault.address < slot->block || offset >= slot->size))
        return false;
    char message[200], actual[256];
    snprintf(message, sizeof message, "block at %#llx (size %llu, usable %llu, align %llu) cannot be used by its owner",
             (unsigned long long)slot->block, (unsigned long long)slot->requested, (unsigned long long)slot->size,
             (unsigned long long)slot->align);
    if (known)
        snprintf(actual, sizeof actual, "touching byte %llu ended in %s", (unsigned long long)offset, what);
    else
        snprintf(actual, sizeof actual, "touching it ended in %s", what);
    int clause = offset < slot->requested ? slot->touch_clause : slot->touch_slack_clause;
    end_violated(flight, clause >= 0 ? clause : flight->returns_clause, message, "every byte can be read and written",
                 actual);
    snprintf(flight->detail, sizeof flight->detail, "%s: %s", message, actual);
    return true;
}

/* The slot that caused the end: the one that faulted; else one with a call or a touch in flight; else, where the
 * process exited by itself, a thread at its end. -1: none. */
static int author(const struct flight *flight, int wait_status)
{
    if (flight->fault.signal != 0)
        return flight->fault.slot;
    int touching = -1, ending = -1;
    for (int slot = 0; slot < (int)atomic_load(&flight->threads) && slot < FLIGHT_THREADS; slot++) {
        uint32_t state = atomic_load(&flight->slots[slot].state);
        if (state == FLIGHT_IN_CANDIDATE)
            return slot;
        if (state == FLIGHT_TOUCHING)
            touching = slot;
        if (is_at_its_end(&flight->slots[slot]))
            ending = slot;
    }
    return touching >= 0 || !WIFEXITED(wait_status) ? touching : ending;
}

static void classify_untimely(struct flight *flight, int wait_status, const char *output)
{
    char what[160];
    describe_end(what, sizeof what, wait_status);
    int slot = author(flight, wait_status);
    uint32_t state = slot < 0 ? FLIGHT_IDLE : atomic_load(&flight->slots[slot].state);
    if (slot >= 0 && flight_is_with_candidate(&flight->slots[slot])) {
        flight->outcome = WIFSIGNALED(wait_status) ? OUTCOME_CRASHED : OUTCOME_EXITED;
        blame_call(flight, slot, what, output);
    } else if (state == FLIGHT_TOUCHING && blame_touch(flight, slot, what)) {
        flight->outcome = OUTCOME_CRASHED;
    } else {
        flight->outcome = OUTCOME_HARNESS_FAILED;
        snprintf(flight->detail, sizeof flight->detail, "%s outside any call%s%s%.200s", what,
                 fault_address(flight, (char[40]){""}, 40), *output ? "; it printed: " : "", output);
    }
}

static void classify_not_loaded(struct flight *flight, int wait_status, enum child_end end, const char *output)
{
    char what[160];
    describe_end(what, sizeof what, wait_status);
    flight->outcome = OUTCOME_NOT_LOADED;
    flight->took_too_long = end == END_TOO_LONG;
    if (flight->setup_error[0] == '\0' && end != END_BY_ITSELF)
        snprintf(flight->setup_error, sizeof flight->setup_error, "%s: does not finish loading", flight->candidate);
    else if (flight->setup_error[0] == '\0')
        snprintf(flight->setup_error, sizeof flight->setup_error, "%s: while it was being loaded: %s%s%s",
                 flight->candidate, what, *output ? "; it printed: " : "", output);
    snprintf(flight->detail, sizeof flight->detail, "%s", flight->setup_error);
}

static const char *why_stopped(enum child_end end)
{
    return end == END_TOO_LONG          ? "the scenario took too long"
           : end == END_TOO_MUCH_MEMORY ? "the process took too much memory"
                                        : "the candidate started too many processes";
}

/* Nothing that the record says about the end can be relied on. */
static void classify_unwatched(struct flight *flight)
{
    flight->outcome = OUTCOME_HARNESS_FAILED;
    snprintf(flight->detail, sizeof flight->detail,
             "the process that watched over the scenario could not bring it to its end");
}

void classify(struct flight *flight, int wait_status, enum child_end end, int hung_slot, const char *why,
              const char *output)
{
    if (end == END_UNWATCHED) {
        classify_unwatched(flight);
    } else if (atomic_load(&flight->completed) == flight->nonce) {
        flight->outcome = OUTCOME_COMPLETED;
    } else if (!atomic_load(&flight->loaded)) {
        classify_not_loaded(flight, wait_status, end, output);
    } else if (flight->escaped) {
        flight->outcome = OUTCOME_CRASHED; /* the finding is there already */
        snprintf(flight->detail, sizeof flight->detail, "a call was left by an exception");
    } else if (end == END_HUNG) {
        flight->outcome = OUTCOME_HUNG;
        blame_hang(flight, hung_slot, why, output);
    } else if (end != END_BY_ITSELF) {
        flight->outcome = OUTCOME_HARNESS_FAILED;
        flight->took_too_long = end == END_TOO_LONG;
        snprintf(flight->detail, sizeof flight->detail, "stopped by the harness: %s", why_stopped(end));
    } else {
        classify_untimely(flight, wait_status, output);
    }
}
