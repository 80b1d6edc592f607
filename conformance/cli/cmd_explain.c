/* assay explain: one clause, with its reasons. */
#include <stdio.h>
#include <string.h>

#include "conformance/cli/cli.h"
#include "conformance/contract.h"

/* The clause a mistyped id comes closest to: the one that shares the longest beginning. */
static const char *nearest(const char *id)
{
    const char *best = contract_clause(0)->id;
    size_t best_length = 0;
    for (size_t i = 0; i < contract_clause_count(); i++) {
        const char *other = contract_clause(i)->id;
        size_t length = 0;
        while (other[length] != '\0' && other[length] == id[length])
            length++;
        if (length > best_length) {
            best_length = length;
            best = other;
        }
    }
    return best;
}

static void explain(const struct clause *clause)
{
    printf("%s (%s, %s)\n\n  %s\n\nSource: %s\nWhy it matters: %s\nWhat breaks it: %s\n", clause->id,
           level_name(clause->level), clause->strength, clause->statement, clause->source, clause->why, clause->broken_by);
    printf("\nExercised by:\n");
    bool any = false;
    for (size_t i = 0; i < contract_scenario_count(); i++) {
        const struct scenario *scenario = contract_scenario(i);
        if (!scenario_exercises(scenario, clause->id))
            continue;
        printf("  %-28s %s\n", scenario->name, scenario->about);
        any = true;
    }
    if (!any)
        printf("  no scenario yet: it is listed, and does not move a verdict\n");
}

int cmd_explain(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return printf("usage: assay explain CLAUSE\n") > 0 ? STATUS_CONFORMS : STATUS_UNDECIDED;
    if (argc != 2)
        return cli_error("usage: assay explain CLAUSE; `assay list` lists them");
    int index = contract_clause_index(argv[1]);
    if (index < 0)
        return cli_error("unknown clause '%s'; did you mean '%s'? `assay list` lists them", argv[1], nearest(argv[1]));
    explain(contract_clause((size_t)index));
    return STATUS_CONFORMS;
}
