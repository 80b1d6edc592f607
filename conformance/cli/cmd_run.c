/* assay run: a verdict on one library or several. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conformance/cli/cli.h"
#include "conformance/contract.h"
#include "conformance/judging/evidence.h"
#include "conformance/judging/interrupt.h"
#include "conformance/judging/part.h"
#include "conformance/judging/root_cause.h"
#include "conformance/judging/soak.h"
#include "harness/base/whole_file.h"
#include "harness/report/waivers.h"

struct run_request {
    struct judge_options judge;
    const char *waivers, *json, *junit;
    bool json_is_special, junit_is_special; /* devices and pipes, before any candidate was run */
    bool tap, verbose;
    char **candidates;
    size_t count;
};

static const char USAGE[] = "usage: assay run CANDIDATE... [OPTIONS]\n"
                            "\n"
                            "Judges a library, clause by clause.\n"
                            "\n"
                            "What is judged, and by what:\n"
                            "  --binding NAME|FILE   how the library spells its operations\n"
                            "                        (default: the most specific binding that fits)\n"
                            "  --contract NAME       the contract: rust-1.19 or malloc\n"
                            "                        (default: the one that the binding names first)\n"
                            "  --clause GLOB         judge only these clauses; repeatable\n"
                            "  --scenario GLOB       run only these scenarios, and report every clause that\n"
                            "                        they break; repeatable\n"
                            "  --exclude GLOB        do not run these scenarios; repeatable\n"
                            "  --level must|should   should: quality clauses decide the verdict, too\n"
                            "                        (default must)\n"
                            "  --waivers FILE        accept the known findings that this file lists\n"
                            "\n"
                            "How long it takes:\n"
                            "  --effort quick|standard|soak   soak: round after round until interrupted\n"
                            "  --seed N              the same seed gives the same calls (default 1)\n"
                            "  --fail-fast           end at the first finding that decides the verdict\n"
                            "                        (a soak ends after the round of that finding)\n"
                            "  --jobs N              scenarios at a time (default: one for each core)\n"
                            "  --shrink SECONDS      longest time to shorten the calls behind one finding\n"
                            "                        (default 5; 0: do not shorten)\n"
                            "\n"
                            "What is written:\n"
                            "  --json FILE, --junit FILE, --tap   results for machines\n"
                            "                        ('-' is standard output)\n"
                            "  --results DIR         traces and C programs that reproduce the findings\n"
                            "  --verbose             every scenario with its time\n"
                            "\n"
                            "An interrupt (INT, TERM, HUP) ends every candidate. What is known by then is\n"
                            "reported in every format, and the program ends by the signal. A soak finishes\n"
                            "the scenarios that run, and ends with the exit status of its verdict; a second\n"
                            "interrupt ends it at once.\n"
                            "\n"
                            "Exit status: 0 conforms, 1 does not conform (or a waiver is stale), 2 could\n"
                            "not be asked, 3 undecided.\n";

static const struct option OPTIONS[] = {
    {"binding", required_argument, NULL, 'b'},
    {"clause", required_argument, NULL, 'c'},
    {"scenario", required_argument, NULL, 'n'},
    {"exclude", required_argument, NULL, 'x'},
    {"contract", required_argument, NULL, 'C'},
    {"level", required_argument, NULL, 'l'},
    {"effort", required_argument, NULL, 'e'},
    {"seed", required_argument, NULL, 's'},
    {"jobs", required_argument, NULL, 'j'},
    {"waivers", required_argument, NULL, 'w'},
    {"json", required_argument, NULL, 'J'},
    {"junit", required_argument, NULL, 'U'},
    {"tap", no_argument, NULL, 't'},
    {"shrink", required_argument, NULL, 'S'},
    {"results", required_argument, NULL, 'r'},
    {"verbose", no_argument, NULL, 'v'},
    {"fail-fast", no_argument, NULL, 'f'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/* An index into `words`, -1 after an error that lists them. */
static int choice(const char *option, const char *text, const char *const *words, int count)
{
    char all[128] = "";
    for (int i = 0; i < count; i++) {
        if (strcmp(text, words[i]) == 0)
            return i;
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s",
                 i == 0           ? ""
                 : i + 1 == count ? " or "
                                  : ", ",
                 words[i]);
    }
    cli_error("%s: '%s' is not %s", option, text, all);
    return -1;
}

/* Whether the globs match anything is asked later, of all of them together (part.h). */
static bool add_glob(const char *option, const char *glob, const char **globs, size_t *count)
{
    if (*count == MOST_GLOBS)
        return cli_error("--%s: more than %d", option, MOST_GLOBS), false;
    globs[(*count)++] = glob;
    return true;
}

static bool take_option(struct run_request *request, int option, char *value)
{
    static const char *const levels[] = {"must", "should"}, *const efforts[] = {"quick", "standard", "soak"};
    unsigned long long number = 0;
    int chosen = 0;
    switch (option) {
    case 'b': request->judge.binding = value; return true;
    case 'c': return add_glob("clause", value, request->judge.globs, &request->judge.glob_count);
    case 'C': request->judge.contract = value; return cli_contract(value);
    case 'n': return add_glob("scenario", value, request->judge.scenarios, &request->judge.scenario_count);
    case 'x': return add_glob("exclude", value, request->judge.excluded, &request->judge.excluded_count);
    case 'l':
        chosen = choice("--level", value, levels, 2);
        request->judge.level = (enum level)chosen;
        return chosen >= 0;
    case 'e':
        chosen = choice("--effort", value, efforts, 3);
        request->judge.effort = (enum effort)chosen;
        return chosen >= 0;
    case 's':
        chosen = cli_number("--seed", value, 0, INT64_MAX, &number);
        request->judge.seed = number;
        return chosen;
    case 'j':
        chosen = cli_number("--jobs", value, 1, 64, &number);
        request->judge.jobs = (int)number;
        return chosen;
    case 'S':
        chosen = cli_number("--shrink", value, 0, 3600, &number);
        request->judge.shrink_s = (double)number;
        return chosen;
    case 'w': request->waivers = value; return true;
    case 'J': request->json = value; return true;
    case 'U': request->junit = value; return true;
    case 'r': request->judge.results = value; return true;
    case 'f': return request->judge.fail_fast = true;
    case 't': return request->tap = true;
    case 'v': return request->verbose = true;
    default: return false;
    }
}

/* 0: go on; otherwise leave with *status. */
static int read_request(int argc, char **argv, struct run_request *request, int *status)
{
    *request = (struct run_request){.judge = cli_default_options()};
    optind = 1;
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "hv", OPTIONS, NULL)) != -1;) {
        if (option == 'h') {
            *status = cli_usage(USAGE);
            return 1;
        }
        *status = STATUS_UNASKED;
        if (option == '?')
            return cli_error("'%s': unknown option or missing value; `assay run --help`", argv[optind - 1]);
        if (!take_option(request, option, optarg))
            return 1;
    }
    request->candidates = argv + optind;
    request->count = (size_t)(argc - optind);
    *status = STATUS_UNASKED;
    return request->count == 0 ? cli_error("no candidate; `assay run FILE`") : 0;
}

static bool is_about_something(const struct judge_options *options)
{
    struct error error = {0};
    bool is = part_is_something_somewhere(options, &error);
    if (!is)
        cli_error("%s", error.text);
    return is;
}

/* Loads the waivers, if a file was given; false after cli_error. */
static bool load_waivers(const char *path, struct waivers **waivers)
{
    struct error error = {0};
    static const char *ids[1024];
    size_t count = 0;
    if (path == NULL)
        return true;
    const char *before = contract_in_force()->name;
    for (size_t c = 0; c < contract_count(); c++) { /* one file may be for candidates of several contracts */
        contract_select(contract_at(c)->name);
        for (size_t i = 0; i < contract_clause_count() && count < sizeof ids / sizeof *ids; i++)
            ids[count++] = contract_clause(i)->id;
    }
    contract_select(before);
    *waivers = waivers_load(path, &error);
    if (*waivers != NULL && waivers_know_clauses(*waivers, ids, count, &error))
        return true;
    cli_error("%s", error.text);
    return false;
}

static void print_report(const struct run_request *request, const struct report *report)
{
    FILE *out = cli_is_dash(request->json) || cli_is_dash(request->junit) || request->tap ? stderr : stdout;
    bool color = isatty(fileno(out)) && getenv("NO_COLOR") == NULL;
    if (report->verdict == VERDICT_UNJUDGED)
        cli_error("%s", report->reason);
    else
        report_text(out, report, color, request->verbose);
    fflush(out);
}

/* To be asked before anything is judged, because a run may take long. False after cli_error. */
static bool can_be_written(const char *path, bool (*may_write)(const char *path, struct error *error))
{
    struct error error = {0};
    bool well = path == NULL || may_write(path, &error);
    if (!well)
        cli_error("%s", error.text);
    return well;
}

static bool write_file(const char *path, report_writer *write, const struct report *reports, size_t count)
{
    struct error error = {0};
    bool well = path == NULL || reports_write(path, write, reports, count, &error);
    if (!well)
        cli_error("%s", error.text);
    return well;
}

/* Removes a pipe, or a link to a device, that a candidate has put where the report is to be written. */
static void take_place(const char *path, bool was_special)
{
    if (path != NULL && !cli_is_dash(path) && !was_special && whole_file_is_special(path))
        unlink(path);
}

static bool write_results(const struct run_request *request, const struct report *reports)
{
    take_place(request->json, request->json_is_special);
    take_place(request->junit, request->junit_is_special);
    if (request->tap)
        reports_tap(stdout, reports, request->count);
    bool well = write_file(request->json, reports_json, reports, request->count);
    return write_file(request->junit, reports_junit, reports, request->count) && well;
}

static bool asks_for_some_scenarios(const struct report *report)
{
    for (size_t i = 0; i < report->part_count; i++)
        if (strcmp(report->part[i].how, "--clause") != 0)
            return true;
    return false;
}

/* Says what is wrong with the request, as far as that is known before a candidate is run; false after cli_error. */
static bool can_be_run(struct run_request *request, struct waivers **waivers)
{
    if (request->tap + cli_is_dash(request->json) + cli_is_dash(request->junit) > 1) {
        cli_error("--tap, --json - and --junit - all write standard output: give files to all but one");
        return false;
    }
    if (!cli_may_judge() || !is_about_something(&request->judge) || !load_waivers(request->waivers, waivers) ||
        !can_be_written(request->json, whole_file_may_write) || !can_be_written(request->junit, whole_file_may_write) ||
        !can_be_written(request->judge.results, evidence_may_write))
        return false;
    request->judge.waivers = *waivers;
    request->json_is_special = request->json != NULL && whole_file_is_special(request->json);
    request->junit_is_special = request->junit != NULL && whole_file_is_special(request->junit);
    return true;
}

/* Judges all candidates and prints their reports. True: a waiver that covered nothing is stale. False: something that
 * it covers may not have had its turn. */
static bool judge_all(const struct run_request *request, struct waivers *waivers, struct report *reports)
{
    bool is_soak = request->judge.effort == EFFORT_SOAK, had_all_turns = true;
    if (!is_soak)
        interrupt_catch(false);
    else
        soak(request->candidates, request->count, &request->judge, 0, reports);
    for (size_t i = 0; i < request->count; i++) {
        if (!is_soak && interrupt_signal() != 0)
            judge_unasked(request->candidates[i], "interrupted before its turn", &reports[i]);
        else if (!is_soak)
            judge_candidate(request->candidates[i], &request->judge, &reports[i]);
        if (waivers != NULL)
            waivers_apply(waivers, &reports[i]);
        root_cause_find(&reports[i]);
        print_report(request, &reports[i]);
        had_all_turns = had_all_turns && !reports[i].ended_early && !reports[i].interrupted &&
                        !asks_for_some_scenarios(&reports[i]);
    }
    return had_all_turns;
}

int cmd_run(int argc, char **argv)
{
    struct run_request request;
    struct waivers *waivers = NULL;
    int status;
    if (read_request(argc, argv, &request, &status) != 0)
        return status;
    if (!can_be_run(&request, &waivers))
        return STATUS_UNASKED;
    struct report *reports = calloc(request.count, sizeof *reports);
    bool may_be_stale = judge_all(&request, waivers, reports);
    for (size_t i = 0; i < request.count && waivers != NULL; i++)
        waivers_tell(waivers, may_be_stale, &reports[i]);
    bool stale = waivers != NULL && may_be_stale && !waivers_all_matched(waivers, stderr);
    bool written = write_results(&request, reports);
    status = reports_exit_status(reports, request.count, stale);
    for (size_t i = 0; i < request.count; i++)
        report_free(&reports[i]);
    free(reports);
    if (waivers != NULL)
        waivers_free(waivers);
    if (request.judge.effort != EFFORT_SOAK)
        interrupt_leave();
    return written ? status : STATUS_UNASKED;
}
