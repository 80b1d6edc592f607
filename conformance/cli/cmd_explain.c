/* assay explain: one clause, with its reasons. */
#include <stdio.h>
#include <string.h>

#include "conformance/cli/cli.h"
#include "conformance/contract.h"
#include "conformance/sources.h"
#include "harness/base/nearest.h"

/* Prints every row that the text cites, in its order. A test makes sure that each key has a row. */
static void print_sources(const char *text)
{
    char key[SOURCE_KEY_SIZE];
    const char *title = "\nSources:\n";
    for (const char *at = text; source_next_key(&at, key); title = "") {
        const struct source *source = source_find(key);
        if (source == NULL)
            continue;
        printf("%s  [%s] %s\n      %s\n      %s\n", title, source->key, source->document, source->place, source->rule);
    }
}

/* Prints who judges the clause. The clauses of linkage are also about other artifacts, which a verb of its own judges.
 */
static void print_judges(const struct clause *clause)
{
    bool any = strncmp(clause->id, "linkage/", strlen("linkage/")) == 0;
    const char *title = "\nExercised by:\n";
    if (any)
        printf("\nJudged by:\n  %-28s executables, libraries, objects and archives\n", "assay linkage ARTIFACT...");
    for (size_t i = 0; i < contract_scenario_count(); i++) {
        const struct scenario *scenario = contract_scenario(i);
        if (!scenario_exercises(scenario, clause->id))
            continue;
        printf("%s  %-28s %s\n", title, scenario->name, scenario->about);
        any = true;
        title = "";
    }
    if (!any)
        printf("%s  no scenario yet: it is listed, and does not move a verdict\n", title);
}

static void explain(const struct clause *clause)
{
    printf("%s (contract %s, %s, %s)\n\n  %s\n\n", clause->id, contract_in_force()->name, level_name(clause->level),
           clause->strength, clause->statement);
    printf("Source: %s\nWhy it matters: %s\nWhat breaks it: %s\n", clause->source, clause->why, clause->broken_by);
    if (clause->edges != NULL)
        printf("At the edges: %s\n", clause->edges);
    print_sources(clause->source);
    print_judges(clause);
}

static int unknown_clause(const char *id)
{
    struct nearest nearest = {.typed = id};
    for (size_t c = 0; c < contract_count(); c++) {
        contract_select(contract_at(c)->name);
        for (size_t i = 0; i < contract_clause_count(); i++)
            nearest_offer(&nearest, contract_clause(i)->id);
    }
    return cli_error("unknown clause '%s'; did you mean '%s'? `assay list` lists them", id, nearest.best);
}

/* Explains the clause as the contract asked for has it, or else as the first contract that has it. */
static int explain_in(const char *contract, const char *id)
{
    for (size_t c = 0; contract == NULL && contract_clause_index(id) < 0 && c < contract_count(); c++)
        contract_select(contract_at(c)->name);
    int index = contract_clause_index(id);
    if (index < 0)
        return unknown_clause(id);
    explain(contract_clause((size_t)index));
    return STATUS_CONFORMS;
}

int cmd_explain(int argc, char **argv)
{
    static const char usage[] = "usage: assay explain CLAUSE [--contract NAME]",
                      help[] = "\n\n"
                               "Explains one clause: what it says, where it comes from, why it matters,\n"
                               "what breaks it, and which scenarios exercise it.\n"
                               "\n"
                               "  --contract NAME   as this contract has it: rust-1.19 or malloc\n"
                               "                    (default: the first contract that has the clause)\n";
    const char *contract = argc == 4 && strcmp(argv[2], "--contract") == 0 ? argv[3] : NULL;
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return printf("%s%s", usage, help) > 0 ? STATUS_CONFORMS : STATUS_UNDECIDED;
    if (argc != 2 && contract == NULL)
        return cli_error("%s; `assay list` lists the clauses", usage);
    if (contract != NULL && !cli_contract(contract))
        return STATUS_UNASKED;
    return explain_in(contract, argv[1]);
}
