/* harness/report/report.h: one truth about one candidate, for many renderings.
 *
 * Promises: the model below is filled once and then only read; every format (text, TAP 13, JUnit, JSON) is a
 * rendering of it and adds nothing. Strings are owned by the report (report_free). Lives in the supervising
 * process, where malloc is ours.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "harness/base/error.h"

#define ASSAY_VERSION "0.1.0"

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

struct finding {
    char *clause;     /* id */
    char *scenario;   /* where it was seen */
    uint64_t seed;
    char *message;    /* one line: what broke */
    char *expected;
    char *actual;
    char *trace;      /* readable calls, one a line, shortest known; may be "" */
    bool whole_trace; /* they are all it takes; else the last ones before it was noticed */
    char *reproducer; /* path of a C program or trace file, or "" */
};

struct clause_result {
    const char *id;        /* GROUP/NAME */
    const char *statement;
    enum level level;
    bool required; /* not exercised, it leaves the whole undecided */
    enum clause_verdict verdict;
    uint64_t exercised;   /* how often the clause was put to the test */
    char *note; /* observation, reason for not-applicable / not-exercised, waiver's reason; or NULL */
    const char *lacks; /* what the platform lacks, for want of which the clause is left open here; or NULL */
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
    char *binding;  /* or "" */
    char *platform; /* "x86_64", ... */
    enum level level;
    uint64_t seed;
    double duration_s;
    enum verdict verdict;
    char *reason; /* one line: why this verdict */
    bool harness_failed; /* as report_decide was told */
    bool owns_clause_text; /* id and statement of the clauses are malloc'd (reports read back) */
    struct clause_result *clauses;
    size_t clause_count;
    struct scenario_result *scenarios;
    size_t scenario_count;
    bool ended_early; /* what decides the verdict ended the run; not written anywhere */
    size_t left_out;  /* scenarios that were asked for and not begun: the run had ended, or the platform cannot run them */
};

const char *level_name(enum level level);                     /* must, should, observed */
const char *clause_verdict_name(enum clause_verdict verdict); /* holds, violated, not-exercised, ... */
const char *verdict_name(enum verdict verdict);               /* conforms, violates, undecided, unjudged */

/* What one clause's verdict means for the whole. */
enum standing {
    STANDING_KEPT,   /* holds */
    STANDING_BROKEN, /* violated, at a level that was asked for: violates */
    STANDING_OPEN,   /* required and not exercised: undecided */
    STANDING_ASIDE,  /* listed only: observed, waived, not applicable, not judged yet, unasked quality */
};

/* The one truth table, which the verdict and every rendering go by. */
enum standing clause_standing(const struct report *report, const struct clause_result *clause);

/* The one place that turns clause verdicts into a verdict; writes report->verdict and report->reason.
 * Any clause broken: violates. Else any open, or `harness_failed`: undecided (with the first names). Else, if
 * no clause was judged at all (observations judge nothing): undecided. Else conforms. A stale waiver is told
 * apart by the caller. */
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

/* Reads what reports_json wrote (one object or an array). Returns the number read, -1 with `error`. */
int reports_read_json(const char *path, struct report **reports, struct error *error);

/* Side by side: a row a clause, a column a report; `differences` leaves out rows on which all agree. */
void reports_compare(FILE *out, const struct report *reports, size_t count, bool differences);

/* A rendering into a file that gets its name when it is whole ("-": standard output). False with `error`, one
 * line that names the file; what was there before then stays. */
typedef bool report_writer(FILE *out, const struct report *reports, size_t count);
bool reports_write(const char *path, report_writer *write, const struct report *reports, size_t count,
                   struct error *error);
