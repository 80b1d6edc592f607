/* Traffic: many threads call all six operations, on blocks of their own or of their neighbours. */
#include "conformance/clauses/threads/threads.h"

/* ---- each with blocks of its own ---- */

enum { OWN = 96 };

static void churn(struct member *member)
{
    struct block *blocks[OWN] = {NULL};
    size_t rounds = threads_rounds(member, 12, 60);
    for (size_t round = 0; round < rounds && run_goes_on(member->run); round++) {
        team_meet(member);
        for (size_t i = 0; i < OWN; i++)
            threads_churn_one(member, &blocks[prng_below(&member->prng, OWN)]);
        threads_went_well(member, "threads/concurrent");
    }
    threads_free_all(member, blocks, OWN);
}

static void each_its_own(struct run *run) { threads_work(run, "threads/concurrent", churn, NULL); }

/* ---- all at once ---- */

enum { AT_ONCE = 24 };

struct table {
    struct block *blocks[TEAM_MOST + 1][AT_ONCE];
};

static void fill_row(struct member *member, struct block **row, size_t size, bool zeroed)
{
    for (size_t i = 0; i < (size > 20000 ? AT_ONCE / 6 : AT_ONCE); i++)
        row[i] = run_allocate(member->run, size, 8, zeroed);
}

/* In each round all threads allocate one class, verify their blocks, and free their own or those of their neighbour. */
static void collide(struct member *member)
{
    static const size_t sizes[] = {8, 16, 48, 100, 300, 1000, 4000, 9000, 33000, 70000, 300000};
    struct table *table = member->context;
    size_t rounds = threads_rounds(member, 22, 99), self = (size_t)member->number % (size_t)member->count;
    for (size_t round = 0; round < rounds; round++) {
        size_t size = sizes[round % (sizeof sizes / sizeof *sizes)],
               whose = round / 3 % 2 ? (self + 1) % (size_t)member->count : self;
        bool goes_on = run_goes_on(member->run);
        team_collide(member);
        if (goes_on)
            fill_row(member, table->blocks[self], size, round % 3 == 1);
        for (size_t i = 0; goes_on && i < AT_ONCE; i++)
            if (table->blocks[self][i] != NULL)
                heap_verify(&member->run->heap, table->blocks[self][i]);
        team_collide(member);
        size_t freed = threads_free_all(member, table->blocks[whose], AT_ONCE);
        if (goes_on && whose == self)
            threads_went_well(member, "threads/concurrent");
        else if (goes_on && freed > 0)
            threads_went_well(member, "threads/foreign-free");
        team_meet(member); /* so that nobody fills a row that another thread still empties */
    }
}

static void all_at_once(struct run *run)
{
    struct table *table = run_scratch(run, sizeof *table);
    threads_work(run, "threads/concurrent", collide, table);
}

/* ---- usable_size ---- */

enum { QUESTIONS = 400 };

struct questions {
    size_t sizes[QUESTIONS], aligns[QUESTIONS], answers[QUESTIONS];
};

static void ask_all(struct member *member)
{
    struct questions *questions = member->context;
    struct run *run = member->run;
    struct block *blocks[OWN] = {NULL};
    team_meet(member);
    for (size_t i = 0; i < QUESTIONS * 2 && run_goes_on(run); i++) {
        size_t q = (i * 7 + (size_t)member->number * 31) % QUESTIONS;
        size_t answer = heap_usable_size(&run->heap, questions->sizes[q], questions->aligns[q]);
        run_exercised(run, "usable-size/pure");
        if (answer != questions->answers[q] && !run->heap.tainted)
            run_violated(run, "usable-size/pure", "usable_size asked by several threads, before and during traffic",
                         "the same answer", "%zu for size %zu, align %zu in thread %d, and %zu before", answer,
                         questions->sizes[q], questions->aligns[q], member->number, questions->answers[q]);
        threads_churn_one(member, &blocks[q % OWN]);
    }
    threads_free_all(member, blocks, OWN);
}

static void usable_sizes(struct run *run)
{
    struct questions *questions = run_scratch(run, sizeof *questions);
    for (size_t q = 0; q < QUESTIONS; q++) {
        questions->sizes[q] = run_size(run, 4000000);
        questions->aligns[q] = run_align(run, 4096);
        questions->answers[q] = heap_usable_size(&run->heap, questions->sizes[q], questions->aligns[q]);
    }
    threads_work(run, "threads/concurrent", ask_all, questions);
}

static const struct scenario scenarios[] = {
    {.name = "threads/all-at-once",
     .about = "all threads allocate one class at the same moment, then all free: their own, or their neighbour's",
     .clauses = "threads/concurrent threads/foreign-free threads/progress",
     .tags = "quick",
     .run = all_at_once},
    {.name = "threads/each-its-own",
     .about = "all six operations from more threads than cores, each on its own blocks",
     .clauses = "threads/concurrent threads/progress",
     .run = each_its_own},
    {.name = "threads/usable-sizes",
     .about = "usable_size has one answer in every thread, before and during traffic",
     .clauses = "threads/concurrent usable-size/pure",
     .needs = NEEDS_PURE_USABLE_SIZE,
     .run = usable_sizes},
};

THREADS_SCENARIOS(threads_traffic, scenarios);
