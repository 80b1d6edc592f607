/* assay compare: several verdicts side by side. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/cli/cli.h"

static const char USAGE[] = "usage: assay compare [--differences] REPORT...\n"
                            "  REPORT is what `assay run --json` wrote; --differences leaves out clauses on which all agree\n";

int cmd_compare(int argc, char **argv)
{
    struct report *all = NULL;
    struct error error = {0};
    size_t count = 0;
    bool differences = false;
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return fputs(USAGE, stdout) >= 0 ? STATUS_CONFORMS : STATUS_UNDECIDED;
    for (int i = 1; i < argc; i++) {
        struct report *some = NULL;
        if (strcmp(argv[i], "--differences") == 0) {
            differences = true;
            continue;
        }
        if (argv[i][0] == '-')
            return cli_error("'%s': unknown option; `assay compare --help`", argv[i]);
        int more = reports_read_json(argv[i], &some, &error);
        if (more < 0)
            return cli_error("%s", error.text);
        all = realloc(all, (count + (size_t)more + 1) * sizeof *all);
        memcpy(all + count, some, (size_t)more * sizeof *all);
        count += (size_t)more;
        free(some);
    }
    if (count == 0)
        return cli_error("no report to compare; `assay run CANDIDATE --json FILE` writes one");
    reports_compare(stdout, all, count, differences);
    return STATUS_CONFORMS;
}
