#include "conformance/judging/child.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "conformance/contract.h"
#include "conformance/scenario/run.h"
#include "harness/base/clock.h"
#include "harness/base/prng.h"
#include "harness/candidate/c_call.h"
#include "harness/candidate/binding.h"
#include "harness/candidate/gate.h"
#include "harness/refusal/refuse.h"
#include "harness/sandbox/sandbox.h"
#include "harness/trace/replay.h"

enum {
    LIVE_BLOCKS = 1 << 20, /* the shadow's room */
    SCRATCH = 64 << 20,
};

static struct run own_run;          /* static for the escape handler; it is also too large for a stack */
static struct flight *early_flight; /* the record that child_early has mapped; NULL: none */

/* Called on the candidate's stack, from where there is no way back into the scenario. */
static void on_escape(const char *how)
{
    struct flight *flight = own_run.flight;
    flight_violated(flight, flight->unwinds_clause, "a call did not return", "the call returns, or answers null", how);
    flight->escaped = true;
    _exit(0);
}

static unsigned alignments_of(const struct candidate *candidate)
{
    size_t most = candidate_max_align(candidate);
    return (most > 1 ? NEEDS_ALIGNMENT : 0) | (most > (size_t)sysconf(_SC_PAGESIZE) ? NEEDS_ABOVE_PAGE : 0);
}

static unsigned c_functions_of(const struct candidate *candidate)
{
    unsigned has = 0;
    for (int function = 0; function < C_FUNCTIONS; function++)
        if (candidate_has_c(candidate, (enum c_function)function))
            has |= NEEDS_C | NEEDS_C_FUNCTION(function);
    return has;
}

/* Does the library itself say a usable size? The oracle asks of (size, align) if the binding has that, else of the
 * block. */
static bool is_asked_for_usable_size(const struct candidate *candidate)
{
    return candidate_has_pure_usable_size(candidate) ? candidate_calls(candidate, OP_USABLE_SIZE)
                                                     : candidate_has_block_usable_size(candidate);
}

static unsigned capabilities_of(const struct candidate *candidate, const struct binding *binding)
{
    unsigned has = alignments_of(candidate);
    if (candidate_has(candidate, OP_ALLOCATE_ZEROED))
        has |= NEEDS_ALLOCATE_ZEROED;
    if (candidate_has(candidate, OP_REALLOCATE_INPLACE))
        has |= NEEDS_IN_PLACE;
    if (candidate_has_pure_usable_size(candidate))
        has |= NEEDS_PURE_USABLE_SIZE | NEEDS_USABLE_SIZE;
    if (candidate_has_block_usable_size(candidate))
        has |= NEEDS_USABLE_SIZE;
    if (is_asked_for_usable_size(candidate))
        has |= NEEDS_USABLE_SIZE_ASKED;
    if (candidate_has_pure_usable_size(candidate) && binding_old_size(binding) == OLD_SIZE_RANGE)
        has |= NEEDS_OLD_SIZE_RANGE;
    if (binding_symbols_are_contract(binding))
        has |= NEEDS_RUST_SYMBOLS;
    if (gate_checks_registers())
        has |= NEEDS_REGISTER_GATE;
    if (binding_replaces_malloc(binding) && !binding_has_init(binding)) /* nobody else would call an init first */
        has |= NEEDS_EARLY_CALLS;
    if (binding_replaces_malloc(binding) && binding_prefix(binding)[0] == '\0')
        has |= NEEDS_MALLOC_REPLACED;
    has |= c_functions_of(candidate);
    return has;
}

/* The index of a clause that applies to this candidate, else -1: nothing counts for the clause, and nothing breaks it.
 */
static int clause_in_force(const char *id)
{
    int index = contract_clause_index(id);
    return index >= 0 && clause_applies(contract_clause((size_t)index), own_run.flight->capabilities) ? index : -1;
}

static void *reserve(uint64_t bytes)
{
    return mmap(NULL, (size_t)bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

/* Makes the next large mapping cross a multiple of 4 GiB. To find the place of that mapping, this makes one that is too
 * large for any gap between others. Then it fills the space below that place, down to at most `most` bytes above the
 * multiple. */
static void begin_astride(uint64_t seed, uint64_t most)
{
    struct prng prng = {seed};
    const uint64_t line = UINT64_C(1) << 32, page = (uint64_t)sysconf(_SC_PAGESIZE),
                   above = page * (1 + prng_below(&prng, most / page));
    void *probe = sizeof(size_t) > 4 ? reserve(2 * line) : MAP_FAILED;
    if (probe == MAP_FAILED)
        return;
    munmap(probe, (size_t)(2 * line));
    uint64_t within = (uint64_t)(uintptr_t)probe % line; /* 8 GiB further up it is the same */
    reserve(within > above ? within - above : within + line - above);
}

static bool prepare(struct run *run, struct flight *flight, struct error *error)
{
    const struct binding *binding = binding_load(flight->binding, flight->bindings_directory, error);
    if (binding == NULL)
        return false;
    run->flight = flight;
    refuse_count_into(&flight->refusals);
    if (flight->grants_all)
        refuse_never();
    run->candidate = candidate_open(flight->candidate, binding, error);
    if (run->candidate == NULL)
        return false;
    flight->capabilities = capabilities_of(run->candidate, binding);
    if (!heap_create(&run->heap, run->candidate, flight, clause_in_force, LIVE_BLOCKS, error) ||
        !arena_create(&run->scratch, SCRATCH))
        return error_set(error, "no memory for the harness's own records");
    run->heap.old_size_is_exact = binding_old_size(binding) != OLD_SIZE_RANGE;
    heap_seal(&run->heap);
    run->prng.state = flight->seed;
    run->effort = (enum effort)flight->effort;
    return true;
}

static void start_clock(struct run *run, const struct flight *flight)
{
    run->started_ns = clock_now_ns();
    uint64_t scale = flight->time_scale > 1 ? flight->time_scale : 1;
    run->budget_ns = scale *
                     (run->effort == EFFORT_QUICK      ? 1
                      : run->effort == EFFORT_STANDARD ? 4
                                                       : 10) *
                     UINT64_C(1000000000);
}

/* Does the binding work at all? Blocks of a few sizes are written, resized and given back. */
static void probe(struct run *run)
{
    for (size_t size = 1; size <= 4096 && run_goes_on(run); size *= 8) {
        struct block *block = heap_allocate(&run->heap, size, 8);
        if (block == NULL)
            continue;
        heap_reallocate(&run->heap, block, block->requested, size * 2);
        heap_deallocate(&run->heap, block, block->requested);
    }
}

static void act(struct run *run, struct flight *flight)
{
    if (strcmp(flight->scenario, SCENARIO_PROBE) == 0) {
        probe(run);
        return;
    }
    const struct scenario *scenario = contract_find_scenario(flight->scenario); /* NULL: SCENARIO_REPLAY */
    bool has_input = scenario == NULL || flight->input_length > 0;
    if (has_input && !trace_replay(&run->heap, flight_input(flight), (size_t)flight->input_length))
        _exit(3); /* outside any call: the supervisor reads it as the harness's failure */
    if (!has_input && scenario->early != NULL && early_flight == NULL)
        _exit(3); /* nobody has called child_early, and a call that was not made early must not count */
    if (!has_input)
        scenario->run(run);
    heap_verify_all(&run->heap);
}

/* Loads and binds the candidate that the flight record names, so that it can be called. */
static void set_up(struct flight *flight)
{
    struct error error = {0};
    if (!contract_select(flight->contract))
        _exit(3); /* outside any call: the supervisor reads it as the harness's failure */
    const struct scenario *scenario = contract_find_scenario(flight->scenario);
    if (scenario != NULL && scenario->before_loading != NULL)
        scenario->before_loading();
    bool astride = scenario != NULL && scenario->astride;
    if (astride) /* for a candidate that maps much memory while it is loaded */
        begin_astride(flight->seed, (uint64_t)64 << 20);
    if (!prepare(&own_run, flight, &error)) {
        flight->static_tls = error_is_static_tls(&error);
        sandbox_not_loaded(flight, &error);
    }
    if (astride) /* for one that maps later, behind the harness's own records */
        begin_astride(flight->seed, (uint64_t)1 << 20);
    sandbox_ready(flight);
    gate_on_escape(on_escape);
    start_clock(&own_run, flight);
}

/* The scenario that the flight record behind `fd` names, read without changing anything; NULL: none. */
static const struct scenario *named_scenario(int fd)
{
    char name[sizeof((struct flight *)NULL)->scenario];
    bool whole = pread(fd, name, sizeof name, offsetof(struct flight, scenario)) == (ssize_t)sizeof name;
    return whole && memchr(name, '\0', sizeof name) != NULL ? contract_find_scenario(name) : NULL;
}

void child_early(int fd)
{
    contract_gather();
    const struct scenario *scenario = named_scenario(fd);
    if (scenario == NULL || scenario->early == NULL || (early_flight = sandbox_enter(fd)) == NULL)
        return;
    set_up(early_flight);
    scenario = contract_find_scenario(early_flight->scenario); /* of the contract that is in force now */
    if (early_flight->input_length == 0 && scenario != NULL && scenario->early != NULL)
        scenario->early(&own_run);
}

void child_main(int fd)
{
    struct flight *flight = early_flight != NULL ? early_flight : sandbox_enter(fd);
    if (flight == NULL) {
        fputs("assay: " SANDBOX_VERB " is for assay itself\n", stderr);
        _exit(2);
    }
    if (flight != early_flight)
        set_up(flight);
    act(&own_run, flight);
    if (own_run.flight != flight || !heap_is_whole(&own_run.heap))
        sandbox_written_over();
    sandbox_complete(flight);
}
