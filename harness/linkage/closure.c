#include "harness/linkage/closure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_LOADED = 4096,
    MOST_MISSING = 4096,
    LONGEST_CHAIN = 64,
    MOST_LOOKS = 1 << 18, /* a large office suite needs a few thousand */
};

const char *object_name(const struct object *object)
{
    return object->soname != NULL && object->soname[0] != '\0' ? object->soname : path_base(object->path);
}

char *object_member_name(const struct object *object, const char *member)
{
    char *name = NULL;
    if (object->shape == SHAPE_TOGETHER) /* the name of the member already says which file it is from */
        return strdup(member);
    return asprintf(&name, "%s(%s)", object_name(object), member) < 0 ? strdup(member) : name;
}

static bool add(struct closure *closure, const struct object *object, const char *name, size_t parent,
                struct error *error)
{
    if (closure->count == MOST_LOADED)
        return error_set(error, "%s: needs over %d libraries", closure->loaded[0]->object->path, MOST_LOADED);
    if (closure->count == closure->room) {
        closure->room = closure->room == 0 ? 16 : 2 * closure->room;
        closure->loaded = realloc(closure->loaded, closure->room * sizeof *closure->loaded);
    }
    struct loaded *loaded = calloc(1, sizeof *loaded);
    loaded->object = object;
    loaded->name = name;
    loaded->parent = parent;
    loaded->loader =
        (struct loader){object, closure->count == 0 ? NULL : &closure->loaded[parent]->loader, &closure->looks};
    closure->loaded[closure->count++] = loaded;
    return true;
}

static bool is_called(const struct loaded *loaded, const char *name)
{
    const char *soname = loaded->object->soname;
    return (soname != NULL && strcmp(soname, name) == 0) || (loaded->name != NULL && strcmp(loaded->name, name) == 0);
}

static bool is_same_file(const struct object *object, const struct object *other)
{
    return object->inode == other->inode && object->device == other->device;
}

/* Is this file loaded? When `object` is NULL, the question is about a name instead: is a library loaded that has this
 * soname or was asked for under this name? The loader compares no more than that either. */
static bool is_loaded(const struct closure *closure, const char *name, const struct object *object)
{
    for (size_t i = 0; i < closure->count; i++)
        if (object == NULL ? is_called(closure->loaded[i], name) : is_same_file(closure->loaded[i]->object, object))
            return true;
    return false;
}

static bool add_missing(struct closure *closure, const char *name, size_t parent, const struct error *reason,
                        struct error *error)
{
    for (size_t i = 0; i < closure->missing_count; i++)
        if (strcmp(closure->missing[i].name, name) == 0)
            return true;
    if (closure->missing_count == MOST_MISSING)
        return error_set(error, "%s: over %d libraries that it needs are not found", closure->loaded[0]->object->path,
                         MOST_MISSING);
    closure->missing = realloc(closure->missing, (closure->missing_count + 1) * sizeof *closure->missing);
    closure->missing[closure->missing_count++] = (struct missing){
        .name = strdup(name), .parent = parent, .reason = error_is_set(reason) ? strdup(reason->text) : NULL};
    return true;
}

static bool follow(struct closure *closure, struct object_cache *cache, size_t at, const struct need *need,
                   struct error *error)
{
    struct error trouble = {0};
    const char *name = need->name;
    if (is_loaded(closure, name, NULL))
        return true;
    const struct object *object = object_cache_find(cache, name, &closure->loaded[at]->loader, &trouble);
    if (closure->looks <= 1)
        return error_set(error, "%s: the libraries that it needs may be in over %d places",
                         closure->loaded[0]->object->path, MOST_LOOKS);
    closure->looks--; /* an answer from the cache takes time too */
    if (object == NULL && need->is_optional && !error_is_set(&trouble))
        return true;
    if (object == NULL)
        return add_missing(closure, name, at, &trouble, error);
    return is_loaded(closure, name, object) || add(closure, object, name, at, error);
}

bool closure_build(struct closure *closure, struct object_cache *cache, const struct object *artifact,
                   struct error *error)
{
    *closure = (struct closure){.looks = MOST_LOOKS};
    add(closure, artifact, NULL, 0, error);
    for (size_t at = 0; at < closure->count; at++) {
        const struct object *asker = closure->loaded[at]->object;
        for (size_t i = 0; i < asker->needed_count; i++)
            if (!follow(closure, cache, at, &asker->needed[i], error))
                return false;
    }
    return true;
}

void closure_free(struct closure *closure)
{
    for (size_t i = 0; i < closure->count; i++)
        free(closure->loaded[i]);
    for (size_t i = 0; i < closure->missing_count; i++) {
        free(closure->missing[i].name);
        free(closure->missing[i].reason);
    }
    free(closure->loaded);
    free(closure->missing);
    *closure = (struct closure){.count = 0};
}

const char *closure_path(const struct closure *closure, size_t index, char *text, size_t size)
{
    size_t chain[LONGEST_CHAIN], length = 0, at = 0;
    for (chain[length++] = index; index != 0 && length < LONGEST_CHAIN; chain[length++] = index)
        index = closure->loaded[index]->parent;
    at = (size_t)snprintf(text, size, "%s", chain[length - 1] == 0 ? "" : "...");
    while (length-- > 0 && at < size)
        at += (size_t)snprintf(text + at, size - at, "%s%s", at > 0 ? " -> " : "",
                               object_name(closure->loaded[chain[length]]->object));
    return text;
}
