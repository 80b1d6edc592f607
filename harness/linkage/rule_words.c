/* The names of kinds, clauses and verdicts, and the kinds that each clause applies to. */
#include <string.h>

#include "harness/linkage/rule.h"

static const char *const kinds[] = {
    [KIND_INFERRED] = "unknown", [KIND_EXECUTABLE] = "executable",
    [KIND_DYLIB] = "dylib",      [KIND_STATICLIB] = "staticlib",
    [KIND_RLIB] = "rlib",        [KIND_ALLOCATOR] = "allocator",
};

const char *linkage_kind_name(enum linkage_kind kind) { return kinds[kind]; }

enum linkage_kind linkage_kind_find(const char *name)
{
    for (int kind = KIND_EXECUTABLE; kind <= KIND_ALLOCATOR; kind++)
        if (strcmp(kinds[kind], name) == 0)
            return (enum linkage_kind)kind;
    return KIND_INFERRED;
}

#define BIT(kind) (1u << (kind))
#define FINAL (BIT(KIND_EXECUTABLE) | BIT(KIND_DYLIB) | BIT(KIND_STATICLIB))
#define ALL (FINAL | BIT(KIND_RLIB) | BIT(KIND_ALLOCATOR))

static const struct {
    const char *id;
    unsigned kinds;
} clauses[LINKAGE_CLAUSES] = {
    [LINKAGE_AT_MOST_ONE] = {"linkage/at-most-one", FINAL | BIT(KIND_ALLOCATOR)},
    [LINKAGE_EXACTLY_ONE] = {"linkage/exactly-one", FINAL},
    [LINKAGE_RLIB] = {"linkage/rlib", BIT(KIND_RLIB)},
    [LINKAGE_COMPLETE] = {"linkage/complete", ALL},
    [LINKAGE_SINGLE_DEFINITION] = {"linkage/single-definition", ALL},
    [LINKAGE_NO_CIRCULAR] = {"linkage/no-circular", ALL},
};

const char *linkage_clause_id(enum linkage_clause clause) { return clauses[clause].id; }

bool linkage_applies(const struct linkage *linkage, enum linkage_clause clause)
{
    if (clause == LINKAGE_NO_CIRCULAR && !linkage->family->rule_of_needs)
        return false;
    return (clauses[clause].kinds & BIT(linkage->kind)) != 0;
}

const char *linkage_verdict_name(enum linkage_verdict verdict)
{
    static const char *const names[] = {[LINKAGE_OK] = "ok",
                                        [LINKAGE_VIOLATION] = "violation",
                                        [LINKAGE_OPEN] = "undecided",
                                        [LINKAGE_ERROR] = "error"};
    return names[verdict];
}

bool linkage_needs(const struct linkage *linkage)
{
    for (size_t i = 0; i < linkage->party_count; i++)
        if (linkage->parties[i].role == PARTY_NEEDS)
            return true;
    return false;
}
