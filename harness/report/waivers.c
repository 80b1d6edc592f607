/* Waivers: findings that are known and accepted, one section each, read with inih.
 *
 *     [alignment/allocate]              the clause, or a glob
 *     candidate = *libmimalloc*         which candidates (a glob on the path); default all
 *     message   = allocate(size 256     what the finding's message must begin with; default any
 *     reason    = fixed upstream        required: why it is accepted
 *     issue     = #602                  where it is followed; optional
 */
#include <fnmatch.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>

#include "harness/report/report.h"

enum { MOST_WAIVERS = 256, FIELD = 200 };

struct waiver {
    char clause[FIELD], candidate[FIELD], message[FIELD], reason[FIELD], issue[FIELD];
    bool matched;
};

struct waivers {
    char path[512];
    struct waiver list[MOST_WAIVERS];
    size_t count;
    struct error *error; /* while reading: what is wrong with the line at hand */
};

static struct waiver *section(struct waivers *waivers, const char *clause)
{
    if (waivers->count > 0 && strcmp(waivers->list[waivers->count - 1].clause, clause) == 0)
        return &waivers->list[waivers->count - 1];
    if (waivers->count == MOST_WAIVERS || clause[0] == '\0')
        return NULL;
    struct waiver *fresh = &waivers->list[waivers->count++];
    snprintf(fresh->clause, sizeof fresh->clause, "%s", clause);
    snprintf(fresh->candidate, sizeof fresh->candidate, "*");
    return fresh;
}

/* inih's handler: 0 makes ini_parse answer this line's number. */
static int take(void *user, const char *clause, const char *key, const char *value)
{
    struct waivers *waivers = user;
    struct waiver *waiver = section(waivers, clause);
    if (waiver == NULL)
        return error_set(waivers->error, "'%s' stands outside a section like [alignment/allocate]", key);
    struct { const char *key; char *field; } const fields[] = {
        {"candidate", waiver->candidate}, {"message", waiver->message}, {"reason", waiver->reason}, {"issue", waiver->issue}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (strcmp(key, fields[i].key) == 0)
            return snprintf(fields[i].field, FIELD, "%s", value) >= 0;
    return error_set(waivers->error, "unknown key '%s', expected candidate, message, reason or issue", key);
}

static bool check(const struct waivers *waivers, struct error *error)
{
    for (size_t i = 0; i < waivers->count; i++)
        if (waivers->list[i].reason[0] == '\0')
            return error_set(error, "%s: waiver [%s] has no reason", waivers->path, waivers->list[i].clause);
    return true;
}

struct waivers *waivers_load(const char *path, struct error *error)
{
    struct error problem = {0};
    struct waivers *waivers = calloc(1, sizeof *waivers);
    snprintf(waivers->path, sizeof waivers->path, "%s", path);
    waivers->error = &problem;
    int line = ini_parse(path, take, waivers);
    waivers->error = NULL;
    if (line < 0)
        error_set(error, "%s: cannot be read", path);
    else if (line > 0)
        error_set(error, "%s:%d: %s", path, line, error_is_set(&problem) ? problem.text : "expected [CLAUSE] or key = value");
    if (line == 0 && check(waivers, error))
        return waivers;
    free(waivers);
    return NULL;
}

static bool covers(const struct waiver *waiver, const struct finding *finding)
{
    return strncmp(finding->message, waiver->message, strlen(waiver->message)) == 0;
}

/* Every finding of the clause must be one the waiver knows: another one is news. */
static bool waives(const struct waiver *waiver, const struct report *report, const struct clause_result *clause)
{
    if (clause->verdict != CLAUSE_VIOLATED || fnmatch(waiver->clause, clause->id, 0) != 0 ||
        fnmatch(waiver->candidate, report->path, 0) != 0)
        return false;
    for (size_t i = 0; i < clause->finding_count; i++)
        if (!covers(waiver, &clause->findings[i]))
            return false;
    return true;
}

static bool was_harness_failure(const struct report *report)
{
    for (size_t i = 0; i < report->scenario_count; i++)
        if (strcmp(report->scenarios[i].outcome, "harness-failed") == 0)
            return true;
    return false;
}

void waivers_apply(struct waivers *waivers, struct report *report)
{
    bool any = false;
    for (size_t c = 0; c < report->clause_count; c++)
        for (size_t w = 0; w < waivers->count; w++) {
            struct clause_result *clause = &report->clauses[c];
            if (!waives(&waivers->list[w], report, clause))
                continue;
            waivers->list[w].matched = any = true;
            clause->verdict = CLAUSE_WAIVED;
            free(clause->note);
            clause->note = strdup(waivers->list[w].reason);
        }
    if (any)
        report_decide(report, was_harness_failure(report));
}

bool waivers_all_matched(const struct waivers *waivers, FILE *out)
{
    bool all = true;
    for (size_t i = 0; i < waivers->count; i++) {
        if (waivers->list[i].matched)
            continue;
        all = false;
        fprintf(out, "assay: %s: stale waiver [%s] for %s: nothing it waives was found; remove it\n", waivers->path,
                waivers->list[i].clause, waivers->list[i].candidate);
    }
    return all;
}
