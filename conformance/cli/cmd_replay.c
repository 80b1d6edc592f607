/* assay replay: a recorded trace over a library, as often as anyone likes, and as a C program to keep. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conformance/judging/ask.h"
#include "conformance/judging/child.h"
#include "conformance/judging/probe.h"
#include "conformance/cli/cli.h"
#include "conformance/contract.h"
#include "harness/base/platform.h"
#include "harness/base/text_file.h"
#include "harness/base/whole_file.h"
#include "harness/candidate/artifact.h"
#include "harness/candidate/binding.h"
#include "harness/sandbox/sandbox.h"
#include "harness/trace/decode.h"
#include "harness/trace/emit_c.h"
#include "harness/trace/shrink.h"
#include "harness/trace/text.h"

enum { TRACE_TEXT = 32 << 10, BYTES_LIMIT = 1 << 20, SHRINK_S = 30 };

struct replay_request {
    struct judge_options judge;
    const char *trace, *candidate, *emit, *json, *save;
    bool is_bytes, shrinks;
    struct event *events;
    size_t count;
};

static const char USAGE[] = "usage: assay replay TRACE CANDIDATE [OPTIONS]\n"
                            "\n"
                            "Makes the recorded calls of a trace on a library and judges them.\n"
                            "\n"
                            "  --binding NAME|FILE   how the library spells its operations\n"
                            "                        (default: the most specific binding that fits)\n"
                            "  --emit-c FILE         write the calls as a C program that does not need assay\n"
                            "  --json FILE           write the result as JSON ('-' is standard output)\n"
                            "  --bytes               TRACE is the raw input of a fuzzing engine\n"
                            "  --shrink              look for the shortest trace that breaks the same clause,\n"
                            "                        and go on with that\n"
                            "  --save FILE           write the trace as text\n"
                            "\n"
                            "Exit status: 0 nothing was broken, 1 a clause was broken, 2 it could not be\n"
                            "asked, 3 the harness itself failed.\n";

static const struct option OPTIONS[] = {
    {"binding", required_argument, NULL, 'b'}, {"emit-c", required_argument, NULL, 'e'},
    {"json", required_argument, NULL, 'J'},    {"save", required_argument, NULL, 's'},
    {"bytes", no_argument, NULL, 'B'},         {"shrink", no_argument, NULL, 'S'},
    {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0},
};

/* ---- what is asked ---- */

/* -1: go on. Otherwise the exit status to leave with. */
static int read_request(int argc, char **argv, struct replay_request *request)
{
    *request = (struct replay_request){.judge = cli_default_options()};
    optind = 1;
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "h", OPTIONS, NULL)) != -1;) {
        switch (option) {
        case 'b': request->judge.binding = optarg; break;
        case 'e': request->emit = optarg; break;
        case 'J': request->json = optarg; break;
        case 's': request->save = optarg; break;
        case 'B': request->is_bytes = true; break;
        case 'S': request->shrinks = true; break;
        case 'h': return cli_usage(USAGE);
        default: return cli_error("'%s': unknown option or missing value; `assay replay --help`", argv[optind - 1]);
        }
    }
    if (argc - optind != 2)
        return cli_error("found %d files, expected a trace and a candidate: `assay replay TRACE CANDIDATE`",
                         argc - optind);
    request->trace = argv[optind];
    request->candidate = argv[optind + 1];
    return -1;
}

static bool read_bytes(struct replay_request *request, struct error *error)
{
    size_t length = 0;
    char *bytes = text_file_read_bytes(request->trace, "an input of a fuzzing engine", BYTES_LIMIT, &length, error);
    if (bytes == NULL)
        return false;
    size_t capacity = length / DECODE_BYTES + 1;
    request->events = malloc(capacity * sizeof *request->events);
    if (request->events != NULL)
        request->count = trace_decode((const uint8_t *)bytes, length, request->events, capacity);
    else
        error_set(error, "%s: no memory for its events", request->trace);
    free(bytes);
    return !error_is_set(error);
}

static bool read_trace(struct replay_request *request, struct error *error)
{
    if (request->is_bytes)
        return read_bytes(request, error);
    long count = trace_read(request->trace, &request->events, error);
    request->count = count < 0 ? 0 : (size_t)count;
    return count >= 0;
}

/* The first binding that fits, most specific first. */
static bool find_fit(const struct replay_request *request, struct fit *fit, struct error *error)
{
    static struct fit fits[MOST_FITS];
    if (!artifact_check(request->candidate, error))
        return false;
    int count = probe_bindings(request->candidate, &request->judge, fits, MOST_FITS, error);
    const struct fit *first = count < 0 ? NULL : probe_choose(fits, count, &request->judge);
    if (first != NULL) {
        *fit = *first;
        const struct binding *binding = binding_load(fit->binding, request->judge.bindings_directory, error);
        return binding != NULL &&
               (contract_select(binding_contract(binding, 0)) ||
                error_set(error, "there is no contract %s, which the binding names", binding_contract(binding, 0)));
    }
    char reason[sizeof error->text];
    if (count < 0)
        return false;
    probe_why_none_fits(request->candidate, &request->judge, fits, count, reason, sizeof reason);
    return error_set(error, "%s", reason);
}

/* ---- running ---- */

struct asking {
    const struct replay_request *request;
    const struct fit *fit;
};

static void ask(void *context, struct sandbox *sandbox)
{
    const struct asking *asking = context;
    ask_child(sandbox, &asking->request->judge, asking->request->candidate, asking->fit, SCENARIO_REPLAY);
}

static void run(struct asking *asking, struct sandbox *sandbox)
{
    const struct replay_request *request = asking->request;
    ask(asking, sandbox);
    memcpy(flight_input(sandbox->flight), request->events, request->count * sizeof *request->events);
    sandbox->flight->input_length = request->count;
    sandbox_run(sandbox);
}

/* Replaces the events by the shortest sequence that breaks the clause that was broken first, and runs it once more. */
static void shrink(struct replay_request *request, struct asking *asking, struct sandbox *sandbox)
{
    static struct flight_finding finding;
    struct event *events = malloc((request->count + 1) * sizeof *events);
    struct shrink_request how = {
        .seconds = SHRINK_S, .first_run_s = sandbox->flight->duration_s, .ask = ask, .context = asking};
    if (events == NULL || sandbox->flight->finding_count == 0) {
        free(events);
        return;
    }
    memcpy(events, request->events, request->count * sizeof *events);
    how.clause = sandbox->flight->findings[0].clause;
    if (trace_shrink(sandbox, &how, events, request->count, &finding, NULL)) {
        memcpy(request->events, finding.trace, finding.trace_length * sizeof *events);
        request->count = finding.trace_length;
    } else {
        fprintf(stderr, "assay: %s: no shorter trace was found in %d s\n", request->trace, SHRINK_S);
    }
    free(events);
    run(asking, sandbox);
}

/* ---- telling ---- */

static const struct flight_finding *finding_of(const struct flight *flight, size_t clause)
{
    for (uint32_t i = 0; i < flight->finding_count; i++)
        if (flight->findings[i].clause == (int32_t)clause)
            return &flight->findings[i];
    return NULL;
}

static bool is_short(const struct flight *flight, const struct flight_finding *seen)
{
    return seen->at_event <= FLIGHT_TRACE && seen->at_event <= flight->tape_capacity;
}

/* The calls up to the finding: all of them if they are few, else the last ones. */
static char *trace_of(const struct flight *flight, const struct flight_finding *seen)
{
    char *text = malloc(TRACE_TEXT);
    if (is_short(flight, seen))
        trace_print(text, TRACE_TEXT, flight->tape, (size_t)seen->at_event);
    else
        trace_print(text, TRACE_TEXT, seen->trace, seen->trace_length);
    return text;
}

/* The command that shows the finding again. */
static char *again(const struct replay_request *request, const char *binding)
{
    if (request->emit != NULL)
        return report_program_command(request->emit, request->candidate);
    return report_replay_command(request->trace, request->candidate, binding, request->is_bytes);
}

static void add_finding(struct clause_result *row, const struct flight *flight, const struct flight_finding *seen,
                        const struct replay_request *request, const char *binding)
{
    row->findings = calloc(1, sizeof *row->findings);
    row->finding_count = 1;
    row->findings[0] = (struct finding){.clause = strdup(row->id),
                                        .took.about = -1,
                                        .scenario = strdup(SCENARIO_REPLAY),
                                        .message = strdup(seen->message),
                                        .expected = strdup(seen->expected),
                                        .actual = strdup(seen->actual),
                                        .trace = trace_of(flight, seen),
                                        .whole_trace = is_short(flight, seen),
                                        .reproducer = again(request, binding)};
}

/* The report has only the clauses that the trace put to the test: the rest of the contract is not the question. */
static void fill_clauses(struct report *report, const struct flight *flight, const struct replay_request *request)
{
    report->clauses = calloc(contract_clause_count(), sizeof *report->clauses);
    for (size_t i = 0; i < contract_clause_count(); i++) {
        const struct clause *clause = contract_clause(i);
        const struct flight_finding *seen = finding_of(flight, i);
        uint64_t exercised = atomic_load(&flight->exercised[i]);
        if (seen == NULL && exercised == 0)
            continue;
        struct clause_result *row = &report->clauses[report->clause_count++];
        *row = (struct clause_result){.id = clause->id,
                                      .statement = clause->statement,
                                      .level = clause->level,
                                      .required = clause->level == LEVEL_MUST,
                                      .exercised = exercised > 0 ? exercised : 1,
                                      .verdict = clause->level == LEVEL_OBSERVED ? CLAUSE_OBSERVED
                                                 : seen != NULL                  ? CLAUSE_VIOLATED
                                                                                 : CLAUSE_HOLDS};
        if (flight->observed[i][0] != '\0')
            row->note = strdup(flight->observed[i]);
        if (seen != NULL)
            add_finding(row, flight, seen, request, report->binding);
    }
}

static void fill_report(struct report *report, const struct replay_request *request, const struct fit *fit,
                        const struct flight *flight)
{
    *report = (struct report){.path = strdup(request->candidate),
                              .binding = strdup(fit->binding),
                              .platform = strdup(platform_name()),
                              .level = LEVEL_MUST,
                              .duration_s = flight->duration_s};
    fill_clauses(report, flight, request);
    report->scenarios = calloc(1, sizeof *report->scenarios);
    report->scenario_count = 1;
    report->scenarios[0] =
        (struct scenario_result){.name = strdup(SCENARIO_REPLAY),
                                 .outcome = strdup(flight_outcome_name((enum flight_outcome)flight->outcome)),
                                 .detail = flight->detail[0] != '\0' ? strdup(flight->detail) : NULL,
                                 .duration_s = flight->duration_s,
                                 .operations = atomic_load(&flight->tape_length)};
    report_decide(report, flight->outcome !=
                              OUTCOME_COMPLETED); /* a crash of the candidate is a finding, which decides first */
}

/* ---- writing ---- */

/* What was asked and what came of it, for the writers below. */
struct outcome {
    const struct replay_request *request;
    const struct fit *fit;
    const struct flight *flight;
    struct error *error;
};

static bool write_program(FILE *out, const void *context)
{
    const struct outcome *outcome = context;
    const struct replay_request *request = outcome->request;
    const struct flight *flight = outcome->flight;
    const struct flight_finding *seen = flight->finding_count > 0 ? &flight->findings[0] : NULL;
    struct reproducer reproducer = {
        .library = request->candidate,
        .events = request->events,
        .count = request->count,
        .binding = binding_load(outcome->fit->binding, request->judge.bindings_directory, outcome->error)};
    if (reproducer.binding == NULL)
        return false;
    if (seen != NULL) {
        reproducer.clause = contract_clause((size_t)seen->clause)->id;
        reproducer.message = seen->message;
        reproducer.expected = seen->expected;
        reproducer.actual = seen->actual;
    }
    return emit_c(out, &reproducer, outcome->error);
}

static bool write_trace(FILE *out, const void *context)
{
    const struct replay_request *request = context;
    return trace_write(out, NULL, request->events, request->count);
}

/* Passes `written` on; false after cli_error. */
static bool well_written(bool written, const struct error *error)
{
    if (!written)
        cli_error("%s", error->text);
    return written;
}

static bool emit(const struct replay_request *request, const struct fit *fit, const struct flight *flight)
{
    struct error error = {0};
    struct outcome outcome = {request, fit, flight, &error};
    return request->emit == NULL ||
           well_written(whole_file_write(request->emit, write_program, &outcome, &error), &error);
}

static bool save(const struct replay_request *request)
{
    struct error error = {0};
    return request->save == NULL || well_written(whole_file_write(request->save, write_trace, request, &error), &error);
}

static bool write_json(const struct replay_request *request, const struct report *report)
{
    struct error error = {0};
    return request->json == NULL || well_written(reports_write(request->json, reports_json, report, 1, &error), &error);
}

static int tell(const struct replay_request *request, const struct fit *fit, const struct flight *flight)
{
    struct report report;
    bool written = emit(request, fit, flight);
    fill_report(&report, request, fit, flight);
    FILE *out =
        cli_is_dash(request->json) || cli_is_dash(request->emit) || cli_is_dash(request->save) ? stderr : stdout;
    report_text(out, &report, isatty(fileno(out)) && getenv("NO_COLOR") == NULL, false);
    fflush(out);
    written = write_json(request, &report) && written;
    int status = reports_exit_status(&report, 1, false);
    report_free(&report);
    return written ? status : STATUS_UNASKED;
}

int cmd_replay(int argc, char **argv)
{
    struct replay_request request;
    struct error error = {0};
    struct fit fit;
    struct sandbox sandbox = {0};
    struct asking asking = {&request, &fit};
    int status = read_request(argc, argv, &request);
    if (status >= 0 || !cli_may_judge())
        return status >= 0 ? status : STATUS_UNASKED;
    if (!read_trace(&request, &error) || !find_fit(&request, &fit, &error) ||
        !sandbox_create(&sandbox, 2 * request.count + 64, &error)) {
        status = cli_error("%s", error.text);
    } else {
        run(&asking, &sandbox);
        if (request.shrinks)
            shrink(&request, &asking, &sandbox);
        status = save(&request) ? tell(&request, &fit, sandbox.flight) : STATUS_UNASKED;
    }
    if (sandbox.flight != NULL)
        sandbox_destroy(&sandbox);
    free(request.events);
    return status;
}
