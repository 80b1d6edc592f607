/* assay compare: several verdicts side by side. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/cli/cli.h"

static const char USAGE[] = "usage: assay compare [--differences] REPORT...\n"
                            "\n"
                            "Puts several verdicts side by side, one column for each candidate.\n"
                            "\n"
                            "  REPORT          a file that `assay run --json` wrote\n"
                            "  --differences   leave out clauses on which all candidates agree\n"
                            "\n"
                            "Exit status: 0 whatever the verdicts are, 2 when a report cannot be read.\n";

struct comparison {
    struct report *reports;
    size_t count;
    bool differences;
};

static bool add_file(struct comparison *comparison, const char *path)
{
    struct error error = {0};
    struct report *some = NULL;
    int more = reports_read_json(path, &some, &error);
    if (more < 0) {
        cli_error("%s", error.text);
        return false;
    }
    comparison->reports =
        realloc(comparison->reports, (comparison->count + (size_t)more + 1) * sizeof *comparison->reports);
    memcpy(comparison->reports + comparison->count, some, (size_t)more * sizeof *some);
    comparison->count += (size_t)more;
    free(some);
    return true;
}

/* False after cli_error. */
static bool read_arguments(struct comparison *comparison, char **arguments)
{
    for (; *arguments != NULL; arguments++) {
        if (strcmp(*arguments, "--differences") == 0) {
            comparison->differences = true;
        } else if ((*arguments)[0] == '-') {
            cli_error("'%s': unknown option; `assay compare --help`", *arguments);
            return false;
        } else if (!add_file(comparison, *arguments)) {
            return false;
        }
    }
    if (comparison->count == 0)
        cli_error("no report to compare; `assay run CANDIDATE --json FILE` writes one");
    return comparison->count > 0;
}

int cmd_compare(int argc, char **argv)
{
    struct comparison comparison = {0};
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return cli_usage(USAGE);
    bool well = read_arguments(&comparison, argv + 1);
    if (well)
        reports_compare(stdout, comparison.reports, comparison.count, comparison.differences);
    for (size_t i = 0; i < comparison.count; i++)
        report_free(&comparison.reports[i]);
    free(comparison.reports);
    return well && fflush(stdout) == 0 ? STATUS_CONFORMS : STATUS_UNASKED;
}
