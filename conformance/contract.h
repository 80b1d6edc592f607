/* conformance/contract.h: contracts as data.
 *
 * Promises: a clause is a row in the file of its group, a scenario is a row in the file of its function, and each file
 * registers its rows itself: adding one needs no edit elsewhere. Ids are slugs that users type, search for and waive,
 * so they are never reused and never renumbered.
 *
 * A group belongs to one contract, which gives its clauses their level and source. Another contract may adopt clauses
 * of that group: it then gives each its own level and source (conformance/contracts/NAME.c, one file a contract). One
 * contract is in force at a time, and all questions below are answered for it. Scenarios belong to no contract: a run
 * takes those that exercise a clause of the contract in force.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "harness/report/report.h"

struct run;

/* What a binding must give for a clause to mean anything; without it the clause is not applicable. */
enum need {
    NEEDS_NOTHING = 0,
    NEEDS_IN_PLACE = 1 << 0,
    NEEDS_PURE_USABLE_SIZE = 1 << 1, /* usable_size(size, align) */
    NEEDS_USABLE_SIZE = 1 << 2,      /* usable_size(size, align), or the usable size of a block */
    NEEDS_OLD_SIZE_RANGE = 1 << 3,   /* usable_size is pure and old_size is not declared exact */
    NEEDS_RUST_SYMBOLS = 1 << 4,     /* the binding's symbols are the contract's own */
    NEEDS_REGISTER_GATE = 1 << 5,    /* registers can be checked on this architecture */
    NEEDS_ANOTHER_KIND = 1 << 6,     /* another kind of file, such as an executable: `assay linkage` judges it */
    NEEDS_ALLOCATE_ZEROED = 1 << 7,
    NEEDS_ALIGNMENT = 1 << 8,    /* an alignment other than 1 may be asked for */
    NEEDS_ABOVE_PAGE = 1 << 9,   /* an alignment above the page size may be asked for */
    NEEDS_EARLY_CALLS = 1 << 10, /* the library takes malloc's place, and so may be called before its own constructor */
    NEEDS_MALLOC_REPLACED = 1 << 11, /* the library is the process's own malloc */
    /* The library says at least some usable sizes itself. A binding may instead give a formula (`value`). */
    NEEDS_USABLE_SIZE_ASKED = 1 << 13,
    NEEDS_C = 1 << 12,                                       /* the contract speaks of C's own functions */
#define NEEDS_C_FUNCTION(function) (1u << (16 + (function))) /* the binding has this function of enum c_function */
};

struct clause {
    const char *id;
    enum level level;
    const char *strength;  /* documented, derived, required-by-std, quality, open */
    const char *statement; /* one sentence */
    const char *source;    /* where the rule comes from; cites rows of sources.tsv by their keys in brackets */
    const char *why;       /* what goes wrong in a program when it is broken */
    const char *broken_by; /* kinds of allocator bug that break it */
    const char *edges;     /* how cases are judged on which the statement is silent, for `assay explain`; or NULL */
    unsigned needs;        /* enum need: all of these */
    unsigned needs_any;    /* enum need: at least one of these as well; 0: nothing further */
    const char *moot_if; /* another clause, or NULL: where that one was exercised and this one never, the candidate was
                            asked and never did what this clause is about */
    const char *moot_note; /* what the candidate did instead */
    const char *relies_on; /* a feature of the platform (platform.h) that a candidate may need to keep the clause:
                              nobody breaks it where that is lacking; or NULL */
    bool tells_of_race; /* if many threads break it and one thread doing the same does not, that is a race: the clause
                           about threads which was being exercised is broken, too */
};

struct scenario {
    const char *name;      /* GROUP/what-it-does */
    const char *about;     /* one sentence: how it gets to interesting states */
    const char *clauses;   /* ids or globs, separated by spaces: what it is meant to exercise */
    const char *tags;      /* for Check's CK_INCLUDE_TAGS */
    unsigned needs;        /* enum need: without all of these the scenario is not run */
    const char *relies_on; /* a feature of the platform (platform.h), or NULL: where it is lacking, the scenario is not
                              run, and the clauses that it exercises stay open */
    bool astride; /* memory is mapped on both sides of a multiple of 4 GiB, where the low 32 bits of an address wrap */
    void (*before_loading)(void); /* what is done in the process before it loads the candidate; NULL: nothing */
    /* What is done before any constructor of the process has run, the candidate's included; `run` follows in main.
     * NULL: nothing. Only with NEEDS_EARLY_CALLS. */
    void (*early)(struct run *run);
    void (*run)(struct run *run);
};

struct clause_group {
    const char *name;
    const char *contract;  /* the contract of its clauses; "": it has none */
    const char *only;      /* the only contract for which its scenarios are run; NULL: every one with a clause that they
                              exercise */
    const char *relies_on; /* what all its scenarios rely on (struct scenario); NULL: each says it itself */
    int order;             /* position in lists; the files of a group may share it */
    const struct clause *clauses;
    size_t clause_count;
    const struct scenario *scenarios;
    size_t scenario_count;
};

#define CONTRACT_RUST "rust-1.19"

/* Registers a group: CLAUSE_GROUP(alignment, "alignment", 20, clauses, scenarios) at file scope. */
#define CLAUSE_GROUP(symbol, title, position, clause_rows, scenario_rows) \
    CLAUSE_GROUP_OF(CONTRACT_RUST, symbol, title, position, clause_rows, scenario_rows)

/* The same for a group whose clauses belong to another contract. */
#define CLAUSE_GROUP_OF(contract_name, symbol, title, position, clause_rows, scenario_rows)                        \
    static const struct clause_group symbol##_group = {.name = title,                                              \
                                                       .contract = contract_name,                                  \
                                                       .order = position,                                          \
                                                       .clauses = clause_rows,                                     \
                                                       .clause_count = sizeof clause_rows / sizeof(struct clause), \
                                                       .scenarios = scenario_rows,                                 \
                                                       .scenario_count =                                           \
                                                           sizeof scenario_rows / sizeof(struct scenario)};        \
    static const struct clause_group *const symbol##_entry __attribute__((used, section("clause_groups"))) =       \
        &symbol##_group

/* A group may be split over files. One of them registers its clauses alone: CLAUSES(threads, "threads", 100, clauses)
 * at file scope. A group that has no clauses of its own needs no such file. */
#define CLAUSES(symbol, title, position, clause_rows)                                                               \
    static const struct clause_group symbol##_group = {.name = title,                                               \
                                                       .contract = CONTRACT_RUST,                                   \
                                                       .order = position,                                           \
                                                       .clauses = clause_rows,                                      \
                                                       .clause_count = sizeof clause_rows / sizeof(struct clause)}; \
    static const struct clause_group *const symbol##_entry __attribute__((used, section("clause_groups"))) =        \
        &symbol##_group

/* Each other file registers its own scenarios: SCENARIOS(churn, "explore", 95, scenarios) at file scope. They may
 * exercise clauses of any group. */
#define SCENARIOS(symbol, title, position, scenario_rows) \
    SCENARIOS_IN(NULL, NULL, symbol, title, position, scenario_rows)

/* The same for scenarios that make calls of which only one contract speaks. */
#define SCENARIOS_OF(contract_name, symbol, title, position, scenario_rows) \
    SCENARIOS_IN(contract_name, NULL, symbol, title, position, scenario_rows)

/* The same for scenarios that all rely on one feature of the platform, which their rows then need not name. */
#define SCENARIOS_RELYING_ON(what, symbol, title, position, scenario_rows) \
    SCENARIOS_IN(NULL, what, symbol, title, position, scenario_rows)

#define SCENARIOS_IN(contract_name, what, symbol, title, position, scenario_rows)                            \
    static const struct clause_group symbol##_group = {.name = title,                                        \
                                                       .contract = "",                                       \
                                                       .only = contract_name,                                \
                                                       .relies_on = what,                                    \
                                                       .order = position,                                    \
                                                       .scenarios = scenario_rows,                           \
                                                       .scenario_count =                                     \
                                                           sizeof scenario_rows / sizeof(struct scenario)};  \
    static const struct clause_group *const symbol##_entry __attribute__((used, section("clause_groups"))) = \
        &symbol##_group

/* A clause of another contract's group, as this contract has it. */
struct adopted {
    const char *id;
    enum level level;
    const char *source; /* keys of sources.tsv in brackets, as in a clause */
};

struct contract {
    const char *name;
    const char *about; /* one line */
    const struct adopted *adopted;
    size_t adopted_count;
};

/* Registers a contract: CONTRACT(c_malloc, "malloc", "C's malloc family", rows) at file scope. */
#define CONTRACT(symbol, contract_name, text, rows)                                                                    \
    static const struct contract symbol##_contract = {                                                                 \
        .name = contract_name, .about = text, .adopted = rows, .adopted_count = sizeof rows / sizeof(struct adopted)}; \
    static const struct contract *const symbol##_entry __attribute__((used, section("contracts"))) = &symbol##_contract

/* Gathers groups and contracts. It runs before main by itself; code that runs still earlier calls it first. */
void contract_gather(void);

/* Puts a contract in force. False: there is none of that name. CONTRACT_RUST is in force until one is chosen. */
bool contract_select(const char *name);
const struct contract *contract_in_force(void);

/* Does the contract in force speak of C's own functions? */
bool contract_speaks_of_c(void);

/* All contracts, by name. */
size_t contract_count(void);
const struct contract *contract_at(size_t index);

/* ---- of the contract in force ---- */

/* All clauses, in order of group and row. The flight record counts by this index. Level and source are this contract's.
 */
size_t contract_clause_count(void);
const struct clause *contract_clause(size_t index);
int contract_clause_index(const char *id); /* -1: no such clause */

/* All scenarios that exercise one of its clauses, in order of group and row. */
size_t contract_scenario_count(void);
const struct scenario *contract_scenario(size_t index);
const struct scenario *contract_find_scenario(const char *name);

/* Does the clause apply to a candidate with these capabilities (enum need)? If it does not, nothing counts for it and
 * nothing breaks it. */
static inline bool clause_applies(const struct clause *clause, unsigned capabilities)
{
    return (clause->needs & ~capabilities) == 0 && (clause->needs_any == 0 || (clause->needs_any & capabilities) != 0);
}

/* Is the scenario meant to exercise this clause? Is any scenario of the contract in force? */
int scenario_exercises(const struct scenario *scenario, const char *clause_id);
int contract_is_judged(const struct clause *clause);
