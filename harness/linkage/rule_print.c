/* Writes a judged artifact as text for people and as JSON for programs. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/utf8.h"
#include "harness/linkage/rule.h"

enum { SET_TEXT = 256 };

/* Names come from untrusted files. One with a line feed in it could forge a row. */
static void print_clean(FILE *out, const char *text)
{
    char *clean = utf8_clean(text);
    for (char *at = clean; (at = strpbrk(at, "\n\t")) != NULL;)
        *at = '?';
    fputs(clean, out);
    free(clean);
}

static void print_row(FILE *out, const char *head, const char *first, const char *second, const char *third)
{
    fprintf(out, "  %-10s ", head);
    print_clean(out, first);
    if (second[0] != '\0')
        fprintf(out, "%*s  %s", (int)(strlen(first) < 28 ? 28 - strlen(first) : 0), "", second);
    if (third[0] != '\0') {
        fputs("  ", out);
        print_clean(out, third);
    }
    fputc('\n', out);
}

static void print_parties(FILE *out, const struct linkage *linkage)
{
    static const char *const heads[] = {[PARTY_PROVIDER] = "provides",
                                        [PARTY_DEFAULT] = "default",
                                        [PARTY_HIDDEN] = "keeps",
                                        [PARTY_BEHIND] = "behind",
                                        [PARTY_NEEDS] = "needs"};
    char text[SET_TEXT];
    for (int role = PARTY_PROVIDER; role <= PARTY_NEEDS; role++)
        for (size_t i = 0; i < linkage->party_count; i++)
            if (linkage->parties[i].role == (enum party_role)role)
                print_row(out, heads[role], linkage->parties[i].name,
                          family_describe(linkage->family, linkage->parties[i].functions, text, sizeof text),
                          linkage->parties[i].path);
}

void linkage_print(FILE *out, const struct linkage *linkage, bool verbose)
{
    if (linkage->verdict == LINKAGE_ERROR) {
        fputs("error      ", out);
        print_clean(out, linkage->error);
        fputc('\n', out);
        return;
    }
    fprintf(out, "%-10s ", linkage_verdict_name(linkage->verdict));
    print_clean(out, linkage->artifact);
    fprintf(out, ": %s, judged as %s, family %s\n", linkage->shape, linkage_kind_name(linkage->kind),
            linkage->family->name);
    if (verbose)
        print_parties(out, linkage);
    if (verbose && linkage->default_name != NULL)
        print_row(out, "if none", linkage->default_name,
                  linkage->is_linked ? "was the default when it was linked" : "is the default", "");
    for (size_t i = 0; i < linkage->finding_count; i++)
        print_row(out, linkage->findings[i].is_open ? "open" : "violated",
                  linkage_clause_id(linkage->findings[i].clause), "", linkage->findings[i].message);
    for (size_t i = 0; verbose && i < linkage->note_count; i++)
        print_row(out, "note", linkage->notes[i], "", "");
}

/* ---- JSON ---- */

static json_t *json_text(const char *text)
{
    char *clean = utf8_clean(text);
    json_t *value = json_string(clean);
    free(clean);
    return value;
}

static json_t *json_functions(const struct family *family, uint64_t set)
{
    json_t *names = json_array();
    for (size_t i = 0; i < family->count; i++)
        if (set >> i & 1)
            json_array_append_new(names, json_string(family->functions[i].name));
    return names;
}

static json_t *json_party(const struct linkage *linkage, const struct linkage_party *party)
{
    static const char *const roles[] = {[PARTY_PROVIDER] = "provider",
                                        [PARTY_DEFAULT] = "default",
                                        [PARTY_HIDDEN] = "private",
                                        [PARTY_BEHIND] = "behind",
                                        [PARTY_NEEDS] = "needs"};
    json_t *value = json_object();
    json_object_set_new(value, "role", json_string(roles[party->role]));
    json_object_set_new(value, "name", json_text(party->name));
    json_object_set_new(value, "path", json_text(party->path));
    json_object_set_new(value, "functions", json_functions(linkage->family, party->functions));
    return value;
}

static json_t *json_findings(const struct linkage *linkage)
{
    json_t *findings = json_array();
    for (size_t i = 0; i < linkage->finding_count; i++) {
        json_t *value = json_object();
        json_object_set_new(value, "clause", json_string(linkage_clause_id(linkage->findings[i].clause)));
        json_object_set_new(value, "message", json_text(linkage->findings[i].message));
        json_object_set_new(value, "open", json_boolean(linkage->findings[i].is_open));
        json_array_append_new(findings, value);
    }
    return findings;
}

/* This report has a fixed set of verdicts, and "undecided" is not among them. An open verdict is not ok, so it is
 * written as an error with `undecided` set. */
json_t *linkage_json(const struct linkage *linkage)
{
    json_t *value = json_object(), *providers = json_array(), *parties = json_array(), *notes = json_array();
    for (size_t i = 0; i < linkage->party_count; i++) {
        if (linkage->parties[i].role == PARTY_PROVIDER)
            json_array_append_new(providers, json_text(linkage->parties[i].name));
        json_array_append_new(parties, json_party(linkage, &linkage->parties[i]));
    }
    for (size_t i = 0; i < linkage->note_count; i++)
        json_array_append_new(notes, json_text(linkage->notes[i]));
    bool is_open = linkage->verdict == LINKAGE_OPEN;
    json_object_set_new(value, "artifact", json_text(linkage->artifact));
    json_object_set_new(value, "shape", json_string(linkage->shape));
    json_object_set_new(value, "kind", json_string(linkage_kind_name(linkage->kind)));
    json_object_set_new(value, "family", json_string(linkage->family->name));
    json_object_set_new(value, "verdict",
                        json_string(linkage_verdict_name(is_open ? LINKAGE_ERROR : linkage->verdict)));
    json_object_set_new(value, "undecided", json_boolean(is_open));
    json_object_set_new(value, "providers", providers);
    json_object_set_new(value, "needs", json_boolean(linkage_needs(linkage)));
    json_object_set_new(value, "default",
                        linkage->default_name == NULL ? json_null() : json_string(linkage->default_name));
    json_object_set_new(value, "findings", json_findings(linkage));
    json_object_set_new(value, "parties", parties);
    json_object_set_new(value, "notes", notes);
    json_object_set_new(value, "error", linkage->error == NULL ? json_null() : json_text(linkage->error));
    return value;
}
