/* Waivers: one section each, read with inih.
 *
 *     [alignment/allocate]              the clause, or a glob
 *     candidate = *libmimalloc*         which candidates (a glob on the path); default all
 *     message   = allocate(size 256     what the finding's message must begin with; default any
 *     reason    = fixed upstream        required: why it is accepted
 *     issue     = #602                  where it is followed; optional
 */
#include "harness/report/waivers.h"

#include <errno.h>
#include <fnmatch.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/text_file.h"

struct waiver {
    char *clause, *candidate, *message, *reason, *issue;
    int line;
    bool asked, matched;
    char *other; /* a finding's message that it does not cover */
};

struct waivers {
    char *path;
    struct waiver *list;
    size_t count;
};

/* ---- reading ---- */

struct reader {
    struct waivers *waivers;
    FILE *file;
    int line;
    struct error *error;
};

/* Always false. */
#define refuse(reader, ...) error_at((reader)->error, (reader)->waivers->path, (reader)->line, __VA_ARGS__)

/* inih merges sections of one name and says nothing of empty ones, so each section is begun here, when its line is
 * read. */
static void begin_waiver(struct reader *reader)
{
    struct waivers *waivers = reader->waivers;
    struct waiver *grown = realloc(waivers->list, (waivers->count + 1) * sizeof *grown);
    if (grown == NULL) {
        refuse(reader, "out of memory");
        return;
    }
    waivers->list = grown;
    waivers->list[waivers->count++] = (struct waiver){.line = reader->line};
}

/* inih's reader: the next line; NULL at the end, and after an error. */
static char *next_line(char *text, int size, void *stream)
{
    struct reader *reader = stream;
    if (error_is_set(reader->error) || fgets(text, size, reader->file) == NULL)
        return NULL;
    reader->line++;
    if (strchr(text, '\n') == NULL && !feof(reader->file)) {
        refuse(reader, "the line is too long");
        return NULL;
    }
    if (text[strspn(text, " \t")] == '[')
        begin_waiver(reader);
    return text;
}

/* inih's handler: 1 is well, 0 ends the reading. */
static int take(void *user, const char *clause, const char *key, const char *value)
{
    struct reader *reader = user;
    struct waivers *waivers = reader->waivers;
    if (error_is_set(reader->error))
        return 0;
    if (waivers->count == 0)
        return refuse(reader, "expected a section first, like [alignment/allocate]");
    if (clause[0] == '\0')
        return 0; /* the section's own line is in error: inih reports that */
    struct waiver *waiver = &waivers->list[waivers->count - 1];
    if (waiver->clause == NULL)
        waiver->clause = strdup(clause);
    const struct field {
        const char *key;
        char **field;
    } fields[] = {{"candidate", &waiver->candidate},
                  {"message", &waiver->message},
                  {"reason", &waiver->reason},
                  {"issue", &waiver->issue}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (strcmp(key, fields[i].key) != 0)
            continue;
        if (*fields[i].field != NULL)
            return refuse(reader, "'%s' is given twice", key);
        return (*fields[i].field = strdup(value)) != NULL;
    }
    return refuse(reader, "unknown key '%s', expected candidate, message, reason or issue", key);
}

static bool has_reasons(const struct waivers *waivers, struct error *error)
{
    for (size_t i = 0; i < waivers->count; i++) {
        const struct waiver *waiver = &waivers->list[i];
        if (waiver->reason == NULL || waiver->reason[0] == '\0')
            return error_at(error, waivers->path, waiver->line,
                            "the waiver has no reason; add `reason = why this is accepted`");
    }
    return true;
}

static bool read_all(struct waivers *waivers, struct error *error)
{
    struct reader reader = {
        .waivers = waivers, .error = error, .file = text_stream_open(waivers->path, "waivers", error)};
    if (reader.file == NULL)
        return false;
    errno = 0;
    int bad_line = ini_parse_stream(next_line, &reader, take, &reader);
    if (ferror(reader.file))
        text_file_cannot_be_read(waivers->path, errno, error);
    fclose(reader.file);
    if (bad_line > 0)
        error_at(error, waivers->path, bad_line, "expected [CLAUSE] or key = value");
    return !error_is_set(error) && has_reasons(waivers, error);
}

struct waivers *waivers_load(const char *path, struct error *error)
{
    struct waivers *waivers = calloc(1, sizeof *waivers);
    waivers->path = strdup(path);
    if (read_all(waivers, error))
        return waivers;
    waivers_free(waivers);
    return NULL;
}

void waivers_free(struct waivers *waivers)
{
    for (size_t i = 0; i < waivers->count; i++) {
        struct waiver *waiver = &waivers->list[i];
        char *const texts[] = {waiver->clause, waiver->candidate, waiver->message,
                               waiver->reason, waiver->issue,     waiver->other};
        for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
            free(texts[t]);
    }
    free(waivers->list);
    free(waivers->path);
    free(waivers);
}

bool waivers_know_clauses(const struct waivers *waivers, const char *const *ids, size_t count, struct error *error)
{
    for (size_t i = 0; i < waivers->count; i++) {
        bool known = false;
        for (size_t c = 0; c < count; c++)
            known = known || fnmatch(waivers->list[i].clause, ids[c], 0) == 0;
        if (!known)
            return error_at(error, waivers->path, waivers->list[i].line,
                            "no clause is called '%s'; `assay list` lists them", waivers->list[i].clause);
    }
    return true;
}

/* ---- applying ---- */

static bool speaks_of(const struct waiver *waiver, const char *candidate, const char *clause)
{
    return fnmatch(waiver->clause, clause, 0) == 0 &&
           (waiver->candidate == NULL || fnmatch(waiver->candidate, candidate, 0) == 0);
}

static bool covers(const struct waiver *waiver, const char *message)
{
    return waiver->message == NULL || strncmp(message, waiver->message, strlen(waiver->message)) == 0;
}

bool waivers_cover(const struct waivers *waivers, const char *candidate, const char *clause, const char *message)
{
    for (size_t i = 0; i < waivers->count; i++)
        if (speaks_of(&waivers->list[i], candidate, clause) && covers(&waivers->list[i], message))
            return true;
    return false;
}

/* The first waiver that covers the finding; NULL: none does. Every waiver that does counts as matched. */
static struct waiver *waiver_of(struct waivers *waivers, const struct report *report,
                                const struct clause_result *clause, const struct finding *finding)
{
    struct waiver *first = NULL;
    for (size_t i = 0; i < waivers->count; i++) {
        struct waiver *waiver = &waivers->list[i];
        if (!speaks_of(waiver, report->path, clause->id))
            continue;
        if (covers(waiver, finding->message)) {
            waiver->matched = true;
            first = first == NULL ? waiver : first;
        } else if (waiver->other == NULL) {
            waiver->other = strdup(finding->message);
        }
    }
    return first;
}

static void note_asked(struct waivers *waivers, const struct report *report, const struct clause_result *clause)
{
    if (clause->verdict == CLAUSE_NOT_EXERCISED)
        return;
    for (size_t i = 0; i < waivers->count; i++)
        waivers->list[i].asked = waivers->list[i].asked || speaks_of(&waivers->list[i], report->path, clause->id);
}

static void waive(struct clause_result *clause, const struct waiver *waiver)
{
    clause->verdict = CLAUSE_WAIVED;
    free(clause->note);
    if (asprintf(&clause->note, "%s%s%s%s", waiver->reason, waiver->issue == NULL ? "" : " (",
                 waiver->issue == NULL ? "" : waiver->issue, waiver->issue == NULL ? "" : ")") < 0)
        clause->note = NULL;
}

static bool apply_to_clause(struct waivers *waivers, const struct report *report, struct clause_result *clause)
{
    struct waiver *chosen = NULL;
    bool all = clause->finding_count > 0;
    note_asked(waivers, report, clause);
    if (clause->verdict != CLAUSE_VIOLATED)
        return false;
    for (size_t i = 0; i < clause->finding_count; i++) {
        struct waiver *waiver = waiver_of(waivers, report, clause, &clause->findings[i]);
        all = all && waiver != NULL;
        chosen = chosen == NULL ? waiver : chosen;
    }
    if (all)
        waive(clause, chosen);
    return all;
}

void waivers_apply(struct waivers *waivers, struct report *report)
{
    bool any = false;
    if (report->verdict == VERDICT_UNJUDGED)
        return;
    for (size_t i = 0; i < report->clause_count; i++)
        any = apply_to_clause(waivers, report, &report->clauses[i]) || any;
    if (any)
        report_decide(report, report->harness_failed);
}

static bool add_note(struct waiver_note **notes, size_t *count, const struct waiver *waiver, const char *text)
{
    struct waiver_note *grown = realloc(*notes, (*count + 1) * sizeof *grown);
    if (grown == NULL)
        return false;
    *notes = grown;
    grown[(*count)++] =
        (struct waiver_note){.clause = strdup(waiver->clause), .line = waiver->line, .text = strdup(text)};
    return true;
}

static void note_stale(const struct waiver *waiver, struct report *report)
{
    char *text = NULL;
    if (waiver->other == NULL)
        add_note(&report->stale, &report->stale_count, waiver, "nothing it covers was found; remove it");
    else if (asprintf(&text, "no finding begins with '%s' any more; there is '%s' now", waiver->message,
                      waiver->other) >= 0)
        add_note(&report->stale, &report->stale_count, waiver, text);
    free(text);
}

static void note_unneeded(const struct waiver *waiver, struct report *report)
{
    char *text = NULL;
    if (asprintf(&text, "not needed: this run did not judge that clause of %s",
                 waiver->candidate == NULL ? "any candidate" : waiver->candidate) >= 0)
        add_note(&report->unneeded, &report->unneeded_count, waiver, text);
    free(text);
}

void waivers_tell(const struct waivers *waivers, bool may_be_stale, struct report *report)
{
    report->waivers_file = strdup(waivers->path);
    for (size_t i = 0; i < waivers->count && may_be_stale; i++) {
        const struct waiver *waiver = &waivers->list[i];
        if (!waiver->matched && waiver->asked)
            note_stale(waiver, report);
        else if (!waiver->matched)
            note_unneeded(waiver, report);
    }
}

bool waivers_all_matched(const struct waivers *waivers, FILE *out)
{
    struct report told = {0};
    waivers_tell(waivers, true, &told);
    for (size_t i = 0; i < told.stale_count; i++)
        fprintf(out, "assay: %s:%d: stale waiver [%s]: %s\n", waivers->path, told.stale[i].line, told.stale[i].clause,
                told.stale[i].text);
    for (size_t i = 0; i < told.unneeded_count; i++)
        fprintf(out, "assay: %s:%d: waiver [%s] was %s\n", waivers->path, told.unneeded[i].line,
                told.unneeded[i].clause, told.unneeded[i].text);
    bool all = told.stale_count == 0;
    report_free(&told);
    return all;
}
