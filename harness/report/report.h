/* harness/report/report.h: one truth about one candidate, for many renderings.
 *
 * Promises: the model below is filled once and then only read. Every format (text, TAP 13, JUnit, JSON) is a rendering
 * of it and adds nothing. Strings are owned by the report (report_free) unless a field says otherwise. Reports live in
 * the supervising process, where malloc is ours.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "harness/base/error.h"

#define ASSAY_VERSION "0.1.0"

enum { MISSING_FUNCTIONS = 32 };

enum level { LEVEL_MUST, LEVEL_SHOULD, LEVEL_OBSERVED };

enum clause_verdict {
    CLAUSE_HOLDS,
    CLAUSE_VIOLATED,
    CLAUSE_NOT_EXERCISED,
    CLAUSE_NOT_APPLICABLE,
    CLAUSE_OBSERVED,
    CLAUSE_WAIVED,
};

enum verdict { VERDICT_CONFORMS, VERDICT_VIOLATES, VERDICT_UNDECIDED, VERDICT_UNJUDGED };

/* One thing that was asked for, where it was not the whole contract: "--clause" and a glob, "CK_RUN_SUITE" and its
 * value. */
struct asked {
    char *how, *what;
};

/* A scenario that was asked for and not begun. */
struct left_out {
    char *scenario, *why;
};

/* A waiver that covered nothing, and what is said of it. */
struct waiver_note {
    char *clause; /* as the waiver has it: a glob */
    int line;
    char *text;
};

struct finding {
    char *clause;   /* id */
    char *scenario; /* where it was seen */
    uint64_t seed;
    char *message; /* one line: what broke */
    char *expected;
    char *actual;
    char *trace;      /* readable calls, one a line, shortest known; may be "" */
    bool whole_trace; /* the trace is all it takes to see the finding; else it has the last calls before the finding was
                         noticed */
    char *reproducer; /* a command that shows it with what --results left, or "": then the run itself shows it
                         (finding_command) */
    /* What it took to see it, for the search for the root cause; not written anywhere. */
    struct {
        bool among_threads, refused;
        uint32_t calls; /* of the whole trace; 0: not known */
        int about;      /* index of the clause that was broken among threads, where this one says just that; -1: none */
        uint32_t broken_before[4]; /* a bit a clause */
    } took;
};

struct clause_result {
    const char *id; /* GROUP/NAME */
    const char *statement;
    enum level level;
    bool required; /* if it was not exercised, the whole is undecided */
    enum clause_verdict verdict;
    uint64_t exercised;  /* how often the clause was put to the test */
    char *note;          /* observation, reason for not-applicable / not-exercised, waiver's reason; or NULL */
    const char *follows; /* id of another broken clause, which this breach comes with; NULL: it stands for itself */
    const char *lacks;   /* what the platform lacks, so that the clause stays open here; or NULL */
    struct finding *findings;
    size_t finding_count;
};

struct scenario_result {
    char *name;
    char *outcome; /* "completed", "crashed", "hung", "exited", "harness-failed", "cut-short" */
    char *detail;  /* one line or NULL */
    double duration_s;
    uint64_t operations;
};

struct report {
    char *path;
    char *binding;        /* or "" */
    char *platform;       /* "x86_64", ... */
    const char *contract; /* static storage, or read back and the report's own; NULL: none was chosen */
    const char
        *missing_functions[MISSING_FUNCTIONS]; /* that the contract speaks of and the candidate lacks; static storage */
    size_t missing_count;
    enum level level;
    char *effort; /* NULL: standard */
    uint64_t seed;
    double duration_s;
    enum verdict verdict;
    char *reason;          /* one line: why this verdict */
    bool harness_failed;   /* as report_decide was told */
    bool owns_clause_text; /* id and statement of the clauses are malloc'd (reports read back) */
    struct clause_result *clauses;
    size_t clause_count;
    struct scenario_result *scenarios;
    size_t scenario_count;
    bool interrupted; /* a signal ended the run before every scenario had run; the reason says so */
    bool ended_early; /* what decides the verdict ended the run; not written anywhere */
    struct left_out
        *left_out_scenarios; /* asked for and not begun: the run had ended, or the platform cannot run them */
    size_t left_out;
    struct asked *part; /* what was asked for, where it is not the whole contract */
    size_t part_count;
    const char *fix_first; /* id of the broken clause to look at first; NULL: none is broken */
    char *waivers_file;    /* NULL: none was given. This and what follows is of the whole run, the same in each of its
                              reports */
    struct waiver_note *stale; /* waivers that must go: the exit status says so too */
    size_t stale_count;
    struct waiver_note *unneeded; /* waivers of what this run did not judge: they are of no consequence */
    size_t unneeded_count;
};

const char *level_name(enum level level);                     /* must, should, observed */
const char *clause_verdict_name(enum clause_verdict verdict); /* holds, violated, not-exercised, ... */
const char *verdict_name(enum verdict verdict);               /* conforms, violates, undecided, unjudged */

/* The finding that says in one line why the clause has its verdict; NULL: its note says it, if it has one. */
const struct finding *clause_telling_finding(const struct clause_result *clause);

/* What one clause's verdict means for the whole. */
enum standing {
    STANDING_KEPT,   /* holds */
    STANDING_BROKEN, /* violated, at a level that was asked for: violates */
    STANDING_OPEN,   /* required and not exercised: undecided */
    STANDING_ASIDE,  /* listed only: observed, waived, not applicable, not judged yet, unasked quality */
};

/* The one truth table, which the verdict and every rendering go by. */
enum standing clause_standing(const struct report *report, const struct clause_result *clause);

/* The one place that turns clause verdicts into a verdict. Writes report->verdict and report->reason. If any clause is
 * broken: violates. Else undecided, if the run was interrupted, if `harness_failed`, if any clause is open (the reason
 * names the first ones), if a part was asked for and some glob of --clause has no clause that was put to the test, or
 * if no clause was judged at all (observations judge nothing). Else conforms. The caller tells of stale waivers. */
void report_decide(struct report *report, bool harness_failed);

/* Exit status for one or several reports: 1 if any violates (or a waiver is stale), else 3 if any is
 * undecided, else 2 if any is unjudged, else 0. */
int reports_exit_status(const struct report *reports, size_t count, bool stale_waiver);

void report_free(struct report *report);

/* Renderings. Text that came from a candidate is made harmless: no control bytes, valid UTF-8.
 * `color` only where the stream is a terminal and NO_COLOR is unset: the caller decides. */
void report_text(FILE *out, const struct report *report, bool color, bool verbose);
void reports_tap(FILE *out, const struct report *reports, size_t count);
bool reports_junit(FILE *out, const struct report *reports, size_t count);
bool reports_json(FILE *out, const struct report *reports, size_t count);

/* The command to type to see the finding: the one that --results left, or else a run of its clause and scenario alone.
 * Every word is quoted for a shell. malloc'd. */
char *finding_command(const struct report *report, const struct clause_result *clause, const struct finding *finding);

/* The commands that replay a trace (`is_bytes`: an input of a fuzzing engine), and that build and run a C program.
 * malloc'd. */
char *report_replay_command(const char *trace, const char *candidate, const char *binding, bool is_bytes);
char *report_program_command(const char *source, const char *candidate);

/* The command that says which bindings fit. malloc'd. */
char *report_probe_command(const char *candidate);

/* The command that explains the clause. malloc'd. */
char *report_why_command(const char *clause_id);

/* Sets how the program was called, for the commands that are printed; until then it is "assay". `name` must stay valid.
 */
void report_name_program(const char *name);

/* "--clause block/disjoint CK_RUN_SUITE=block": what was asked for; "" where that is the whole contract. malloc'd. */
char *report_part_text(const struct report *report);

/* Reads what reports_json wrote (one object or an array). Returns the number read, -1 with `error`. */
int reports_read_json(const char *path, struct report **reports, struct error *error);

/* Writes reports side by side: a row for each clause, a column for each report. `differences` leaves out rows on which
 * all agree. */
void reports_compare(FILE *out, const struct report *reports, size_t count, bool differences);

/* Writes a rendering into a file, which gets its name when it is whole ("-": standard output). False with `error`, one
 * line that names the file; then a file that was there before stays as it was. */
typedef bool report_writer(FILE *out, const struct report *reports, size_t count);
bool reports_write(const char *path, report_writer *write, const struct report *reports, size_t count,
                   struct error *error);
