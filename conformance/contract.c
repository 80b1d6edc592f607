#include "conformance/contract.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The linker gathers what was registered between these. */
extern const struct clause_group *const __start_clause_groups[];
extern const struct clause_group *const __stop_clause_groups[];
extern const struct contract *const __start_contracts[];
extern const struct contract *const __stop_contracts[];

enum { MOST_GROUPS = 128, MOST_CONTRACTS = 16, MOST_CLAUSES = 96, MOST_SCENARIOS = 256 };

static const struct clause_group *groups[MOST_GROUPS];
static size_t group_count;
static const struct contract *contracts[MOST_CONTRACTS];
static size_t contract_total;

/* The contract in force. */
static struct {
    const struct contract *contract;
    struct clause clauses[MOST_CLAUSES];       /* with the level and source of this contract */
    struct scenario scenarios[MOST_SCENARIOS]; /* with what their group relies on */
    size_t clause_count, scenario_count;
} now;

static const char *first_scenario(const struct clause_group *group)
{
    return group->scenario_count == 0 ? "" : group->scenarios->name;
}

static int by_order(const void *left, const void *right)
{
    const struct clause_group *a = *(const struct clause_group *const *)left;
    const struct clause_group *b = *(const struct clause_group *const *)right;
    if (a->order != b->order)
        return a->order - b->order;
    int names = strcmp(a->name, b->name);
    return names != 0 ? names : strcmp(first_scenario(a), first_scenario(b)); /* two files of one group */
}

static int by_name(const void *left, const void *right)
{
    return strcmp((*(const struct contract *const *)left)->name, (*(const struct contract *const *)right)->name);
}

/* Ends the program when `added` more rows have no place in a table of `capacity` that holds `count`. */
static void make_sure_of_room(size_t count, size_t added, size_t capacity, const char *what)
{
    if (added <= capacity - count)
        return;
    fprintf(stderr, "assay: the contract has more %s than the %zu that there is room for\n", what, capacity);
    abort();
}

/* ---- putting a contract in force ---- */

static const struct adopted *find_adopted(const struct contract *contract, const char *id)
{
    for (size_t i = 0; i < contract->adopted_count; i++)
        if (strcmp(contract->adopted[i].id, id) == 0)
            return &contract->adopted[i];
    return NULL;
}

static void add_clauses(const struct clause_group *group)
{
    bool is_own = strcmp(group->contract, now.contract->name) == 0;
    for (size_t i = 0; i < group->clause_count; i++) {
        struct clause clause = group->clauses[i];
        const struct adopted *adopted = find_adopted(now.contract, clause.id);
        if (!is_own && adopted == NULL)
            continue;
        if (adopted != NULL) {
            clause.level = adopted->level;
            clause.source = adopted->source;
        }
        make_sure_of_room(now.clause_count, 1, MOST_CLAUSES, "clauses");
        now.clauses[now.clause_count++] = clause;
    }
}

static bool exercises_any(const struct scenario *scenario)
{
    for (size_t i = 0; i < now.clause_count; i++)
        if (scenario_exercises(scenario, now.clauses[i].id))
            return true;
    return false;
}

static void add_scenarios(const struct clause_group *group)
{
    bool is_for_others = group->only != NULL && strcmp(group->only, now.contract->name) != 0;
    for (size_t i = 0; i < group->scenario_count && !is_for_others; i++) {
        struct scenario scenario = group->scenarios[i];
        if (!exercises_any(&scenario))
            continue;
        if (scenario.relies_on == NULL)
            scenario.relies_on = group->relies_on;
        make_sure_of_room(now.scenario_count, 1, MOST_SCENARIOS, "scenarios");
        now.scenarios[now.scenario_count++] = scenario;
    }
}

static void put_in_force(const struct contract *contract)
{
    now.contract = contract;
    now.clause_count = now.scenario_count = 0;
    for (size_t i = 0; i < group_count; i++)
        add_clauses(groups[i]);
    for (size_t i = 0; i < group_count; i++)
        add_scenarios(groups[i]);
}

bool contract_select(const char *name)
{
    for (size_t i = 0; i < contract_total; i++)
        if (strcmp(contracts[i]->name, name) == 0) {
            if (now.contract != contracts[i])
                put_in_force(contracts[i]);
            return true;
        }
    return false;
}

/* Runs before main, so that every reader finds the contracts complete. */
__attribute__((constructor)) void contract_gather(void)
{
    if (now.contract != NULL)
        return;
    group_count = (size_t)(__stop_clause_groups - __start_clause_groups);
    contract_total = (size_t)(__stop_contracts - __start_contracts);
    make_sure_of_room(0, group_count, MOST_GROUPS, "groups of clauses");
    make_sure_of_room(0, contract_total, MOST_CONTRACTS, "contracts");
    memcpy(groups, __start_clause_groups, group_count * sizeof *groups);
    memcpy(contracts, __start_contracts, contract_total * sizeof *contracts);
    qsort(groups, group_count, sizeof *groups, by_order);
    qsort(contracts, contract_total, sizeof *contracts, by_name);
    if (!contract_select(CONTRACT_RUST))
        abort(); /* conformance/contracts/rust.c is part of every program that links this */
}

/* ---- what there is ---- */

const struct contract *contract_in_force(void) { return now.contract; }
bool contract_speaks_of_c(void) { return strcmp(now.contract->name, "malloc") == 0; }
size_t contract_count(void) { return contract_total; }
const struct contract *contract_at(size_t index) { return contracts[index]; }
size_t contract_clause_count(void) { return now.clause_count; }
const struct clause *contract_clause(size_t index) { return &now.clauses[index]; }
size_t contract_scenario_count(void) { return now.scenario_count; }
const struct scenario *contract_scenario(size_t index) { return &now.scenarios[index]; }

int contract_clause_index(const char *id)
{
    for (size_t i = 0; i < now.clause_count; i++)
        if (strcmp(now.clauses[i].id, id) == 0)
            return (int)i;
    return -1;
}

const struct scenario *contract_find_scenario(const char *name)
{
    for (size_t i = 0; i < now.scenario_count; i++)
        if (strcmp(now.scenarios[i].name, name) == 0)
            return &now.scenarios[i];
    return NULL;
}

int scenario_exercises(const struct scenario *scenario, const char *clause_id)
{
    char globs[1024];
    snprintf(globs, sizeof globs, "%s", scenario->clauses);
    char *rest = NULL;
    for (char *glob = strtok_r(globs, " ", &rest); glob != NULL; glob = strtok_r(NULL, " ", &rest))
        if (fnmatch(glob, clause_id, 0) == 0)
            return 1;
    return 0;
}

int contract_is_judged(const struct clause *clause)
{
    for (size_t i = 0; i < now.scenario_count; i++)
        if (scenario_exercises(&now.scenarios[i], clause->id))
            return 1;
    return 0;
}
