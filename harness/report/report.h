/* harness/report/report.h: one truth about one candidate, for many renderings.
 *
 * Promises: the model below is filled once and then only read; every format (text, TAP 13, JUnit, JSON) is a rendering of
 * it and adds nothing. Strings are owned by the report (report_free). Lives in the supervising process, where malloc is ours.
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
    char *reproducer; /* path of a C program or trace file, or "" */
};

struct clause_result {
    const char *id;
    const char *statement;
    enum level level;
    bool required; /* counts for the verdict; false: listed, not judged yet or not selected by --level */
    enum clause_verdict verdict;
    uint64_t exercised;   /* how often the clause was put to the test */
    char *note;           /* observation, reason for not-applicable / not-exercised, waiver's reason; or NULL */
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
    struct clause_result *clauses;
    size_t clause_count;
    struct scenario_result *scenarios;
    size_t scenario_count;
};

const char *level_name(enum level level);                     /* must, should, observed */
const char *clause_verdict_name(enum clause_verdict verdict); /* holds, violated, not-exercised, ... */
const char *verdict_name(enum verdict verdict);               /* conforms, violates, undecided, unjudged */

/* The one place that turns clause verdicts into a verdict; writes report->verdict and report->reason.
 * Any required clause violated: violates. Else any required clause not exercised, or `harness_failed`: undecided (with the
 * first names). Else, if no clause was judged at all: undecided. Else conforms. A stale waiver is told apart by the caller. */
void report_decide(struct report *report, bool harness_failed);

/* Exit status for one or several reports: 1 if any violates (or a waiver is stale), else 3 if any is undecided, else 2 if any
 * is unjudged, else 0. */
int reports_exit_status(const struct report *reports, size_t count, bool stale_waiver);

void report_free(struct report *report);

/* Renderings. `color` only where the stream is a terminal and NO_COLOR is unset: the caller decides. */
void report_text(FILE *out, const struct report *report, bool color, bool verbose);
void reports_tap(FILE *out, const struct report *reports, size_t count);
bool reports_junit(FILE *out, const struct report *reports, size_t count);
bool reports_json(FILE *out, const struct report *reports, size_t count);

/* Reads what reports_json wrote (one object or an array). Returns the number read, -1 with `error`. */
int reports_read_json(const char *path, struct report **reports, struct error *error);

/* Side by side: a row a clause, a column a report; rows that do not differ are left out when `differences`. */
void reports_compare(FILE *out, const struct report *reports, size_t count, bool differences);

/* Waivers: a text file that says which findings are known and accepted.
 * Applied after judging; a waived clause does not move the verdict; an entry that matches nothing is stale. */
struct waivers;
struct waivers *waivers_load(const char *path, struct error *error);
/* True if every entry matched in some report so far; else writes one line a stale entry to `out`. */
bool waivers_all_matched(const struct waivers *waivers, FILE *out);
void waivers_apply(struct waivers *waivers, struct report *report);
