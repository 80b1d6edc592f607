#include "conformance/scenario/tight.h"

#include <string.h>
#include <time.h>

#include "conformance/contract.h"
#include "conformance/scenario/jolt.h"
#include "harness/base/clock.h"
#include "harness/oracle/slot.h"

/* Blocks of up to WHOLE bytes are filled with tags, larger ones have a tag every STRIDE bytes and at the end. Blocks
 * above SPARSE have SPARSE_TAGS of them, because there each page that is touched costs more than the call. */
enum { WHOLE = 512, STRIDE = 512, SPARSE = 1 << 20, SPARSE_TAGS = 8 };

struct tight tight_start(struct member *member, const char *clause, const char *doing, _Atomic bool *stopped)
{
    struct run *run = member->run;
    if (member->count > 1)
        jolt_start();
    return (struct tight){.run = run,
                          .candidate = run->candidate,
                          .slot = slot_own(&run->heap),
                          .clause = clause,
                          .doing = doing,
                          .next_tag = (uint64_t)(member->number + 1) << 48,
                          .is_alone = member->count == 1,
                          .stopped = stopped};
}

static void begin(struct tight *tight, enum operation operation, const void *block, size_t old_size, size_t size,
                  size_t align)
{
    const struct slot_call call = {operation, (uintptr_t)block, old_size, size, align};
    slot_enter(tight->slot, &tight->run->heap, &call, heap_crash_clause(&tight->run->heap));
    tight->calls++;
}

static void touch(struct tight *tight, const struct tight_block *block)
{
    const struct heap *heap = &tight->run->heap;
    int refused = heap_was_refused(heap) ? heap_refused_clause(heap) : -1,
        clause = refused >= 0 ? refused : heap_crash_clause(heap);
    clause = clause >= 0 ? clause : contract_clause_index("block/accessible");
    const struct slot_touch touch = {(uintptr_t)block->address, block->size, block->size, block->align, clause, clause};
    slot_touch(tight->slot, &touch);
}

static void idle(struct tight *tight) { slot_leave(tight->slot); }

/* ---- tags ---- */

/* The offset of the tag after the one at `at`; `size` if there is none. A tag has 8 bytes, and the last one may overlap
 * the one before. */
static size_t next_place(size_t at, size_t size)
{
    size_t next = at + (size <= WHOLE ? sizeof(uint64_t) : size <= SPARSE ? STRIDE : size / SPARSE_TAGS);
    if (next + sizeof(uint64_t) <= size)
        return next;
    return at + sizeof(uint64_t) < size ? size - sizeof(uint64_t) : size;
}

static uint64_t tag_at(uint64_t tag, size_t at) { return tag + at; }

static void write_tags(struct tight *tight, struct tight_block *block)
{
    size_t unit = block->size < sizeof(uint64_t) ? block->size : sizeof(uint64_t);
    block->tag = prng_mix(++tight->next_tag);
    touch(tight, block);
    for (size_t at = 0; at < block->size; at = next_place(at, block->size)) {
        uint64_t tag = tag_at(block->tag, at);
        memcpy(block->address + at, &tag, unit);
    }
    idle(tight);
}

/* Reports a fault. `own` is the clause that it would break for a single thread. */
static void notice(struct tight *tight, const char *own, const struct tight_block *block, size_t at, const char *when,
                   uint64_t seen, uint64_t expected)
{
    struct flight *flight = tight->run->flight;
    if (atomic_exchange(tight->stopped, true))
        return;
    uint32_t index = flight->finding_count;
    run_violated(tight->run, tight->is_alone ? own : tight->clause, tight->doing,
                 "a block is its holder's alone, and keeps what its holder wrote",
                 "the block at %p (size %zu, align %zu) holds %#llx at byte %zu %s, where %#llx is expected",
                 (void *)block->address, block->size, block->align, (unsigned long long)seen, at, when,
                 (unsigned long long)expected);
    if (!tight->is_alone && flight->finding_count > index)
        flight->findings[index].among_threads = contract_clause_index(own);
    taint(&tight->run->heap);
}

/* Do the first `kept` bytes hold what was written when the block had `size` bytes? */
static bool check_tags(struct tight *tight, const char *own, const struct tight_block *block, size_t size, size_t kept,
                       const char *when)
{
    size_t unit = size < sizeof(uint64_t) ? size : sizeof(uint64_t), bad = SIZE_MAX;
    uint64_t seen = 0, expected = 0;
    touch(tight, block);
    /* At the end two tags overlap, and the later one was written later. */
    size_t final = size > sizeof(uint64_t) ? size - sizeof(uint64_t) : size;
    for (size_t at = 0; at < size && at + unit <= kept && bad == SIZE_MAX; at = next_place(at, size)) {
        size_t whole = at < final && at + unit > final ? final - at : unit;
        uint64_t tag = tag_at(block->tag, at);
        seen = expected = 0;
        memcpy(&seen, block->address + at, whole);
        memcpy(&expected, &tag, whole);
        bad = seen != expected ? at : SIZE_MAX;
    }
    idle(tight);
    if (bad != SIZE_MAX)
        notice(tight, own, block, bad, when, seen, expected);
    return bad == SIZE_MAX;
}

static bool is_undisturbed(struct tight *tight, const struct tight_block *block, const char *when)
{
    return check_tags(tight, "block/undisturbed", block, block->size, block->size, when);
}

static void check_zero(struct tight *tight, const struct tight_block *block)
{
    size_t bad = SIZE_MAX;
    touch(tight, block);
    for (size_t at = 0; at < block->size && bad == SIZE_MAX; at++)
        bad = block->address[at] != 0 ? at : SIZE_MAX;
    idle(tight);
    if (bad != SIZE_MAX)
        notice(tight, "zeroing/allocate-zeroed", block, bad, "after allocate_zeroed", block->address[bad], 0);
}

/* ---- calls ---- */

struct tight_block tight_allocate(struct tight *tight, size_t size, size_t align, bool zeroed)
{
    const struct heap *heap = &tight->run->heap;
    align = heap_align(heap, align);
    zeroed = zeroed && heap_has(heap, OP_ALLOCATE_ZEROED);
    struct tight_block block = {.size = size, .align = align};
    begin(tight, zeroed ? OP_ALLOCATE_ZEROED : OP_ALLOCATE, NULL, 0, size, align);
    block.address = zeroed ? candidate_allocate_zeroed(tight->candidate, size, align)
                           : candidate_allocate(tight->candidate, size, align);
    idle(tight);
    if (block.address == NULL || atomic_load(tight->stopped))
        return (struct tight_block){NULL};
    if (zeroed) {
        check_zero(tight, &block);
        tight->zeroed++;
    }
    write_tags(tight, &block);
    tight->served++;
    return block;
}

void tight_reallocate(struct tight *tight, struct tight_block *block, size_t size)
{
    if (block->address == NULL || atomic_load(tight->stopped) || !is_undisturbed(tight, block, "before reallocate"))
        return;
    begin(tight, OP_REALLOCATE, block->address, block->size, size, block->align);
    void *moved = candidate_reallocate(tight->candidate, block->address, block->size, size, block->align);
    idle(tight);
    if (moved == NULL)
        return;
    size_t old_size = block->size;
    block->address = moved;
    block->size = size;
    check_tags(tight, "reallocate/contents", block, old_size, old_size < size ? old_size : size, "after reallocate");
    write_tags(tight, block);
}

/* An answer below old_size says that a shrink was done. Any other answer leaves it open, and then the old size is a
 * legal old_size either way. */
void tight_reallocate_inplace(struct tight *tight, struct tight_block *block, size_t size)
{
    if (block->address == NULL || atomic_load(tight->stopped) ||
        !heap_may_resize_inplace(&tight->run->heap, block->size, size, block->align) ||
        !is_undisturbed(tight, block, "before reallocate_inplace"))
        return;
    begin(tight, OP_REALLOCATE_INPLACE, block->address, block->size, size, block->align);
    size_t usable = candidate_reallocate_inplace(tight->candidate, block->address, block->size, size, block->align);
    idle(tight);
    size_t old_size = block->size;
    if (size > old_size ? usable < size : usable >= old_size)
        return;
    block->size = size;
    check_tags(tight, "in-place/contents", block, old_size, old_size < size ? old_size : size,
               "after reallocate_inplace");
    write_tags(tight, block);
}

void tight_deallocate(struct tight *tight, struct tight_block *block)
{
    if (block->address == NULL || atomic_load(tight->stopped) || !is_undisturbed(tight, block, "before deallocate"))
        return;
    begin(tight, OP_DEALLOCATE, block->address, block->size, 0, block->align);
    candidate_deallocate(tight->candidate, block->address, block->size, block->align);
    idle(tight);
    block->address = NULL;
    tight->freed++;
}

void tight_step(struct member *member, struct tight *tight, struct tight_block *held, size_t count)
{
    struct tight_block *block = &held[prng_below(&member->prng, count)];
    if (block->address == NULL)
        *block = tight_allocate(tight, (size_t)24 << prng_below(&member->prng, 3) * 2, 8, false);
    else
        tight_deallocate(tight, block);
}

/* ---- pace ---- */

enum { LEAST_ROUNDS = 16 };

struct tight_pace tight_pace(void) { return (struct tight_pace){clock_now_s(), clock_s(CLOCK_PROCESS_CPUTIME_ID)}; }

bool tight_in_time(struct run *run, size_t round, const struct tight_pace *started)
{
    double enough = run->effort == EFFORT_QUICK ? 0.1 : 0.5;
    struct tight_pace now = tight_pace();
    double worked = now.worked - started->worked, wall = now.wall - started->wall;
    return run_goes_on(run) && (round < LEAST_ROUNDS || wall < enough || (worked < enough && wall < 4 * enough));
}

bool tight_is_bearable(struct run *run, const struct tight_pace *started)
{
    const double most = 3;
    return run_goes_on(run) && tight_pace().worked - started->worked < most;
}
