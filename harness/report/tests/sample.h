/* harness/report/tests/sample.h: reports to render, one of each verdict.
 *
 * Promises: together they have every clause verdict, level and outcome, and text that no candidate should send: markup,
 * escapes, bytes that are no UTF-8. Every string is malloc'd, as report_free expects.
 */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "harness/report/report.h"

/* What a hostile candidate may get into a message: a terminal escape, XML and TAP markup, broken UTF-8, a
 * lone surrogate, U+FFFE. */
#define HOSTILE \
    "\033[2J]]><b a='1'>&\"\\ # SKIP \x01\x7f \xff\xc3( \xed\xa0\x80 \xef\xbf\xbe \xc2\x9b gr\xc3\xbc\xc3\x9f"

static inline struct report sample_begin(const char *path, const char *binding)
{
    struct report report = {.path = strdup(path),
                            .binding = strdup(binding),
                            .platform = strdup("x86_64"),
                            .level = LEVEL_MUST,
                            .seed = 7,
                            .duration_s = 1.5};
    report.clauses = calloc(16, sizeof *report.clauses);
    report.scenarios = calloc(8, sizeof *report.scenarios);
    return report;
}

static inline struct clause_result *sample_clause(struct report *report, const char *id, enum level level,
                                                  bool required, enum clause_verdict verdict, uint64_t exercised,
                                                  const char *note)
{
    struct clause_result *clause = &report->clauses[report->clause_count++];
    *clause = (struct clause_result){.id = id,
                                     .statement = "What the clause says.",
                                     .level = level,
                                     .required = required,
                                     .verdict = verdict,
                                     .exercised = exercised,
                                     .note = note == NULL ? NULL : strdup(note)};
    return clause;
}

static inline void sample_finding(struct clause_result *clause, const char *scenario, const char *message,
                                  const char *actual, const char *reproducer)
{
    clause->findings = realloc(clause->findings, (clause->finding_count + 1) * sizeof *clause->findings);
    clause->findings[clause->finding_count++] =
        (struct finding){.clause = strdup(clause->id),
                         .took.about = -1,
                         .scenario = strdup(scenario),
                         .seed = 7,
                         .message = strdup(message),
                         .expected = strdup("a multiple of 64"),
                         .actual = strdup(actual),
                         .trace = strdup("b1 = allocate(size 8, align 8)\nb2 = allocate(size 8, align 64)"),
                         .whole_trace = strcmp(scenario, "deallocate/steady") != 0,
                         .reproducer = strdup(reproducer)};
}

static inline void sample_scenario(struct report *report, const char *name, const char *outcome, double duration_s,
                                   const char *detail)
{
    report->scenarios[report->scenario_count++] =
        (struct scenario_result){.name = strdup(name),
                                 .outcome = strdup(outcome),
                                 .detail = detail == NULL ? NULL : strdup(detail),
                                 .duration_s = duration_s,
                                 .operations = 1234567};
}

static inline struct report sample_conforms(void)
{
    struct report report = sample_begin("./libgood.so", "rust-1.19");
    sample_clause(&report, "alignment/allocate", LEVEL_MUST, true, CLAUSE_HOLDS, 1204332, NULL);
    sample_clause(&report, "alignment/reallocate", LEVEL_MUST, true, CLAUSE_HOLDS, 1, NULL);
    sample_clause(&report, "usable-size/monotone", LEVEL_OBSERVED, false, CLAUSE_OBSERVED, 40, "it never shrank");
    sample_clause(&report, "in-place/shrunk", LEVEL_MUST, false, CLAUSE_NOT_APPLICABLE, 0,
                  "the binding does not have the operation");
    sample_clause(&report, "hygiene/no-exec", LEVEL_SHOULD, false, CLAUSE_HOLDS, 12, NULL);
    sample_clause(&report, "linkage/rlib", LEVEL_MUST, false, CLAUSE_NOT_EXERCISED, 0, "not judged yet");
    sample_scenario(&report, "alignment/sweep", "completed", 0.25, NULL);
    sample_scenario(&report, "usable-size/sweep", "completed", 1.25, NULL);
    report_decide(&report, false);
    return report;
}

static inline struct report sample_violates(void)
{
    struct report report = sample_begin("./lib bad.so", "jemalloc");
    struct clause_result *clause = sample_clause(&report, "alignment/allocate", LEVEL_MUST, true, CLAUSE_VIOLATED, 1000,
                                                 "an aside: what broke the clause is told first");
    sample_finding(clause, "alignment/sweep", "allocate(size 8, align 64)", "0x5510, a multiple of 16 only",
                   "assay replay a.trace");
    sample_finding(clause, "alignment/storm", "allocate(size 9, align 64)", "0x5520, a multiple of 32 only", "");
    clause = sample_clause(&report, "block/undisturbed", LEVEL_MUST, true, CLAUSE_VIOLATED, 3, NULL);
    clause->follows = "alignment/allocate";
    report.fix_first = "alignment/allocate";
    sample_finding(clause, "block/neighbours", HOSTILE, HOSTILE "\nsecond line", "");
    clause =
        sample_clause(&report, "zeroing/allocate-zeroed", LEVEL_MUST, true, CLAUSE_WAIVED, 30, "fixed upstream (#602)");
    sample_finding(clause, "zeroing/recycled", "allocate_zeroed(size 64, align 8)", "byte 7 is 0xa5", "");
    clause = sample_clause(&report, "deallocate/reuse", LEVEL_SHOULD, false, CLAUSE_VIOLATED, 2, NULL);
    sample_finding(clause, "deallocate/steady", "the footprint grows", "64 MiB after 100 rounds", "");
    sample_clause(&report, "in-place/answer", LEVEL_MUST, true, CLAUSE_NOT_EXERCISED, 0, NULL);
    sample_scenario(&report, "alignment/sweep", "crashed", 0.5, HOSTILE);
    sample_scenario(&report, "deallocate/steady", "completed", 0.75, NULL);
    report.left_out_scenarios = calloc(1, sizeof *report.left_out_scenarios);
    report.left_out_scenarios[report.left_out++] =
        (struct left_out){strdup("threads/tight"), strdup("the run ended before its turn")};
    report_decide(&report, false);
    return report;
}

static inline struct report sample_undecided(void)
{
    struct report report = sample_begin("./libhalf.so", "malloc");
    sample_clause(&report, "alignment/allocate", LEVEL_MUST, true, CLAUSE_HOLDS, 12, NULL);
    sample_clause(&report, "in-place/answer", LEVEL_MUST, true, CLAUSE_NOT_EXERCISED, 0, NULL);
    sample_scenario(&report, "in-place/ladders", "cut-short", 0.5, "the deadline came first");
    report.part = calloc(2, sizeof *report.part);
    report.part[report.part_count++] = (struct asked){strdup("--clause"), strdup("*l*")};
    report.part[report.part_count++] = (struct asked){strdup("CK_RUN_SUITE"), strdup("in-place")};
    report_decide(&report, false);
    return report;
}

/* Everything is skipped and nothing was judged: that must not read as a pass anywhere. */
static inline struct report sample_inapplicable(void)
{
    struct report report = sample_begin("./libnone.so", "malloc");
    sample_clause(&report, "in-place/answer", LEVEL_MUST, false, CLAUSE_NOT_APPLICABLE, 0,
                  "the binding does not have the operation");
    report_decide(&report, false);
    return report;
}

static inline struct report sample_unjudged(void)
{
    struct report report = sample_begin("./README.md", "");
    report.verdict = VERDICT_UNJUDGED;
    report.reason = strdup("./README.md: not an ELF file");
    return report;
}

enum { SAMPLES = 5 };

static inline void samples_make(struct report reports[SAMPLES])
{
    reports[0] = sample_conforms();
    reports[1] = sample_violates();
    reports[2] = sample_undecided();
    reports[3] = sample_inapplicable();
    reports[4] = sample_unjudged();
}

static inline void samples_free(struct report reports[SAMPLES])
{
    for (int i = 0; i < SAMPLES; i++)
        report_free(&reports[i]);
}
