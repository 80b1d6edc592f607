#include "harness/linkage/together.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_DEFINERS = 256 }; /* the same limit as for one archive, because each is compared with every other one */

static char *joined(char *before, const char *name)
{
    char *text = NULL;
    if (asprintf(&text, "%s%s%s", before == NULL ? "" : before, before == NULL ? "" : " + ", name) < 0)
        text = NULL;
    free(before);
    return text;
}

char *together_name(const char *const *paths, size_t count)
{
    char *name = NULL;
    for (size_t i = 0; i < count; i++)
        name = joined(name, paths[i]);
    return name;
}

static char *member_name(const struct object *file, const char *member)
{
    char *name = NULL;
    if (asprintf(&name, "%s(%s)", path_base(file->path), member) < 0)
        name = NULL;
    return name;
}

static void add_member(struct object *whole, char *name, const struct symbol_sets *sets)
{
    whole->members = realloc(whole->members, (whole->member_count + 1) * sizeof *whole->members);
    whole->members[whole->member_count++] = (struct member){name, *sets};
}

static void add_members(struct object *whole, const struct object *file)
{
    if (file->shape == SHAPE_RELOCATABLE)
        add_member(whole, strdup(path_base(file->path)), &file->sets);
    for (size_t i = 0; i < file->member_count; i++)
        add_member(whole, member_name(file, file->members[i].name), &file->members[i].sets);
}

static void note_deferred(struct object *whole, const struct object *file)
{
    if (!file->is_deferred || whole->is_deferred)
        return;
    whole->is_deferred = true;
    whole->deferred_member =
        file->deferred_member == NULL ? strdup(path_base(file->path)) : member_name(file, file->deferred_member);
}

static bool is_named_already(const struct object *whole, const struct object *file)
{
    for (size_t i = 0; i < whole->file_count; i++)
        if (strcmp(whole->files[i], file->path) == 0)
            return true;
    return false;
}

static bool check(const struct object *whole, const struct object *file, const char *path, struct error *error)
{
    if (shape_is_linked(file->shape))
        return error_set(error, "%s: is linked already (%s), expected an archive or an object for --together", path,
                         shape_name(file->shape));
    bool is_first = whole->machine == EM_NONE || file->machine == EM_NONE;
    return is_first || object_fits(whole, file) ||
           error_set(error, "%s: is for another platform than the files before it", path);
}

static bool add_file(struct object *whole, const struct object *file, const char *path, struct error *error)
{
    if (!check(whole, file, path, error))
        return false;
    if (is_named_already(whole, file))
        return true;
    if (file->machine != EM_NONE) {
        whole->machine = file->machine;
        whole->class = file->class;
        whole->encoding = file->encoding;
    }
    whole->is_stripped = whole->is_stripped || file->is_stripped;
    note_deferred(whole, file);
    add_members(whole, file);
    whole->files = realloc(whole->files, (whole->file_count + 1) * sizeof *whole->files);
    whole->files[whole->file_count++] = strdup(file->path);
    whole->soname = joined(whole->soname, path_base(file->path));
    return true;
}

static bool is_within_reason(const struct object *whole, struct error *error)
{
    size_t definers = 0;
    for (size_t i = 0; i < whole->member_count; i++)
        definers += whole->members[i].sets.exported != 0;
    return definers <= MOST_DEFINERS ||
           error_set(error, "%s: define functions of the family over %d times", whole->path, MOST_DEFINERS);
}

struct object *together_read(struct object_cache *cache, const char *const *paths, size_t count, struct error *error)
{
    enum image_status status;
    struct object *whole = calloc(1, sizeof *whole);
    *whole = (struct object){.shape = SHAPE_TOGETHER, .path = together_name(paths, count), .is_indexed = true};
    for (size_t i = 0; i < count && !error_is_set(error); i++) {
        const struct object *file = object_cache_read(cache, paths[i], &status, error);
        if (file != NULL)
            add_file(whole, file, paths[i], error);
    }
    if (!error_is_set(error) && is_within_reason(whole, error)) {
        object_sum_up(whole);
        return whole;
    }
    object_free(whole);
    return NULL;
}
