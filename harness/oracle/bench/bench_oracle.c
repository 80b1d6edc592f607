/* bench_oracle LIBRARY [BINDING]: what watching costs.
 *
 * The same million operations (a fixed pseudo-random mix of all six over 2,000 blocks) are made in three ways in one
 * process, in turn, for several rounds:
 *   calls    through the binding, nothing else
 *   owner    the same, and each block's owner writes all of it, as a program does
 *   checked  through the checked heap
 * Prints the ratios of the medians by size of block, checked operations per second, and the shadow's memory per live
 * block.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/clock.h"
#include "harness/base/prng.h"
#include "harness/candidate/binding.h"
#include "harness/candidate/candidate.h"
#include "harness/oracle/heap.h"
#include "harness/oracle/pattern.h"

enum { OPERATIONS_RUN = 1000000, SLOTS = 2000, ROUNDS = 5 };

struct bare {
    char *block;
    size_t size, align;
};

static const struct candidate *candidate;
static struct flight *flight;

struct step {
    uint32_t slot, choice;
    size_t size, align;
};

static struct step next_step(struct prng *prng, size_t most)
{
    uint64_t random = prng_next(prng);
    return (struct step){(uint32_t)(random % SLOTS), (uint32_t)(random >> 32) % 8, 1 + prng_below(prng, most),
                         (size_t)1 << ((random >> 40) % 5)};
}

static void touch(const struct bare *bare, bool writes)
{
    if (writes)
        pattern_fill(bare->block, bare->size, bare->size);
}

static void bare_step(struct bare *bare, const struct step *step, bool writes)
{
    if (bare->block == NULL) {
        bare->block = step->choice == 0 ? candidate_allocate_zeroed(candidate, step->size, step->align)
                                        : candidate_allocate(candidate, step->size, step->align);
        bare->size = step->size;
        bare->align = step->align;
        touch(bare, writes);
    } else if (step->choice < 2) {
        bare->block = candidate_reallocate(candidate, bare->block, bare->size, step->size, bare->align);
        bare->size = step->size;
        touch(bare, writes);
    } else if (step->choice == 2) {
        size_t answer = candidate_reallocate_inplace(candidate, bare->block, bare->size, step->size, bare->align);
        bare->size = step->size > bare->size && answer >= step->size ? step->size : bare->size;
    } else {
        candidate_deallocate(candidate, bare->block, bare->size, bare->align);
        bare->block = NULL;
    }
}

static double run_bare(size_t most, bool writes)
{
    static struct bare slots[SLOTS];
    struct prng prng = {most};
    double began = clock_now_s();
    for (int i = 0; i < OPERATIONS_RUN; i++) {
        struct step step = next_step(&prng, most);
        bare_step(&slots[step.slot], &step, writes);
    }
    double took = clock_now_s() - began;
    for (int i = 0; i < SLOTS; i++)
        if (slots[i].block != NULL)
            candidate_deallocate(candidate, slots[i].block, slots[i].size, slots[i].align);
    memset(slots, 0, sizeof slots);
    return took;
}

static void checked_step(struct heap *heap, struct block **block, const struct step *step)
{
    if (*block == NULL) {
        *block = step->choice == 0 ? heap_allocate_zeroed(heap, step->size, step->align)
                                   : heap_allocate(heap, step->size, step->align);
    } else if (step->choice < 2) {
        heap_reallocate(heap, *block, (*block)->requested, step->size);
    } else if (step->choice == 2) {
        heap_reallocate_inplace(heap, *block, (*block)->requested, step->size);
    } else {
        heap_deallocate(heap, *block, (*block)->requested);
        *block = NULL;
    }
}

static int clause_index(const char *id) { return id[0] % 32; } /* any: what counts is that each is counted */

static double run_checked(size_t most, double *bytes_per_block)
{
    static struct block *slots[SLOTS];
    static struct heap heap;
    struct error error = {0};
    struct prng prng = {most};
    flight->tape_length = 0;
    if (!heap_create(&heap, candidate, flight, clause_index, SLOTS + 1, &error)) {
        fprintf(stderr, "bench_oracle: %s\n", error.text);
        exit(2);
    }
    double began = clock_now_s();
    for (int i = 0; i < OPERATIONS_RUN; i++) {
        struct step step = next_step(&prng, most);
        checked_step(&heap, &slots[step.slot], &step);
    }
    double took = clock_now_s() - began;
    *bytes_per_block = (double)sizeof(struct block);
    for (int i = 0; i < SLOTS; i++)
        if (slots[i] != NULL)
            heap_deallocate(&heap, slots[i], slots[i]->requested);
    if (heap.tainted || flight->finding_count != 0)
        fprintf(stderr, "bench_oracle: the library broke the contract on the way; the figures mean nothing\n");
    memset(slots, 0, sizeof slots);
    block_set_destroy(&heap.blocks);
    return took;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof *values, by_value);
    return values[ROUNDS / 2];
}

static void compare(size_t most)
{
    double calls[ROUNDS], owner[ROUNDS], checked[ROUNDS], bytes = 0;
    for (int round = 0; round < ROUNDS; round++) {
        calls[round] = run_bare(most, false);
        owner[round] = run_bare(most, true);
        checked[round] = run_checked(most, &bytes);
    }
    double plain = median(calls), written = median(owner), watched = median(checked);
    printf("sizes 1..%-6zu  checked/calls %5.2f   checked/owner %5.2f   %10.0f checked operations/s   %2.0f bytes a "
           "live block\n",
           most, watched / plain, watched / written, OPERATIONS_RUN / watched, bytes);
}

int main(int argc, char **argv)
{
    struct error error = {0};
    if (argc < 2)
        return fprintf(stderr, "usage: bench_oracle LIBRARY [BINDING]\n"), 2;
    const char *directory = getenv("ASSAY_BINDINGS");
    const struct binding *binding =
        binding_load(argc > 2 ? argv[2] : "rust-1.19", directory == NULL ? "conformance/bindings" : directory, &error);
    candidate = binding == NULL ? NULL : candidate_open(argv[1], binding, &error);
    flight = calloc(1, flight_size(1024));
    if (candidate == NULL || flight == NULL)
        return fprintf(stderr, "bench_oracle: %s\n", error.text), 2;
    flight->tape_capacity = 1024;
    static const size_t sizes[] = {64, 512, 4096, 32768};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        compare(sizes[i]);
    return 0;
}
