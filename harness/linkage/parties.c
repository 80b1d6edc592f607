#include "harness/linkage/parties.h"

#include <stdlib.h>
#include <string.h>

enum { PATH_TEXT = 2048 };

static void add_party(struct inquiry *inquiry, enum party_role role, const char *name, size_t order, uint64_t functions,
                      const struct symbol_sets *sets)
{
    struct linkage *linkage = inquiry->linkage;
    char path[PATH_TEXT];
    functions &= inquiry->core | inquiry->companions;
    if (functions == 0)
        return;
    linkage->parties = realloc(linkage->parties, (linkage->party_count + 1) * sizeof *linkage->parties);
    linkage->parties[linkage->party_count++] =
        (struct linkage_party){.role = role,
                               .name = strdup(name),
                               .path = strdup(closure_path(&inquiry->closure, order, path, sizeof path)),
                               .functions = functions,
                               .weak = functions & sets->weak,
                               .sets = sets,
                               .order = order};
    struct linkage_party *party = &linkage->parties[linkage->party_count - 1];
    if (order == 0)
        party->label = strdup(name);
    else if (asprintf(&party->label, "%s (%s)", name, party->path) < 0)
        party->label = NULL;
}

/* A library that defines one function of such a name, and calls none of the others, is no allocator. In a linked
 * library a static function and a hidden one look alike. */
static bool is_namesake(const struct symbol_sets *sets, uint64_t core)
{
    return __builtin_popcountll(sets->private & core) == 1 && (sets->needed & core) == 0;
}

/* No other object can define what a static executable defines. A library that exports a part of the family keeps its
 * private functions from the callers that bind to that part. */
bool parties_use_private(const struct inquiry *inquiry, size_t order)
{
    const struct object *object = inquiry->closure.loaded[order]->object;
    if (order > 0 || inquiry->linkage->kind == KIND_ALLOCATOR)
        return false;
    if (inquiry->family->has_default_everywhere)
        return shape_is_static(object->shape);
    return shape_is_executable(object->shape) ||
           (object->shape == SHAPE_SHARED && (object->sets.exported & inquiry->core) == 0 &&
            !is_namesake(&object->sets, inquiry->core));
}

/* The loader takes the first definition in its order; does that one belong to the default? The operators of C++ are
 * judged by this order one by one (rule_operators.c). */
static bool is_behind_default(const struct inquiry *inquiry, uint64_t functions)
{
    uint64_t before = parties_functions(inquiry, PARTY_DEFAULT);
    return !inquiry->family->is_paired && (functions & inquiry->core & ~before) == 0 &&
           parties_find(inquiry, PARTY_PROVIDER, inquiry->core) == NULL;
}

/* A replacement behind the default is an allocator of its own when its object binds to it first (-Bsymbolic). */
static enum party_role role_of_provider(const struct inquiry *inquiry, const struct object *object, uint64_t functions)
{
    uint64_t essence = inquiry->family->essence;
    if (family_is_default(inquiry->family, object->soname))
        return PARTY_DEFAULT;
    if (!is_behind_default(inquiry, functions))
        return PARTY_PROVIDER;
    return object->is_symbolic && (functions & essence) == essence ? PARTY_HIDDEN : PARTY_BEHIND;
}

static void note_object(struct inquiry *inquiry, size_t order)
{
    const struct object *object = inquiry->closure.loaded[order]->object;
    const struct symbol_sets *sets = &object->sets;
    const char *name = object_name(object);
    bool own = parties_use_private(inquiry, order);
    uint64_t provided = sets->exported | (own ? sets->private : 0);
    bool is_default = family_is_default(inquiry->family, object->soname);
    if ((provided & inquiry->core) != 0)
        add_party(inquiry, role_of_provider(inquiry, object, provided), name, order, provided, sets);
    /* Both malloc and free must be there: one function that happens to be called "free" is no allocator. */
    if (!own && !is_default && (sets->private & inquiry->family->essence) == inquiry->family->essence)
        add_party(inquiry, PARTY_HIDDEN, name, order, sets->private, sets);
    add_party(inquiry, PARTY_NEEDS, name, order, sets->needed, sets);
}

static void note_member(struct inquiry *inquiry, const struct member *member)
{
    char *name = object_member_name(inquiry->artifact, member->name);
    if ((member->sets.exported & inquiry->core) != 0)
        add_party(inquiry, PARTY_PROVIDER, name, 0, member->sets.exported, &member->sets);
    add_party(inquiry, PARTY_NEEDS, name, 0, member->sets.needed & ~inquiry->artifact->sets.exported, &member->sets);
    free(name);
}

void parties_note(struct inquiry *inquiry)
{
    if (shape_is_archive(inquiry->artifact->shape)) {
        for (size_t i = 0; i < inquiry->artifact->member_count; i++)
            note_member(inquiry, &inquiry->artifact->members[i]);
        return;
    }
    for (size_t i = 0; i < inquiry->closure.count; i++)
        note_object(inquiry, i);
}

uint64_t parties_functions(const struct inquiry *inquiry, enum party_role role)
{
    uint64_t functions = 0;
    for (size_t i = 0; i < inquiry->linkage->party_count; i++)
        functions |= inquiry->linkage->parties[i].role == role ? inquiry->linkage->parties[i].functions : 0;
    return functions;
}

const struct linkage_party *parties_find(const struct inquiry *inquiry, enum party_role role, uint64_t functions)
{
    for (size_t i = 0; i < inquiry->linkage->party_count; i++)
        if (inquiry->linkage->parties[i].role == role && (inquiry->linkage->parties[i].functions & functions) != 0)
            return &inquiry->linkage->parties[i];
    return NULL;
}

/* A link takes the strong definition and falls back to a weak one when there is no strong one. When all definitions are
 * weak, it takes the first without a message. Two of those are two definitions, unless they are copies of one thing in
 * a group (COMDAT). The loader ignores weakness. */
bool party_is_fallback(const struct inquiry *inquiry, const struct linkage_party *party, uint64_t functions)
{
    if (!shape_is_archive(inquiry->artifact->shape) || (functions & ~party->weak) != 0)
        return false;
    for (size_t i = 0; i < inquiry->linkage->party_count; i++) {
        const struct linkage_party *other = &inquiry->linkage->parties[i];
        uint64_t copies = other < party ? other->sets->grouped & party->sets->grouped : 0;
        if (other != party && other->role == PARTY_PROVIDER)
            functions &= ~(other->functions & (~other->weak | copies));
    }
    return functions == 0;
}
