/* assay list: the contract's clauses, and the scenarios that exercise them. */
#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "conformance/cli/cli.h"
#include "conformance/contract.h"

static int list_text(void)
{
    printf("%-30s %-9s %s\n", "CLAUSE", "LEVEL", "STATEMENT");
    for (size_t i = 0; i < contract_clause_count(); i++) {
        const struct clause *clause = contract_clause(i);
        printf("%-30s %-9s %s%s\n", clause->id, level_name(clause->level), clause->statement,
               contract_is_judged(clause)           ? ""
               : clause->needs & NEEDS_ANOTHER_KIND ? " (by `assay linkage`)"
                                                    : " (not judged yet)");
    }
    printf("\n%-30s %s\n", "SCENARIO", "HOW IT GETS TO INTERESTING STATES");
    for (size_t i = 0; i < contract_scenario_count(); i++)
        printf("%-30s %s\n", contract_scenario(i)->name, contract_scenario(i)->about);
    return STATUS_CONFORMS;
}

static int list_json(void)
{
    json_t *clauses = json_array(), *scenarios = json_array();
    for (size_t i = 0; i < contract_clause_count(); i++) {
        const struct clause *clause = contract_clause(i);
        json_array_append_new(clauses, json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:b}", "id", clause->id, "level",
                                                 level_name(clause->level), "strength", clause->strength, "statement",
                                                 clause->statement, "source", clause->source, "required",
                                                 clause->level == LEVEL_MUST && contract_is_judged(clause), "judged",
                                                 contract_is_judged(clause)));
    }
    for (size_t i = 0; i < contract_scenario_count(); i++)
        json_array_append_new(scenarios,
                              json_pack("{s:s, s:s, s:s}", "name", contract_scenario(i)->name, "about",
                                        contract_scenario(i)->about, "clauses", contract_scenario(i)->clauses));
    json_t *all =
        json_pack("{s:s, s:o, s:o}", "contract", contract_in_force()->name, "clauses", clauses, "scenarios", scenarios);
    int written = json_dumpf(all, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(all);
    return written == 0 ? STATUS_CONFORMS : STATUS_UNDECIDED;
}

static const char USAGE[] = "usage: assay list [--contract NAME] [--json]\n";

static const struct option OPTIONS[] = {{"contract", required_argument, NULL, 'C'},
                                        {"json", no_argument, NULL, 'j'},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};

int cmd_list(int argc, char **argv)
{
    bool as_json = false;
    optind = 1;
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "h", OPTIONS, NULL)) != -1;) {
        if (option == 'h')
            return fputs(USAGE, stdout) >= 0 ? STATUS_CONFORMS : STATUS_UNDECIDED;
        if (option == 'C' && !cli_contract(optarg))
            return STATUS_UNASKED;
        if (option == '?')
            return cli_error("%.*s", (int)strlen(USAGE) - 1, USAGE);
        as_json = as_json || option == 'j';
    }
    if (optind < argc)
        return cli_error("%.*s", (int)strlen(USAGE) - 1, USAGE);
    return as_json ? list_json() : list_text();
}
