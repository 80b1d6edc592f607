/* assay list: the contract's clauses, and the scenarios that exercise them. */
#include <fnmatch.h>
#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "conformance/cli/cli.h"
#include "conformance/contract.h"
#include "conformance/judging/part.h"

/* What was asked for: clauses and scenarios whose names match one of the globs; all of them without globs. */
struct wanted {
    char **globs;
    size_t count;
};

static bool is_wanted(const struct wanted *wanted, const char *name)
{
    for (size_t i = 0; i < wanted->count; i++)
        if (fnmatch(wanted->globs[i], name, 0) == 0)
            return true;
    return wanted->count == 0;
}

static void print_clauses(const struct wanted *wanted)
{
    const char *title = "STATEMENT";
    for (size_t i = 0; i < contract_clause_count(); i++) {
        const struct clause *clause = contract_clause(i);
        if (!is_wanted(wanted, clause->id))
            continue;
        if (title != NULL)
            printf("%-30s %-9s %s\n", "CLAUSE", "LEVEL", title);
        title = NULL;
        printf("%-30s %-9s %s%s\n", clause->id, level_name(clause->level), clause->statement,
               contract_is_judged(clause)           ? ""
               : clause->needs & NEEDS_ANOTHER_KIND ? " (by `assay linkage`)"
                                                    : " (not judged yet)");
    }
    if (title == NULL)
        putchar('\n');
}

static int list_text(const struct wanted *wanted)
{
    const char *title = "HOW IT GETS TO INTERESTING STATES";
    print_clauses(wanted);
    for (size_t i = 0; i < contract_scenario_count(); i++) {
        const struct scenario *scenario = contract_scenario(i);
        if (!is_wanted(wanted, scenario->name))
            continue;
        if (title != NULL)
            printf("%-30s %s\n", "SCENARIO", title);
        title = NULL;
        printf("%-30s %s\n", scenario->name, scenario->about);
    }
    return STATUS_CONFORMS;
}

static int list_json(const struct wanted *wanted)
{
    json_t *clauses = json_array(), *scenarios = json_array();
    for (size_t i = 0; i < contract_clause_count(); i++) {
        const struct clause *clause = contract_clause(i);
        if (!is_wanted(wanted, clause->id))
            continue;
        json_array_append_new(clauses, json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:b}", "id", clause->id, "level",
                                                 level_name(clause->level), "strength", clause->strength, "statement",
                                                 clause->statement, "source", clause->source, "required",
                                                 clause->level == LEVEL_MUST && contract_is_judged(clause), "judged",
                                                 contract_is_judged(clause)));
    }
    for (size_t i = 0; i < contract_scenario_count(); i++) {
        const struct scenario *scenario = contract_scenario(i);
        if (is_wanted(wanted, scenario->name))
            json_array_append_new(scenarios, json_pack("{s:s, s:s, s:s}", "name", scenario->name, "about",
                                                       scenario->about, "clauses", scenario->clauses));
    }
    json_t *all =
        json_pack("{s:s, s:o, s:o}", "contract", contract_in_force()->name, "clauses", clauses, "scenarios", scenarios);
    int written = json_dumpf(all, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(all);
    return written == 0 ? STATUS_CONFORMS : STATUS_UNDECIDED;
}

/* The i-th name of a clause or scenario in the contract in force. */
static const char *name_at(size_t index)
{
    size_t clauses = contract_clause_count();
    return index < clauses ? contract_clause(index)->id : contract_scenario(index - clauses)->name;
}

/* Does each glob match something? False after cli_error. */
static bool all_match(const struct wanted *wanted)
{
    struct error error = {0};
    size_t count = contract_clause_count() + contract_scenario_count();
    for (size_t g = 0; g < wanted->count; g++) {
        bool any = false;
        for (size_t i = 0; i < count && !any; i++)
            any = fnmatch(wanted->globs[g], name_at(i), 0) == 0;
        if (!any)
            part_no_match(&error, "list", wanted->globs[g], "clause and no scenario", name_at, count);
        if (!any)
            return cli_error("%s", error.text), false;
    }
    return true;
}

static const char USAGE[] = "usage: assay list [GLOB...] [OPTIONS]\n"
                            "\n"
                            "Lists the clauses of a contract and the scenarios that exercise them.\n"
                            "\n"
                            "  GLOB              only those whose names match, such as 'alignment/*'\n"
                            "  --contract NAME   rust-1.19 or malloc (default rust-1.19)\n"
                            "  --json            write JSON\n";

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
            return cli_usage(USAGE);
        if (option == 'C' && !cli_contract(optarg))
            return STATUS_UNASKED;
        if (option == '?')
            return cli_error("'%s': unknown option or missing value; `assay list --help`", argv[optind - 1]);
        as_json = as_json || option == 'j';
    }
    struct wanted wanted = {argv + optind, (size_t)(argc - optind)};
    if (!all_match(&wanted))
        return STATUS_UNASKED;
    return as_json ? list_json(&wanted) : list_text(&wanted);
}
