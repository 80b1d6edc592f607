/* The program `assay`: finds the verb and hands over. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/judging/child.h"
#include "conformance/cli/cli.h"
#include "harness/base/nearest.h"
#include "harness/sandbox/sandbox.h"

static const struct verb {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *usage, *about;
} verbs[] = {
    {"run", cmd_run, "CANDIDATE... [OPTIONS]", "judge a library, clause by clause"},
    {"probe", cmd_probe, "CANDIDATE", "which bindings fit, what is missing, does the binding work at all"},
    {"list", cmd_list, "[--json]", "clauses and scenarios"},
    {"explain", cmd_explain, "CLAUSE", "statement, sources, why it matters, what breaks it"},
    {"replay", cmd_replay, "TRACE CANDIDATE", "run a recorded trace, or write it as a C program"},
    {"linkage", cmd_linkage, "ARTIFACT... | --graph FILE", "the linkage rule: one allocator to an artifact"},
    {"compare", cmd_compare, "REPORT...", "several verdicts side by side"},
};

static int help(FILE *out)
{
    fputs("assay: does an allocator keep its contract?\n\n"
          "  assay run ./libmine.so                 a verdict on a library\n"
          "  assay probe ./libmine.so               how it can be called\n"
          "  assay explain alignment/allocate       what a clause says, and why\n\n", out);
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        fprintf(out, "  %-8s %-27s %s\n", verbs[i].name, verbs[i].usage, verbs[i].about);
    fputs("\n  `assay VERB --help` says more.\n"
          "  Exit status: 0 conforms, 1 does not, 2 could not be asked, 3 undecided.\n", out);
    return out == stdout ? STATUS_CONFORMS : STATUS_UNASKED;
}

static int unknown_verb(const char *typed)
{
    struct nearest nearest = {.typed = typed};
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        nearest_offer(&nearest, verbs[i].name);
    if (nearest_is_likely(&nearest))
        return cli_error("unknown verb '%s'; did you mean '%s'? `assay --help` lists them", typed, nearest.best);
    return cli_error("unknown verb '%s'; `assay --help` lists them", typed);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], SANDBOX_VERB) == 0)
        child_main(atoi(argv[2]));
    if (argc < 2)
        return help(stderr);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)
        return help(stdout);
    if (strcmp(argv[1], "--version") == 0)
        return printf("assay " ASSAY_VERSION "\n") > 0 ? STATUS_CONFORMS : STATUS_UNDECIDED;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(argv[1], verbs[i].name) == 0)
            return verbs[i].run(argc - 1, argv + 1);
    return unknown_verb(argv[1]);
}
