#include "conformance/contract.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The linker gathers the registered groups between these. */
extern const struct clause_group *const __start_clause_groups[];
extern const struct clause_group *const __stop_clause_groups[];

enum { MOST_GROUPS = 32, MOST_CLAUSES = 96, MOST_SCENARIOS = 256 };

static struct {
    const struct clause_group *groups[MOST_GROUPS];
    const struct clause *clauses[MOST_CLAUSES];
    const struct scenario *scenarios[MOST_SCENARIOS];
    size_t group_count, clause_count, scenario_count;
} contract;

static int by_order(const void *left, const void *right)
{
    const struct clause_group *a = *(const struct clause_group *const *)left;
    const struct clause_group *b = *(const struct clause_group *const *)right;
    return a->order != b->order ? a->order - b->order : strcmp(a->name, b->name);
}

/* Ends the program when `added` more rows have no place in a table of `capacity` that holds `count`. */
static void make_sure_of_room(size_t count, size_t added, size_t capacity, const char *what)
{
    if (added <= capacity - count)
        return;
    fprintf(stderr, "assay: the contract has more %s than the %zu that there is room for\n", what, capacity);
    abort();
}

static void add_group(const struct clause_group *group)
{
    make_sure_of_room(contract.clause_count, group->clause_count, MOST_CLAUSES, "clauses");
    make_sure_of_room(contract.scenario_count, group->scenario_count, MOST_SCENARIOS, "scenarios");
    for (size_t i = 0; i < group->clause_count; i++)
        contract.clauses[contract.clause_count++] = &group->clauses[i];
    for (size_t i = 0; i < group->scenario_count; i++)
        contract.scenarios[contract.scenario_count++] = &group->scenarios[i];
}

/* Before main, so that every reader finds the contract whole. */
__attribute__((constructor)) void contract_gather(void)
{
    if (contract.group_count > 0)
        return;
    size_t count = (size_t)(__stop_clause_groups - __start_clause_groups);
    make_sure_of_room(0, count, MOST_GROUPS, "groups of clauses");
    memcpy(contract.groups, __start_clause_groups, count * sizeof *contract.groups);
    contract.group_count = count;
    qsort(contract.groups, contract.group_count, sizeof *contract.groups, by_order);
    for (size_t i = 0; i < contract.group_count; i++)
        add_group(contract.groups[i]);
}

size_t contract_clause_count(void) { return contract.clause_count; }
const struct clause *contract_clause(size_t index) { return contract.clauses[index]; }
size_t contract_group_count(void) { return contract.group_count; }
const struct clause_group *contract_group(size_t index) { return contract.groups[index]; }
size_t contract_scenario_count(void) { return contract.scenario_count; }
const struct scenario *contract_scenario(size_t index) { return contract.scenarios[index]; }

int contract_clause_index(const char *id)
{
    for (size_t i = 0; i < contract.clause_count; i++)
        if (strcmp(contract.clauses[i]->id, id) == 0)
            return (int)i;
    return -1;
}

const struct scenario *contract_find_scenario(const char *name)
{
    for (size_t i = 0; i < contract.scenario_count; i++)
        if (strcmp(contract.scenarios[i]->name, name) == 0)
            return contract.scenarios[i];
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
    for (size_t i = 0; i < contract.scenario_count; i++)
        if (scenario_exercises(contract.scenarios[i], clause->id))
            return 1;
    return 0;
}
