/* assay probe: which bindings fit a library. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "conformance/cli/cli.h"
#include "conformance/judging/probe.h"
#include "harness/candidate/artifact.h"

static const char USAGE[] = "usage: assay probe CANDIDATE [OPTIONS]\n"
                            "\n"
                            "Tries bindings on a library and says which fit, and why the others do not.\n"
                            "\n"
                            "  --binding NAME|FILE   try only this one (default: every shipped binding)\n"
                            "\n"
                            "Exit status: 0 some binding fits, 2 none fits or the file cannot be asked.\n";

static const struct option OPTIONS[] = {
    {"binding", required_argument, NULL, 'b'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};

/* -1: go on. Otherwise the exit status to leave with. */
static int read_request(int argc, char **argv, const char **candidate, struct judge_options *options)
{
    optind = 1;
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "h", OPTIONS, NULL)) != -1;) {
        if (option == 'h')
            return cli_usage(USAGE);
        if (option != 'b')
            return cli_error("'%s': unknown option or missing value; `assay probe --help`", argv[optind - 1]);
        options->binding = optarg;
    }
    if (argc - optind != 1)
        return cli_error("found %d files, expected one candidate: `assay probe CANDIDATE`", argc - optind);
    *candidate = argv[optind];
    return -1;
}

/* Returns how many of them fit. */
static int print_fits(const struct fit *fits, int count)
{
    int fitting = 0;
    for (int i = 0; i < count; i++) {
        const char *what = fits[i].works ? "fits" : fits[i].fits ? "fits, does not work" : "does not fit";
        const char *more = !fits[i].works ? fits[i].why : fits[i].preload ? "(preloaded)" : "";
        printf("%-20s %-20s %s\n", fits[i].binding, what, more);
        fitting += fits[i].fits;
    }
    return fitting;
}

int cmd_probe(int argc, char **argv)
{
    static struct fit fits[MOST_FITS];
    struct judge_options options = cli_default_options();
    struct error error = {0};
    const char *candidate = NULL;
    int status = read_request(argc, argv, &candidate, &options);
    if (status >= 0)
        return status;
    if (!cli_may_judge() || !artifact_check(candidate, &error))
        return error_is_set(&error) ? cli_error("%s", error.text) : STATUS_UNASKED;
    int count = probe_bindings(candidate, &options, fits, MOST_FITS, &error);
    if (count < 0)
        return cli_error("%s", error.text);
    if (print_fits(fits, count) > 0)
        return STATUS_CONFORMS;
    if (options.binding != NULL)
        return cli_error("%s: binding %s does not fit", candidate, options.binding);
    return cli_error("%s: no shipped binding fits; conformance/bindings/README.md says how to write one", candidate);
}
