/* No circle: an allocator depends on no object that needs an allocator. */
#include <stdlib.h>

#include "harness/linkage/circle.h"
#include "harness/linkage/rule_parts.h"

enum { PATH_TEXT = 2048, SET_TEXT = 256 };

static void tell_circle(struct inquiry *inquiry, const char *allocator, const struct closure *closure, size_t index)
{
    char path[PATH_TEXT], text[SET_TEXT];
    const struct object *user = closure->loaded[index]->object;
    family_describe(inquiry->family, user->sets.needed & inquiry->core, text, sizeof text);
    if (index == 0)
        add_finding(inquiry->linkage, LINKAGE_NO_CIRCULAR, false, "the allocator %s itself needs an allocator: %s",
                    allocator, text);
    else
        add_finding(inquiry->linkage, LINKAGE_NO_CIRCULAR, false,
                    "the allocator %s cannot depend on what needs an allocator, but it "
                    "depends on %s, which calls %s (%s)",
                    allocator, object_name(user), text, closure_path(closure, index, path, sizeof path));
}

static void judge_closure_of(struct inquiry *inquiry, const struct object *allocator)
{
    struct closure closure;
    struct error error = {0};
    closure_build(&closure, inquiry->cache, allocator, &error);
    for (size_t i = 0; i < closure.count; i++)
        if ((closure.loaded[i]->object->sets.needed & inquiry->core) != 0)
            tell_circle(inquiry, object_name(allocator), &closure, i);
    closure_free(&closure);
}

static bool is_user(const struct inquiry *inquiry, const struct member *member)
{
    return (member->sets.needed & inquiry->core) != 0 && (member->sets.exported & inquiry->core) == 0;
}

static void tell_member_circle(void *context, const struct circle *circle)
{
    char text[SET_TEXT];
    struct inquiry *inquiry = context;
    add_finding(inquiry->linkage, LINKAGE_NO_CIRCULAR, false,
                "the allocator %s cannot depend on what needs an allocator, but it depends on %s, which calls %s (%s)",
                circle->allocator, circle->user, family_describe(inquiry->family, circle->functions, text, sizeof text),
                circle->path);
}

/* Only when one archive holds both an allocator and a user of it does it matter which member depends on which. */
static void judge_members(struct inquiry *inquiry)
{
    struct error error = {0};
    const struct object *artifact = inquiry->artifact;
    const char *path = artifact->path;
    size_t users = 0;
    for (size_t i = 0; i < artifact->member_count; i++)
        users += is_user(inquiry, &artifact->members[i]);
    if (users == 0 || parties_find(inquiry, PARTY_PROVIDER, inquiry->core) == NULL)
        return;
    bool is_one = artifact->files == NULL;
    if (!circle_each(is_one ? &path : (const char *const *)artifact->files, is_one ? 1 : artifact->file_count,
                     inquiry->family, tell_member_circle, inquiry, &error))
        add_finding(inquiry->linkage, LINKAGE_NO_CIRCULAR, true, "it is not known which member depends on which: %s",
                    error.text);
}

/* When an archive is judged as an allocator, none of its members may need one, not even the one that the archive
 * defines. */
static void judge_members_of_allocator(struct inquiry *inquiry)
{
    char text[SET_TEXT];
    const struct object *artifact = inquiry->artifact;
    for (size_t i = 0; i < artifact->member_count; i++) {
        const struct member *member = &artifact->members[i];
        /* the members that make up the allocator may call each other */
        uint64_t met = is_user(inquiry, member) ? 0 : artifact->sets.exported;
        uint64_t calls = member->sets.needed & inquiry->core & ~met;
        if (calls == 0)
            continue;
        char *name = object_member_name(artifact, member->name);
        add_finding(inquiry->linkage, LINKAGE_NO_CIRCULAR, false,
                    "the allocator %s itself needs an allocator: its member %s calls %s", object_name(artifact), name,
                    family_describe(inquiry->family, calls, text, sizeof text));
        free(name);
    }
}

/* The artifact itself is judged only when it is to be an allocator. Any other library that holds an allocator may also
 * hold users of it. */
void judge_no_circular(struct inquiry *inquiry)
{
    struct linkage *linkage = inquiry->linkage;
    if (!inquiry->family->rule_of_needs)
        return;
    if (shape_is_archive(inquiry->artifact->shape)) {
        if (linkage->kind == KIND_ALLOCATOR)
            judge_members_of_allocator(inquiry);
        else
            judge_members(inquiry);
        return;
    }
    if (linkage->kind == KIND_ALLOCATOR)
        judge_closure_of(inquiry, inquiry->artifact);
    for (size_t i = 0; i < linkage->party_count; i++)
        if (linkage->parties[i].role == PARTY_PROVIDER && linkage->parties[i].order > 0)
            judge_closure_of(inquiry, inquiry->closure.loaded[linkage->parties[i].order]->object);
}
