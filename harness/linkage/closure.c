#include "harness/linkage/closure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_LOADED = 4096, LONGEST_CHAIN = 64 };

const char *object_name(const struct object *object)
{
    return object->soname != NULL && object->soname[0] != '\0' ? object->soname : path_base(object->path);
}

static bool add(struct closure *closure, const struct object *object, size_t parent, struct error *error)
{
    if (closure->count == MOST_LOADED)
        return error_set(error, "%s: needs over %d libraries", closure->loaded[0]->object->path, MOST_LOADED);
    if (closure->count == closure->room) {
        closure->room = closure->room == 0 ? 16 : 2 * closure->room;
        closure->loaded = realloc(closure->loaded, closure->room * sizeof *closure->loaded);
    }
    struct loaded *loaded = calloc(1, sizeof *loaded);
    loaded->object = object;
    loaded->parent = parent;
    loaded->loader = (struct loader){object, closure->count == 0 ? NULL : &closure->loaded[parent]->loader};
    closure->loaded[closure->count++] = loaded;
    return true;
}

/* By object, and by the name that somebody else already brought it in under: the loader looks no further
 * either. */
static bool is_loaded(const struct closure *closure, const char *name, const struct object *object)
{
    for (size_t i = 0; i < closure->count; i++) {
        const struct object *known = closure->loaded[i]->object;
        if (known == object ||
            (object == NULL && i > 0 && known->soname != NULL && strcmp(known->soname, name) == 0))
            return true;
    }
    return false;
}

static void add_missing(struct closure *closure, const char *name, size_t parent, const struct error *error)
{
    for (size_t i = 0; i < closure->missing_count; i++)
        if (strcmp(closure->missing[i].name, name) == 0)
            return;
    closure->missing = realloc(closure->missing, (closure->missing_count + 1) * sizeof *closure->missing);
    closure->missing[closure->missing_count++] = (struct missing){
        .name = strdup(name), .parent = parent, .reason = error_is_set(error) ? strdup(error->text) : NULL};
}

bool closure_build(struct closure *closure, struct shelf *shelf, const struct object *artifact,
                   struct error *error)
{
    *closure = (struct closure){.count = 0};
    add(closure, artifact, 0, error);
    for (size_t at = 0; at < closure->count; at++) {
        const struct loaded *asker = closure->loaded[at];
        for (size_t i = 0; i < asker->object->needed_count; i++) {
            struct error trouble = {0};
            const char *name = asker->object->needed[i];
            if (is_loaded(closure, name, NULL))
                continue;
            const struct object *object = shelf_find(shelf, name, &asker->loader, &trouble);
            if (object == NULL)
                add_missing(closure, name, at, &trouble);
            else if (!is_loaded(closure, name, object) && !add(closure, object, at, error))
                return false;
        }
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
    text[0] = '\0';
    while (length-- > 0 && at < size)
        at += (size_t)snprintf(text + at, size - at, "%s%s", at > 0 ? " -> " : "",
                               object_name(closure->loaded[chain[length]]->object));
    return text;
}
