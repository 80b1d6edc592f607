/* assay probe: which bindings fit a library. */
#include <stdio.h>
#include <string.h>

#include "conformance/cli/cli.h"
#include "harness/candidate/artifact.h"

enum { MOST_FITS = 64 };

int cmd_probe(int argc, char **argv)
{
    static struct fit fits[MOST_FITS];
    struct judge_options options = cli_default_options();
    struct error error = {0};
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return printf("usage: assay probe CANDIDATE\n") > 0 ? STATUS_CONFORMS : STATUS_UNDECIDED;
    if (argc != 2)
        return cli_error("usage: assay probe CANDIDATE");
    if (!artifact_check(argv[1], &error))
        return cli_error("%s", error.text);
    int count = judge_probe(argv[1], &options, fits, MOST_FITS, &error), fitting = 0;
    if (count < 0)
        return cli_error("%s", error.text);
    for (int i = 0; i < count; i++) {
        const char *what = fits[i].works ? "fits" : fits[i].fits ? "fits, does not work" : "does not fit";
        printf("%-20s %-20s %s\n", fits[i].binding, what, fits[i].works ? fits[i].preload ? "(preloaded)" : "" : fits[i].why);
        fitting += fits[i].fits;
    }
    if (fitting == 0)
        return cli_error("%s: no shipped binding fits; conformance/bindings/README.md says how to write one", argv[1]);
    return STATUS_CONFORMS;
}
