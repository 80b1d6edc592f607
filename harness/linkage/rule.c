#include "harness/linkage/rule.h"

#include <stdlib.h>
#include <string.h>

#include "harness/linkage/parties.h"
#include "harness/linkage/rule_parts.h"
#include "harness/linkage/together.h"

enum { PATH_TEXT = 2048, SET_TEXT = 256 };

bool is_all_seen(const struct inquiry *inquiry)
{
    return inquiry->closure.missing_count == 0 && !inquiry->artifact->is_deferred;
}

static bool imports(const struct inquiry *inquiry, const struct linkage_party *party, enum family_role role)
{
    return ((party->sets->needed | party->sets->wanted) & family_set(inquiry->family, role)) != 0;
}

bool may_forward(const struct inquiry *inquiry, const struct linkage_party *party)
{
    return imports(inquiry, party, ROLE_FORWARD);
}

bool may_be_tracer(const struct inquiry *inquiry, const struct linkage_party *party)
{
    bool is_whole = (inquiry->core & ~party->functions) == 0;
    return may_forward(inquiry, party) && !(is_whole && imports(inquiry, party, ROLE_SOURCE)) &&
           !shape_is_archive(inquiry->artifact->shape);
}

/* ---- at most one ---- */

static bool is_allocator(const struct inquiry *inquiry, const struct linkage_party *party)
{
    uint64_t essence = inquiry->family->essence;
    return party->role == PARTY_PROVIDER && (party->functions & essence) == essence &&
           !party_is_fallback(inquiry, party, essence);
}

/* Each allocator after the first is one error, as in rustc. */
static void judge_at_most_one(struct inquiry *inquiry)
{
    struct linkage *linkage = inquiry->linkage;
    const struct linkage_party *first = NULL;
    enum linkage_clause clause = linkage->kind == KIND_RLIB ? LINKAGE_RLIB : LINKAGE_AT_MOST_ONE;
    for (size_t i = 0; i < linkage->party_count; i++) {
        const struct linkage_party *party = &linkage->parties[i];
        if (!is_allocator(inquiry, party) || may_be_tracer(inquiry, party))
            continue;
        if (first != NULL)
            add_finding(linkage, clause, false, "two allocators are linked together: %s and %s", first->label,
                        party->label);
        first = party;
    }
    bool crosses = inquiry->family->has_default_everywhere; /* blocks of such a family are passed between libraries */
    for (size_t i = 0; i < linkage->party_count && first != NULL && crosses; i++) {
        const struct linkage_party *party = &linkage->parties[i];
        if (party->role == PARTY_HIDDEN && party->order != first->order)
            add_finding(linkage, clause, false,
                        "%s hides an allocator of its own while %s is the one for everybody else: "
                        "a block that passes between them is freed by the wrong one",
                        party->label, first->label);
    }
}

/* ---- single definition ---- */

static void judge_pair(struct inquiry *inquiry, const struct linkage_party *party, const struct linkage_party *earlier,
                       uint64_t *told)
{
    char text[SET_TEXT];
    uint64_t both = party->functions & earlier->functions & inquiry->core & ~*told;
    for (uint64_t set = both; set != 0; set &= set - 1) {
        uint64_t bit = set & -set;
        if (party_is_fallback(inquiry, party, bit) || party_is_fallback(inquiry, earlier, bit))
            both &= ~bit;
    }
    if (both == 0)
        return;
    bool is_open = may_be_tracer(inquiry, party) || may_be_tracer(inquiry, earlier);
    add_finding(inquiry->linkage, LINKAGE_SINGLE_DEFINITION, is_open, "%s is a second definition of %s, behind %s%s",
                party->label, family_describe(inquiry->family, both, text, sizeof text), earlier->label,
                is_open ? ", unless it passes calls on (it imports dlsym or the like), which no file shows" : "");
    *told |= is_open ? 0 : both;
}

static void judge_single(struct inquiry *inquiry)
{
    char text[SET_TEXT];
    struct linkage *linkage = inquiry->linkage;
    for (size_t i = 0; i < linkage->party_count; i++) {
        const struct linkage_party *party = &linkage->parties[i];
        uint64_t told = 0;
        if (party->role != PARTY_PROVIDER)
            continue;
        if ((party->sets->twice & inquiry->core) != 0)
            add_finding(linkage, LINKAGE_SINGLE_DEFINITION, false, "%s defines %s twice", party->name,
                        family_describe(inquiry->family, party->sets->twice & inquiry->core, text, sizeof text));
        for (size_t j = 0; j < i; j++)
            if (linkage->parties[j].role == PARTY_PROVIDER)
                judge_pair(inquiry, party, &linkage->parties[j], &told);
    }
}

/* ---- complete ---- */

/* Says where the functions that a provider lacks come from. */
static void other_source(const struct inquiry *inquiry, const struct linkage_party *party, uint64_t lacking, char *text,
                         size_t size)
{
    const struct linkage_party *other = NULL;
    for (size_t i = 0; i < inquiry->linkage->party_count; i++)
        if (&inquiry->linkage->parties[i] != party && inquiry->linkage->parties[i].role <= PARTY_DEFAULT &&
            (inquiry->linkage->parties[i].functions & lacking) != 0 && other == NULL)
            other = &inquiry->linkage->parties[i];
    if (other != NULL)
        snprintf(text, size, ", which come from %s instead", other->label);
    else if (inquiry->family->has_default_everywhere)
        snprintf(text, size, ", which come from %s instead", inquiry->family->default_name);
    else
        snprintf(text, size, ", and nobody else has it");
}

static const char *unless_forwarded(const struct inquiry *inquiry, const struct linkage_party *party)
{
    return may_forward(inquiry, party)
               ? ", unless it passes calls on to libc (it imports dlsym or the like), which no file shows"
               : "";
}

static void judge_lacking(struct inquiry *inquiry, const struct linkage_party *party, uint64_t lacking)
{
    char has[SET_TEXT], lacks[SET_TEXT], source[PATH_TEXT], old[SET_TEXT] = "";
    other_source(inquiry, party, lacking, source, sizeof source);
    if ((party->sets->old & lacking) != 0)
        snprintf(old, sizeof old, "; it defines some of them under an old version only, which nothing new binds to");
    add_finding(inquiry->linkage, LINKAGE_COMPLETE, may_forward(inquiry, party) || inquiry->artifact->is_deferred,
                "%s defines %s and lacks %s%s%s%s", party->label,
                family_describe(inquiry->family, party->functions & inquiry->core, has, sizeof has),
                family_describe(inquiry->family, lacking, lacks, sizeof lacks), source, old,
                unless_forwarded(inquiry, party));
}

/* A companion that is used and left to libc is an error: the replacement would free libc's memory, or libc the memory
 * of the replacement. */
static void judge_companions(struct inquiry *inquiry, const struct linkage_party *party)
{
    uint64_t left = inquiry->companions & ~party->functions & parties_functions(inquiry, PARTY_NEEDS);
    for (; left != 0; left &= left - 1) {
        uint64_t bit = left & -left;
        const struct linkage_party *user = parties_find(inquiry, PARTY_NEEDS, bit);
        if (parties_find(inquiry, PARTY_PROVIDER, bit) != NULL || parties_find(inquiry, PARTY_DEFAULT, bit) == NULL)
            continue; /* another clause judges a second provider; a function without a provider allocates nothing */
        const char *name = inquiry->family->functions[__builtin_ctzll(bit)].name;
        add_finding(inquiry->linkage, LINKAGE_COMPLETE, may_forward(inquiry, party),
                    "%s replaces malloc and free but not %s, which %s uses: this mixes memory of libc "
                    "with that of the replacement%s",
                    party->label, name, user->label, unless_forwarded(inquiry, party));
    }
}

static void judge_data(struct inquiry *inquiry, const struct linkage_party *party)
{
    char text[SET_TEXT];
    uint64_t data = party->sets->data & party->functions & inquiry->core;
    if (data != 0)
        add_finding(inquiry->linkage, LINKAGE_COMPLETE, false, "%s defines %s as data, expected functions",
                    party->label, family_describe(inquiry->family, data, text, sizeof text));
}

/* Reports an artifact that is to be judged as an allocator and is none. A library without definitions may provide those
 * of a library that it needs. */
static void judge_no_allocator(struct inquiry *inquiry)
{
    char text[SET_TEXT];
    const struct object *artifact = inquiry->artifact;
    if (inquiry->linkage->kind == KIND_ALLOCATOR && parties_find(inquiry, PARTY_PROVIDER, inquiry->core) == NULL &&
        !family_is_default(inquiry->family, artifact->soname))
        add_finding(inquiry->linkage, LINKAGE_COMPLETE, !is_all_seen(inquiry),
                    "%s defines none of an allocator's functions for others, expected %s", object_name(artifact),
                    family_describe(inquiry->family, inquiry->core, text, sizeof text));
}

/* Returns the functions that a provider must have and lacks. A program or a library that keeps its copy private may
 * lack a function that nobody calls, when the link editor dropped such functions, or when the file is stripped and does
 * not show them. In the malloc family it may always lack one. */
static uint64_t lacks(const struct inquiry *inquiry, const struct linkage_party *party)
{
    const struct object *artifact = inquiry->artifact;
    bool is_archive = shape_is_archive(artifact->shape);
    uint64_t lacking = inquiry->core & ~(is_archive ? parties_functions(inquiry, PARTY_PROVIDER) : party->functions);
    bool is_excused = artifact->drops_unused || artifact->is_stripped || inquiry->family->has_default_everywhere;
    if (!is_archive && is_excused && parties_use_private(inquiry, party->order))
        lacking &= parties_functions(inquiry, PARTY_NEEDS);
    return lacking;
}

/* The members of an archive are one provider together. In a closure, each object is one. */
static void judge_complete(struct inquiry *inquiry)
{
    struct linkage *linkage = inquiry->linkage;
    bool is_archive = shape_is_archive(inquiry->artifact->shape);
    bool told = false;
    judge_no_allocator(inquiry);
    for (size_t i = 0; i < linkage->party_count; i++) {
        const struct linkage_party *party = &linkage->parties[i];
        if (party->role != PARTY_PROVIDER)
            continue;
        uint64_t lacking = lacks(inquiry, party);
        judge_data(inquiry, party);
        if (lacking != 0 && !(is_archive && told))
            judge_lacking(inquiry, party, lacking);
        else if (lacking == 0 && inquiry->family->has_default_everywhere)
            judge_companions(inquiry, party);
        told = true;
    }
}

/* ---- exactly one ---- */

static void judge_exactly_one(struct inquiry *inquiry)
{
    char text[SET_TEXT];
    struct linkage *linkage = inquiry->linkage;
    const struct linkage_party *user = parties_find(inquiry, PARTY_NEEDS, inquiry->core);
    bool provided = parties_find(inquiry, PARTY_PROVIDER, inquiry->core) != NULL ||
                    parties_find(inquiry, PARTY_DEFAULT, inquiry->core) != NULL;
    bool by_process = inquiry->family->has_default_everywhere && linkage->kind != KIND_EXECUTABLE;
    const struct object *artifact = inquiry->artifact;
    if (shape_is_static(artifact->shape) && artifact->is_stripped)
        add_finding(linkage, LINKAGE_EXACTLY_ONE, true,
                    "%s is static and stripped: nothing in it shows which allocator it has", object_name(artifact));
    if (user == NULL || provided || by_process)
        return;
    add_finding(linkage, LINKAGE_EXACTLY_ONE, !is_all_seen(inquiry),
                "%s needs %s, and nothing that is linked provides it; the default would be %s%s", user->label,
                family_describe(inquiry->family, user->functions & inquiry->core, text, sizeof text),
                linkage->default_name == NULL ? "none" : linkage->default_name,
                shape_is_linked(artifact->shape) ? ", and it can no longer be chosen: this is linked already" : "");
}

/* ---- findings that stay open, and notes ---- */

static void note_unseen(struct inquiry *inquiry)
{
    char path[PATH_TEXT];
    const struct object *artifact = inquiry->artifact;
    enum linkage_clause clause = inquiry->linkage->kind == KIND_RLIB ? LINKAGE_RLIB : LINKAGE_AT_MOST_ONE;
    if (artifact->is_deferred) {
        char *name = artifact->deferred_member == NULL ? strdup(object_name(artifact))
                                                       : object_member_name(artifact, artifact->deferred_member);
        add_finding(inquiry->linkage, clause, true,
                    "%s is compiled when it is linked (LTO): what it defines and needs cannot be seen", name);
        free(name);
    }
    for (size_t i = 0; i < inquiry->closure.missing_count; i++) {
        const struct missing *missing = &inquiry->closure.missing[i];
        closure_path(&inquiry->closure, missing->parent, path, sizeof path);
        if (missing->reason != NULL)
            add_finding(inquiry->linkage, clause, true, "%s is needed (%s) and cannot be read: %s", missing->name, path,
                        missing->reason);
        else
            add_finding(inquiry->linkage, clause, true, "%s is needed (%s) and not found", missing->name, path);
    }
}

/* A private allocator of a library would be a second one beside a replacement that everybody uses. A stripped library
 * could hide one. */
static void note_stripped(struct inquiry *inquiry)
{
    size_t stripped = 0;
    const struct family *family = inquiry->family;
    for (size_t i = 1; i < inquiry->closure.count; i++) {
        const struct object *object = inquiry->closure.loaded[i]->object;
        stripped += object->is_stripped && (object->sets.exported & inquiry->core) == 0 &&
                    !family_is_default(family, object->soname);
    }
    if (stripped > 0 && family->has_default_everywhere &&
        parties_find(inquiry, PARTY_PROVIDER, family->essence) != NULL)
        add_note(inquiry->linkage, "%zu of its libraries %s stripped: an allocator kept there could not be seen",
                 stripped, stripped == 1 ? "is" : "are");
}

static void note_dropped(struct inquiry *inquiry)
{
    char text[SET_TEXT];
    const struct linkage *linkage = inquiry->linkage;
    for (size_t i = 0; i < linkage->party_count && inquiry->artifact->drops_unused; i++) {
        const struct linkage_party *party = &linkage->parties[i];
        uint64_t dropped = inquiry->core & ~party->functions & ~parties_functions(inquiry, PARTY_NEEDS);
        if (party->role == PARTY_PROVIDER && parties_use_private(inquiry, party->order) && dropped != 0 &&
            !inquiry->family->has_default_everywhere)
            add_note(inquiry->linkage,
                     "%s has no %s, and nobody calls it: the link editor dropped such functions (--gc-sections)",
                     party->name, family_describe(inquiry->family, dropped, text, sizeof text));
    }
}

static void note_rest(struct inquiry *inquiry)
{
    char text[SET_TEXT];
    struct linkage *linkage = inquiry->linkage;
    if (inquiry->artifact->is_stripped && !shape_is_static(inquiry->artifact->shape))
        add_note(linkage, "it is stripped: a copy that it keeps to itself could not be seen");
    note_stripped(inquiry);
    note_dropped(inquiry);
    for (size_t i = 0; i < linkage->party_count; i++) {
        const struct linkage_party *party = &linkage->parties[i];
        if (party->role == PARTY_HIDDEN)
            add_note(linkage, "%s keeps %s of its own, seen by nobody else", party->label,
                     family_describe(inquiry->family, party->functions, text, sizeof text));
        if (party->role == PARTY_PROVIDER && shape_is_archive(inquiry->artifact->shape) && party->weak != 0)
            add_note(linkage, "%s defines %s weakly: a strong definition is preferred", party->name,
                     family_describe(inquiry->family, party->weak, text, sizeof text));
    }
    if (shape_is_archive(inquiry->artifact->shape) && !inquiry->artifact->is_indexed &&
        inquiry->artifact->member_count > 0)
        add_note(linkage, "it has no symbol index: link editors want `ranlib` first");
}

/* ---- the whole ---- */

static enum linkage_kind infer(const struct object *object)
{
    if (shape_is_executable(object->shape))
        return KIND_EXECUTABLE;
    if (object->shape == SHAPE_SHARED)
        return KIND_DYLIB;
    return object->shape == SHAPE_RELOCATABLE || object->is_rlib ? KIND_RLIB : KIND_STATICLIB;
}

static bool kind_fits(enum linkage_kind kind, const struct object *object)
{
    bool linked = shape_is_linked(object->shape);
    if (object->shape == SHAPE_TOGETHER)
        return true;
    if (kind == KIND_EXECUTABLE || kind == KIND_DYLIB)
        return linked;
    return kind == KIND_ALLOCATOR || kind == KIND_INFERRED || !linked;
}

/* rustc 1.19 takes jemalloc for executables of these platforms, and the system's allocator everywhere else. */
static const char *default_name(const struct inquiry *inquiry)
{
    unsigned machine = inquiry->artifact->machine;
    enum linkage_kind kind = inquiry->linkage->kind;
    if (kind == KIND_RLIB || kind == KIND_ALLOCATOR)
        return NULL;
    if (inquiry->family->default_name != NULL)
        return inquiry->family->default_name;
    return kind == KIND_EXECUTABLE && (machine == EM_X86_64 || machine == EM_386 || machine == EM_ARM)
               ? "alloc_jemalloc"
               : "alloc_system";
}

static void decide(struct linkage *linkage)
{
    linkage->verdict = LINKAGE_OK;
    for (size_t i = 0; i < linkage->finding_count; i++)
        if (!linkage->findings[i].is_open)
            linkage->verdict = LINKAGE_VIOLATION;
        else if (linkage->verdict == LINKAGE_OK)
            linkage->verdict = LINKAGE_OPEN;
}

static void judge_whole(struct inquiry *inquiry)
{
    judge_at_most_one(inquiry);
    judge_exactly_one(inquiry);
    judge_complete(inquiry);
    judge_single(inquiry);
    judge_no_circular(inquiry);
    if (inquiry->family->inner != 0)
        judge_malloc_edges(inquiry);
}

/* The loader takes each operator from the first object that defines it. A link must hold one definition of each, so
 * there a second one is judged too. */
static void judge_pairs(struct inquiry *inquiry)
{
    judge_exactly_one(inquiry);
    judge_no_allocator(inquiry);
    judge_operators(inquiry);
    if (shape_is_archive(inquiry->artifact->shape))
        judge_single(inquiry);
}

static void judge(struct inquiry *inquiry)
{
    inquiry->linkage->default_name = default_name(inquiry);
    parties_note(inquiry);
    if (inquiry->family->is_paired)
        judge_pairs(inquiry);
    else
        judge_whole(inquiry);
    note_unseen(inquiry);
    note_rest(inquiry);
    decide(inquiry->linkage);
}

/* Decides as which kind the object is judged. Returns false with `error` when it cannot be of the kind that the user
 * asked for. */
static bool settle_kind(struct linkage *linkage, const struct object *object, struct error *error)
{
    linkage->shape = shape_name(object->shape);
    linkage->is_linked = shape_is_linked(object->shape);
    if (kind_fits(linkage->kind, object)) {
        linkage->kind = linkage->kind == KIND_INFERRED ? infer(object) : linkage->kind;
        return true;
    }
    return error_set(error, "%s: is of the wrong kind: --kind %s was asked for, and this is %s %s", linkage->artifact,
                     linkage_kind_name(linkage->kind), strchr("aeiou", linkage->shape[0]) == NULL ? "a" : "an",
                     linkage->shape);
}

/* `object` is NULL when it could not be read; `error` then says why. */
static void judge_object(struct linkage *linkage, struct object_cache *cache, const struct object *object,
                         struct error *error)
{
    const struct family *family = linkage->family;
    struct inquiry inquiry = {.linkage = linkage,
                              .cache = cache,
                              .family = family,
                              .artifact = object,
                              .core = family_set(family, ROLE_CORE),
                              .companions = family_set(family, ROLE_COMPANION)};
    if (object != NULL && settle_kind(linkage, object, error) && closure_build(&inquiry.closure, cache, object, error))
        judge(&inquiry);
    closure_free(&inquiry.closure);
    if (!error_is_set(error))
        return;
    linkage->verdict = LINKAGE_ERROR;
    linkage->error = strdup(error->text);
}

void linkage_judge(struct linkage *linkage, struct object_cache *cache, const char *artifact, enum linkage_kind kind)
{
    struct error error = {0};
    enum image_status status;
    *linkage =
        (struct linkage){.artifact = strdup(artifact), .shape = "", .kind = kind, .family = object_cache_family(cache)};
    const struct object *object = object_cache_read(cache, artifact, &status, &error);
    linkage->is_not_elf = status == IMAGE_NOT_ELF;
    judge_object(linkage, cache, object, &error);
}

void linkage_judge_together(struct linkage *linkage, struct object_cache *cache, const char *const *paths, size_t count,
                            enum linkage_kind kind)
{
    struct error error = {0};
    *linkage = (struct linkage){
        .artifact = together_name(paths, count), .shape = "", .kind = kind, .family = object_cache_family(cache)};
    linkage->together = together_read(cache, paths, count, &error);
    judge_object(linkage, cache, linkage->together, &error);
}

void linkage_free(struct linkage *linkage)
{
    for (size_t i = 0; i < linkage->party_count; i++) {
        free(linkage->parties[i].name);
        free(linkage->parties[i].path);
        free(linkage->parties[i].label);
    }
    for (size_t i = 0; i < linkage->finding_count; i++)
        free(linkage->findings[i].message);
    for (size_t i = 0; i < linkage->note_count; i++)
        free(linkage->notes[i]);
    object_free(linkage->together);
    free(linkage->parties);
    free(linkage->findings);
    free(linkage->notes);
    free(linkage->artifact);
    free(linkage->error);
}
