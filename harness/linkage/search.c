#include "harness/linkage/search.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/linkage/ld_cache.h"
#include "harness/linkage/sysroot.h"

enum { BUCKETS = 4096 };

/* A file that was read: its object, or the reason why there is none. */
struct cached_file {
    struct cached_file *next;
    dev_t device;
    ino_t inode;
    char *path; /* the path that the file was asked for by */
    struct object *object;
    char *error; /* why there is no object; else NULL */
};

/* The answer for one name from the directories that are the same for every object of a platform. */
struct cached_lookup {
    struct cached_lookup *next;
    char *name;
    unsigned machine;
    unsigned char class, encoding;
    bool with_defaults;
    const struct object *object;
};

struct object_cache {
    struct search_options options;
    char *root; /* the sysroot without symbolic links; "" stands for this machine */
    struct ld_cache *ld_cache;
    pthread_mutex_t lock;
    struct cached_file *files[BUCKETS];
    struct cached_lookup *lookups[BUCKETS];
};

struct object_cache *object_cache_create(const struct search_options *options)
{
    char path[PATH_MAX];
    struct object_cache *cache = calloc(1, sizeof *cache);
    cache->options = *options;
    cache->root = sysroot_read(options->sysroot);
    snprintf(path, sizeof path, "%s/etc/ld.so.cache", cache->root);
    cache->ld_cache = ld_cache_read(path);
    pthread_mutex_init(&cache->lock, NULL);
    return cache;
}

static void free_cached(struct cached_file *file)
{
    object_free(file->object);
    free(file->path);
    free(file->error);
    free(file);
}

void object_cache_free(struct object_cache *cache)
{
    for (size_t i = 0; i < BUCKETS; i++) {
        for (struct cached_file *file = cache->files[i], *next; file != NULL; file = next) {
            next = file->next;
            free_cached(file);
        }
        for (struct cached_lookup *known = cache->lookups[i], *next; known != NULL; known = next) {
            next = known->next;
            free(known->name);
            free(known);
        }
    }
    ld_cache_free(cache->ld_cache);
    free(cache->root);
    pthread_mutex_destroy(&cache->lock);
    free(cache);
}

const struct family *object_cache_family(const struct object_cache *cache) { return cache->options.family; }

/* ---- reading each file once ---- */

/* Does the meaning of the file depend on its path? It does when the file uses $ORIGIN, and when it has no soname,
 * because the file name then serves as one. An error also names the path that was asked for. */
static bool is_bound_to_path(const struct cached_file *file)
{
    const struct object *object = file->object;
    bool is_bound = object == NULL || object->soname == NULL || object->soname[0] == '\0' ||
                    (object->rpath != NULL && strchr(object->rpath, '$') != NULL) ||
                    (object->runpath != NULL && strchr(object->runpath, '$') != NULL);
    for (size_t i = 0; !is_bound && i < object->needed_count; i++)
        is_bound = strchr(object->needed[i].name, '$') != NULL;
    return is_bound;
}

/* For an artifact, $ORIGIN is the directory of the file itself, not of a symbolic link to it. For a library, it is the
 * directory where the library was found. */
static bool stands_at(const struct cached_file *file, const char *path, bool is_artifact)
{
    char *real = is_artifact && file->object != NULL ? realpath(path, NULL) : NULL;
    const char *own = file->object == NULL ? file->path : file->object->path;
    bool is_same = strcmp(own, real == NULL ? path : real) == 0;
    free(real);
    return is_same;
}

static struct cached_file *find_cached(struct object_cache *cache, const struct image *image, bool is_artifact)
{
    struct cached_file *file = cache->files[image->inode % BUCKETS];
    while (file != NULL && (file->inode != image->inode || file->device != image->device ||
                            (is_bound_to_path(file) && !stands_at(file, image->name, is_artifact))))
        file = file->next;
    return file;
}

/* Two threads may read the same file at once. The first one that finishes puts it into the cache. */
static struct cached_file *keep_file(struct object_cache *cache, const struct image *image, struct cached_file *fresh,
                                     bool is_artifact)
{
    pthread_mutex_lock(&cache->lock);
    struct cached_file *file = find_cached(cache, image, is_artifact);
    if (file == NULL) {
        fresh->next = cache->files[image->inode % BUCKETS];
        cache->files[image->inode % BUCKETS] = file = fresh;
        fresh = NULL;
    }
    pthread_mutex_unlock(&cache->lock);
    if (fresh != NULL)
        free_cached(fresh);
    return file;
}

static void resolve_path(struct object *object)
{
    char *real = realpath(object->path, NULL);
    if (real == NULL)
        return;
    free(object->path);
    object->path = real;
}

/* A file that is no ELF file is not kept: a tree has many of them, and none is needed twice. */
static struct cached_file *read_fresh(struct object_cache *cache, const struct image *image, bool is_artifact,
                                      enum image_status *status, struct error *error)
{
    struct object *object;
    *status = object_read(image, cache->options.family, &object, error);
    if (*status == IMAGE_NOT_ELF)
        return NULL;
    struct cached_file *file = calloc(1, sizeof *file);
    *file = (struct cached_file){
        .device = image->device, .inode = image->inode, .path = strdup(image->name), .object = object};
    if (object == NULL)
        file->error = strdup(error->text);
    else if (is_artifact)
        resolve_path(object);
    return keep_file(cache, image, file, is_artifact);
}

static const struct object *read_file(struct object_cache *cache, const char *path, bool is_artifact,
                                      enum image_status *status, struct error *error)
{
    struct image image;
    *status = IMAGE_BAD;
    if (!image_open(&image, path, path, error))
        return NULL;
    pthread_mutex_lock(&cache->lock);
    struct cached_file *file = find_cached(cache, &image, is_artifact);
    pthread_mutex_unlock(&cache->lock);
    if (file == NULL)
        file = read_fresh(cache, &image, is_artifact, status, error);
    image_close(&image);
    if (file == NULL)
        return NULL;
    *status = file->object == NULL ? IMAGE_BAD : IMAGE_GOOD;
    if (file->object == NULL)
        error_set(error, "%s", file->error);
    return file->object;
}

const struct object *object_cache_read(struct object_cache *cache, const char *path, enum image_status *status,
                                       struct error *error)
{
    return read_file(cache, path, true, status, error);
}

/* ---- one place after the other ---- */

struct lookup {
    struct object_cache *cache;
    const char *name;
    const struct object *asker; /* the object that needs the library, which must be for the same platform */
    struct error *error;
    size_t *looks;
    const struct object *found;
};

/* Takes the file if it is a library that fits. If it cannot be read, the reason is kept and the search goes on. */
static bool try_path(struct lookup *lookup, const char *path, bool is_rooted)
{
    char real[PATH_MAX];
    enum image_status status;
    struct error error = {0};
    bool is_there = sysroot_may_look(lookup->looks);
    const char *rooted = sysroot_path(lookup->cache->root, path, is_rooted);
    if (is_there && rooted != NULL) {
        is_there = sysroot_follow(lookup->cache->root, rooted, real, sizeof real, lookup->looks);
        path = real;
    } else if (is_there) {
        is_there = access(path, F_OK) == 0;
    }
    if (*lookup->looks == 0)
        return error_set(lookup->error, "there are too many places to look at");
    if (!is_there)
        return false;
    const struct object *object = read_file(lookup->cache, path, false, &status, &error);
    if (object == NULL && status == IMAGE_BAD)
        error_set(lookup->error, "%s", error.text);
    if (object == NULL || object->shape != SHAPE_SHARED || !object_fits(object, lookup->asker))
        return false;
    lookup->found = object;
    return true;
}

static bool try_directory(struct lookup *lookup, const char *directory, size_t width, bool is_rooted)
{
    char path[PATH_MAX];
    if (width == 0)
        directory = ".", width = 1; /* the loader takes an empty element for the current directory */
    if ((size_t)snprintf(path, sizeof path, "%.*s/%s", (int)width, directory, lookup->name) >= sizeof path)
        return false;
    return try_path(lookup, path, is_rooted);
}

/* Replaces $ORIGIN, $LIB and $PLATFORM, also in braces. `is_rooted` says whether the result is a path of the other
 * platform. Otherwise it is a path of this machine, which may still lead into the other platform's tree. */
static bool expand(const char *text, size_t width, const struct object *object, char *result, size_t size,
                   bool *is_rooted)
{
    const char *triplet = object_triplet(object);
    char library[64];
    snprintf(library, sizeof library, triplet == NULL ? "lib" : "lib/%s", triplet);
    const struct {
        const char *name, *value;
        int length;
    } tokens[] = {{"ORIGIN", object->path, (int)(path_base(object->path) - object->path)},
                  {"LIB", library, (int)strlen(library)},
                  {"PLATFORM", triplet, triplet == NULL ? 0 : (int)strcspn(triplet, "-")}};
    size_t at = 0;
    *is_rooted = true;
    for (size_t i = 0; i < width;) {
        size_t skip = 0, brace = text[i] == '$' && i + 1 < width && text[i + 1] == '{';
        for (size_t t = 0; text[i] == '$' && t < sizeof tokens / sizeof *tokens; t++) {
            size_t length = strlen(tokens[t].name), end = i + 1 + brace + length;
            if (end + brace > width || memcmp(text + i + 1 + brace, tokens[t].name, length) != 0 ||
                (brace && text[end] != '}'))
                continue;
            skip = end + brace - i;
            *is_rooted = *is_rooted && t != 0;
            const char *value = t == 0 && tokens[t].length == 0 ? "." : tokens[t].value;
            int shown = t == 0 && tokens[t].length == 0 ? 1 : tokens[t].length;
            at += (size_t)snprintf(result + at, size - at, "%.*s", shown, value);
            break;
        }
        if (skip == 0 && at + 1 < size)
            result[at++] = text[i], skip = 1;
        if (at + 1 >= size)
            return false;
        i += skip;
    }
    result[at] = '\0';
    return at > 0 || width == 0; /* a text whose replacements are all empty is no directory */
}

/* Go through the elements of a list of directories. An element may be empty, but an empty list has none. */
static const char *first_element(const char *list) { return list == NULL || list[0] == '\0' ? NULL : list; }

static const char *next_element(const char *at, const char *separators)
{
    at += strcspn(at, separators);
    return *at == '\0' ? NULL : at + 1;
}

/* Tries the directories of an rpath or runpath that belongs to `object`. */
static bool try_list(struct lookup *lookup, const char *list, const struct object *object)
{
    char directory[PATH_MAX];
    bool is_rooted;
    for (const char *at = first_element(list); at != NULL; at = next_element(at, ":"))
        if (expand(at, strcspn(at, ":"), object, directory, sizeof directory, &is_rooted) &&
            try_directory(lookup, directory, strlen(directory), is_rooted))
            return true;
    return false;
}

/* $ORIGIN in LD_LIBRARY_PATH is the directory of the program, whichever object needs the library. */
static bool try_library_path(struct lookup *lookup, const struct loader *loader)
{
    char directory[PATH_MAX];
    bool ignored;
    const char *at = first_element(lookup->cache->options.library_path);
    while (loader->parent != NULL)
        loader = loader->parent;
    for (; at != NULL; at = next_element(at, ":;"))
        if (expand(at, strcspn(at, ":;"), loader->object, directory, sizeof directory, &ignored) &&
            try_directory(lookup, directory, strlen(directory), false))
            return true;
    return false;
}

/* Returns the default directory of this number. "" means that the platform has none of this sort; NULL comes after the
 * last. */
static const char *default_directory(const struct object *asker, size_t number, char *text, size_t size)
{
    static const char *const patterns[] = {"/lib/%s", "/usr/lib/%s", "/lib%s", "/usr/lib%s", "/lib", "/usr/lib"};
    const char *triplet = object_triplet(asker);
    const char *const wide = asker->class == ELFCLASS64 ? "64" : "32";
    if (number >= sizeof patterns / sizeof *patterns)
        return NULL;
    if (number < 2 && triplet == NULL)
        return "";
    snprintf(text, size, patterns[number], number < 2 ? triplet : wide);
    return text;
}

static bool try_defaults(struct lookup *lookup)
{
    char text[64];
    const char *directory;
    for (size_t i = 0; (directory = default_directory(lookup->asker, i, text, sizeof text)) != NULL; i++)
        if (directory[0] != '\0' && try_directory(lookup, directory, strlen(directory), true))
            return true;
    return false;
}

static bool is_in_defaults(const struct object *asker, const char *path)
{
    char text[64];
    const char *directory;
    size_t width = (size_t)(path_base(path) - path);
    for (size_t i = 0; (directory = default_directory(asker, i, text, sizeof text)) != NULL; i++)
        if (strlen(directory) + 1 == width && strncmp(directory, path, width - 1) == 0)
            return true;
    return false;
}

static bool try_cache(struct lookup *lookup, bool with_defaults)
{
    const char *path;
    for (size_t position = 0; (path = ld_cache_find(lookup->cache->ld_cache, lookup->name, &position)) != NULL;)
        if ((with_defaults || !is_in_defaults(lookup->asker, path)) && try_path(lookup, path, true))
            return true;
    return false;
}

static struct cached_lookup *find_lookup(struct lookup *lookup, bool with_defaults, size_t *bucket)
{
    const struct object *asker = lookup->asker;
    size_t hash = 5381;
    for (const char *c = lookup->name; *c != '\0'; c++)
        hash = hash * 33 + (unsigned char)*c;
    *bucket = hash % BUCKETS;
    struct cached_lookup *known = lookup->cache->lookups[*bucket];
    while (known != NULL && (strcmp(known->name, lookup->name) != 0 || known->machine != asker->machine ||
                             known->class != asker->class || known->encoding != asker->encoding ||
                             known->with_defaults != with_defaults))
        known = known->next;
    return known;
}

/* The cache of the dynamic linker and the default directories give the same answer to every object of a platform.
 * Objects linked with -z nodefaultlib are the exception: they take nothing from the default directories, not even
 * through that cache. */
static bool try_common(struct lookup *lookup, bool with_defaults)
{
    size_t bucket;
    struct object_cache *cache = lookup->cache;
    pthread_mutex_lock(&cache->lock);
    struct cached_lookup *known = find_lookup(lookup, with_defaults, &bucket);
    pthread_mutex_unlock(&cache->lock);
    if (known != NULL && known->object != NULL) {
        lookup->found = known->object;
        return true;
    }
    if (known != NULL || !(try_cache(lookup, with_defaults) || (with_defaults && try_defaults(lookup))))
        lookup->found = NULL;
    if (known != NULL || (lookup->found == NULL && error_is_set(lookup->error)))
        return false; /* a failure is not stored, so that each search reports its reason */
    struct cached_lookup *fresh = calloc(1, sizeof *fresh);
    *fresh = (struct cached_lookup){.name = strdup(lookup->name),
                                    .machine = lookup->asker->machine,
                                    .class = lookup->asker->class,
                                    .encoding = lookup->asker->encoding,
                                    .with_defaults = with_defaults,
                                    .object = lookup->found};
    pthread_mutex_lock(&cache->lock);
    fresh->next = cache->lookups[bucket];
    cache->lookups[bucket] = fresh;
    pthread_mutex_unlock(&cache->lock);
    return lookup->found != NULL;
}

static bool try_rpaths(struct lookup *lookup, const struct loader *loader)
{
    if (loader->object->runpath != NULL)
        return false; /* a runpath makes the rpaths of the object and of its loaders void */
    for (const struct loader *at = loader; at != NULL; at = at->parent)
        if (at->object->runpath == NULL && try_list(lookup, at->object->rpath, at->object))
            return true;
    return false;
}

const struct object *object_cache_find(struct object_cache *cache, const char *name, const struct loader *loader,
                                       struct error *error)
{
    struct error trouble = {0};
    struct lookup lookup = {
        .cache = cache, .name = name, .asker = loader->object, .error = &trouble, .looks = loader->looks};
    char path[PATH_MAX];
    bool is_rooted = true;
    if (strchr(name, '/') != NULL) { /* the loader uses a path as it is */
        if (expand(name, strlen(name), loader->object, path, sizeof path, &is_rooted))
            try_path(&lookup, path, is_rooted);
    } else if (!try_rpaths(&lookup, loader) && !try_library_path(&lookup, loader) &&
               !try_list(&lookup, loader->object->runpath, loader->object)) {
        try_common(&lookup, !loader->object->no_default_directories);
    }
    if (lookup.found == NULL && error_is_set(&trouble))
        error_set(error, "%s", trouble.text);
    return lookup.found;
}
