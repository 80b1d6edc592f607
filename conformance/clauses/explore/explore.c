/* Exploration: sequences over all six operations that look for trouble where this candidate may have some,
 * and reach states that single calls never do.
 *
 * No clauses of its own: whatever breaks, the oracle knows it. Each scenario learns first where the
 * candidate's classes end (and some, from which size it maps), and draws its sizes with a liking for these
 * places. Same seed, same candidate: same calls (tests/test_reproducible.c).
 */
#include "conformance/clauses/explore/explore.h"

#include "conformance/contract.h"

#define BLOCKS "block/accessible block/disjoint block/undisturbed alignment/allocate alignment/allocate-zeroed "
#define SIZES "usable-size/at-least-size usable-size/slack-owned usable-size/pure "
#define RESIZING "alignment/reallocate reallocate/contents reallocate/slack-contents reallocate/old-size-range "
#define IN_PLACE "in-place/* "
#define ZEROES "zeroing/* "
#define FREES "deallocate/old-size-range "
#define EVERYTHING BLOCKS SIZES RESIZING IN_PLACE ZEROES FREES

static const struct clause clauses[] = {};

static const struct scenario scenarios[] = {
    {.name = "explore/churn-small",
     .about = "all six in changing moods over 300 small blocks",
     .clauses = EVERYTHING,
     .tags = "quick",
     .run = explore_churn_small},
    {.name = "explore/churn",
     .about = "all six in changing moods over 700 blocks of many classes",
     .clauses = EVERYTHING,
     .run = explore_churn},
    {.name = "explore/churn-large",
     .about = "all six in changing moods over blocks of up to 2 MiB",
     .clauses = EVERYTHING,
     .run = explore_churn_large},
    {.name = "explore/churn-aligned",
     .about = "the same with alignments up to 64 KiB",
     .clauses = EVERYTHING " alignment/above-page",
     .run = explore_churn_aligned},
    {.name = "explore/short-of-memory",
     .about = "the same with so little memory that null is an everyday answer",
     .clauses = BLOCKS RESIZING "reallocate/failure-intact " ZEROES,
     .run = explore_short_of_memory},
    {.name = "explore/shrink-only",
     .about = "blocks that only ever shrink, their tails asked for by others",
     .clauses = BLOCKS SIZES RESIZING IN_PLACE,
     .run = explore_shrink_only},
    {.name = "explore/masses-equal",
     .about = "more equal blocks than 16 bits count, thinned out and made again",
     .clauses = BLOCKS SIZES,
     .run = explore_masses_equal},
    {.name = "explore/masses-mixed",
     .about = "hundreds of thousands of blocks over many classes, thinned out and made again",
     .clauses = BLOCKS SIZES RESIZING,
     .run = explore_masses_mixed},
    {.name = "explore/every-size",
     .about = "every size to some KiB, one more and one less, then both sides of every class edge",
     .clauses = EVERYTHING,
     .tags = "quick",
     .run = explore_every_size},
    {.name = "explore/edge-to-edge",
     .about = "reallocate from every class to every other",
     .clauses = BLOCKS SIZES RESIZING FREES,
     .run = explore_edge_to_edge},
    {.name = "explore/fresh-border",
     .about = "blocks grown in place into memory never used, freed, and zeroes asked for there",
     .clauses = ZEROES IN_PLACE BLOCKS,
     .run = explore_fresh_border},
    {.name = "explore/refill",
     .about = "dirty blocks freed in many orders, zeroed ones of other sizes asked for",
     .clauses = BLOCKS SIZES ZEROES IN_PLACE FREES,
     .run = explore_refill},
    {.name = "explore/refill-large",
     .about = "the same where mappings are kept, cut and joined",
     .clauses = BLOCKS SIZES ZEROES IN_PLACE,
     .run = explore_refill_large},
    {.name = "explore/realigned",
     .about = "over-aligned blocks recycled as plain ones, and back",
     .clauses = EVERYTHING " alignment/above-page",
     .run = explore_realigned},
    {.name = "explore/split-and-merge",
     .about = "every n-th of equal neighbours freed, what their memory is worth asked for",
     .clauses = EVERYTHING,
     .run = explore_split_and_merge},
    {.name = "explore/into-neighbours",
     .about = "blocks grown in place over freed neighbours, to their last byte and one further",
     .clauses = BLOCKS SIZES IN_PLACE,
     .needs = NEEDS_IN_PLACE,
     .run = explore_into_neighbours},
    {.name = "explore/to-the-end",
     .about = "blocks grown in place to the last byte that is granted, and the next ones made there",
     .clauses = BLOCKS SIZES IN_PLACE,
     .needs = NEEDS_IN_PLACE,
     .run = explore_to_the_end},
    {.name = "explore/ladders",
     .about = "single blocks up and down between bytes and many MiB",
     .clauses = BLOCKS SIZES RESIZING IN_PLACE,
     .run = explore_ladders},
    {.name = "explore/vast-blocks",
     .about =
         "blocks of 16 MiB to 1 GiB, their ends used, their neighbours looked at, zeroes asked for where they were",
     .clauses = BLOCKS SIZES IN_PLACE ZEROES,
     .run = explore_vast_blocks},
    {.name = "explore/astride",
     .about = "all six in changing moods over 700 blocks, in memory on both sides of a multiple of 4 GiB",
     .clauses = EVERYTHING,
     .astride = true,
     .run = explore_churn},
    {.name = "explore/masses-of-memory",
     .about = "two hundred MiB in blocks of some KiB, thinned out and filled up again",
     .clauses = BLOCKS SIZES,
     .run = explore_masses_of_memory},
    {.name = "explore/beyond-32-bits",
     .about = "blocks of 2, 4 and 6 GiB and back to 3 MiB, where there is room",
     .clauses = "block/no-wrapped-size reallocate/contents",
     .run = explore_beyond_32_bits},
    {.name = "explore/guarded",
     .about = "whole pages less a few bytes, an inaccessible page behind the next mapping",
     .clauses = BLOCKS SIZES RESIZING,
     .run = explore_guarded},
};

CLAUSE_GROUP(explore, "explore", 95, clauses, scenarios);
