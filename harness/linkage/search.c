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

/* An object, or why there is none. */
struct book {
    struct book *next;
    dev_t device;
    ino_t inode;
    char *path; /* as it was asked for */
    struct object *object;
    char *error; /* where there is no object */
};

/* What the directories that do not depend on who asks have for a name. */
struct known {
    struct known *next;
    char *name;
    unsigned machine;
    unsigned char class, encoding;
    bool with_defaults;
    const struct object *object;
};

struct shelf {
    struct search_options options;
    char *root; /* the sysroot without symbolic links; "": this machine */
    struct ld_cache *cache;
    pthread_mutex_t lock;
    struct book *books[BUCKETS];
    struct known *known[BUCKETS];
};

struct shelf *shelf_create(const struct search_options *options)
{
    char path[PATH_MAX];
    struct shelf *shelf = calloc(1, sizeof *shelf);
    shelf->options = *options;
    shelf->root = sysroot_read(options->sysroot);
    snprintf(path, sizeof path, "%s/etc/ld.so.cache", shelf->root);
    shelf->cache = ld_cache_read(path);
    pthread_mutex_init(&shelf->lock, NULL);
    return shelf;
}

static void free_book(struct book *book)
{
    object_free(book->object);
    free(book->path);
    free(book->error);
    free(book);
}

void shelf_free(struct shelf *shelf)
{
    for (size_t i = 0; i < BUCKETS; i++) {
        for (struct book *book = shelf->books[i], *next; book != NULL; book = next) {
            next = book->next;
            free_book(book);
        }
        for (struct known *known = shelf->known[i], *next; known != NULL; known = next) {
            next = known->next;
            free(known->name);
            free(known);
        }
    }
    ld_cache_free(shelf->cache);
    free(shelf->root);
    pthread_mutex_destroy(&shelf->lock);
    free(shelf);
}

const struct family *shelf_family(const struct shelf *shelf) { return shelf->options.family; }

/* ---- reading each file once ---- */

/* Where the file stands, and under which name, is part of what it says: $ORIGIN, and what it is called without
 * a soname. An error names the file as it was asked for. */
static bool is_bound_to_path(const struct book *book)
{
    const struct object *object = book->object;
    bool is_bound = object == NULL || object->soname == NULL || object->soname[0] == '\0' ||
                    (object->rpath != NULL && strchr(object->rpath, '$') != NULL) ||
                    (object->runpath != NULL && strchr(object->runpath, '$') != NULL);
    for (size_t i = 0; !is_bound && i < object->needed_count; i++)
        is_bound = strchr(object->needed[i].name, '$') != NULL;
    return is_bound;
}

/* $ORIGIN of an artifact is where the file is, not the link to it; of a library, where it was found. */
static bool stands_at(const struct book *book, const char *path, bool is_artifact)
{
    char *real = is_artifact && book->object != NULL ? realpath(path, NULL) : NULL;
    const char *own = book->object == NULL ? book->path : book->object->path;
    bool is_same = strcmp(own, real == NULL ? path : real) == 0;
    free(real);
    return is_same;
}

static struct book *find_book(struct shelf *shelf, const struct image *image, bool is_artifact)
{
    struct book *book = shelf->books[image->inode % BUCKETS];
    while (book != NULL && (book->inode != image->inode || book->device != image->device ||
                            (is_bound_to_path(book) && !stands_at(book, image->name, is_artifact))))
        book = book->next;
    return book;
}

/* Two threads may read the same file at once: the first to finish is kept. */
static struct book *put_book(struct shelf *shelf, const struct image *image, struct book *fresh, bool is_artifact)
{
    pthread_mutex_lock(&shelf->lock);
    struct book *book = find_book(shelf, image, is_artifact);
    if (book == NULL) {
        fresh->next = shelf->books[image->inode % BUCKETS];
        shelf->books[image->inode % BUCKETS] = book = fresh;
        fresh = NULL;
    }
    pthread_mutex_unlock(&shelf->lock);
    if (fresh != NULL)
        free_book(fresh);
    return book;
}

static void resolve_path(struct object *object)
{
    char *real = realpath(object->path, NULL);
    if (real == NULL)
        return;
    free(object->path);
    object->path = real;
}

/* What is no ELF file is not kept: a tree has many, and nobody needs one twice. */
static struct book *read_book(struct shelf *shelf, const struct image *image, bool is_artifact,
                              enum image_status *status, struct error *error)
{
    struct object *object;
    *status = object_read(image, shelf->options.family, &object, error);
    if (*status == IMAGE_NOT_ELF)
        return NULL;
    struct book *book = calloc(1, sizeof *book);
    *book =
        (struct book){.device = image->device, .inode = image->inode, .path = strdup(image->name), .object = object};
    if (object == NULL)
        book->error = strdup(error->text);
    else if (is_artifact)
        resolve_path(object);
    return put_book(shelf, image, book, is_artifact);
}

static const struct object *read_file(struct shelf *shelf, const char *path, bool is_artifact,
                                      enum image_status *status, struct error *error)
{
    struct image image;
    *status = IMAGE_BAD;
    if (!image_open(&image, path, path, error))
        return NULL;
    pthread_mutex_lock(&shelf->lock);
    struct book *book = find_book(shelf, &image, is_artifact);
    pthread_mutex_unlock(&shelf->lock);
    if (book == NULL)
        book = read_book(shelf, &image, is_artifact, status, error);
    image_close(&image);
    if (book == NULL)
        return NULL;
    *status = book->object == NULL ? IMAGE_BAD : IMAGE_GOOD;
    if (book->object == NULL)
        error_set(error, "%s", book->error);
    return book->object;
}

const struct object *shelf_read(struct shelf *shelf, const char *path, enum image_status *status, struct error *error)
{
    return read_file(shelf, path, true, status, error);
}

/* ---- one place after the other ---- */

struct quest {
    struct shelf *shelf;
    const char *name;
    const struct object *asker; /* whose platform it must be */
    struct error *error;
    size_t *looks;
    const struct object *found;
};

/* Takes the file if it is a library that fits. An unreadable one is remembered, and the search goes on. */
static bool try_path(struct quest *quest, const char *path, bool is_rooted)
{
    char real[PATH_MAX];
    enum image_status status;
    struct error error = {0};
    bool is_there = sysroot_may_look(quest->looks);
    const char *rooted = sysroot_path(quest->shelf->root, path, is_rooted);
    if (is_there && rooted != NULL) {
        is_there = sysroot_follow(quest->shelf->root, rooted, real, sizeof real, quest->looks);
        path = real;
    } else if (is_there) {
        is_there = access(path, F_OK) == 0;
    }
    if (*quest->looks == 0)
        return error_set(quest->error, "there are too many places to look at");
    if (!is_there)
        return false;
    const struct object *object = read_file(quest->shelf, path, false, &status, &error);
    if (object == NULL && status == IMAGE_BAD)
        error_set(quest->error, "%s", error.text);
    if (object == NULL || object->shape != SHAPE_SHARED || !object_fits(object, quest->asker))
        return false;
    quest->found = object;
    return true;
}

static bool try_directory(struct quest *quest, const char *directory, size_t width, bool is_rooted)
{
    char path[PATH_MAX];
    if (width == 0)
        directory = ".", width = 1; /* so the loader takes it */
    if ((size_t)snprintf(path, sizeof path, "%.*s/%s", (int)width, directory, quest->name) >= sizeof path)
        return false;
    return try_path(quest, path, is_rooted);
}

/* $ORIGIN and ${ORIGIN}, $LIB, $PLATFORM. `is_rooted`: the result is a path of the other platform; else one of
 * this machine, which may lead into the other's tree. */
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
    return at > 0 || width == 0; /* what is left of nothing but unknown names is no directory */
}

/* The elements of a list of directories, of which each may be empty; one that is empty itself has none. */
static const char *first_element(const char *list) { return list == NULL || list[0] == '\0' ? NULL : list; }

static const char *next_element(const char *at, const char *separators)
{
    at += strcspn(at, separators);
    return *at == '\0' ? NULL : at + 1;
}

/* The directories of an rpath or runpath, which belong to `object`. */
static bool try_list(struct quest *quest, const char *list, const struct object *object)
{
    char directory[PATH_MAX];
    bool is_rooted;
    for (const char *at = first_element(list); at != NULL; at = next_element(at, ":"))
        if (expand(at, strcspn(at, ":"), object, directory, sizeof directory, &is_rooted) &&
            try_directory(quest, directory, strlen(directory), is_rooted))
            return true;
    return false;
}

/* $ORIGIN in LD_LIBRARY_PATH is the program's, whoever asks. */
static bool try_library_path(struct quest *quest, const struct loader *loader)
{
    char directory[PATH_MAX];
    bool ignored;
    const char *at = first_element(quest->shelf->options.library_path);
    while (loader->parent != NULL)
        loader = loader->parent;
    for (; at != NULL; at = next_element(at, ":;"))
        if (expand(at, strcspn(at, ":;"), loader->object, directory, sizeof directory, &ignored) &&
            try_directory(quest, directory, strlen(directory), false))
            return true;
    return false;
}

/* The default directories by number: "" where the platform has none of that sort, NULL behind the last. */
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

static bool try_defaults(struct quest *quest)
{
    char text[64];
    const char *directory;
    for (size_t i = 0; (directory = default_directory(quest->asker, i, text, sizeof text)) != NULL; i++)
        if (directory[0] != '\0' && try_directory(quest, directory, strlen(directory), true))
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

static bool try_cache(struct quest *quest, bool with_defaults)
{
    const char *path;
    for (size_t position = 0; (path = ld_cache_find(quest->shelf->cache, quest->name, &position)) != NULL;)
        if ((with_defaults || !is_in_defaults(quest->asker, path)) && try_path(quest, path, true))
            return true;
    return false;
}

static struct known *find_known(struct quest *quest, bool with_defaults, size_t *bucket)
{
    const struct object *asker = quest->asker;
    size_t hash = 5381;
    for (const char *c = quest->name; *c != '\0'; c++)
        hash = hash * 33 + (unsigned char)*c;
    *bucket = hash % BUCKETS;
    struct known *known = quest->shelf->known[*bucket];
    while (known != NULL &&
           (strcmp(known->name, quest->name) != 0 || known->machine != asker->machine || known->class != asker->class ||
            known->encoding != asker->encoding || known->with_defaults != with_defaults))
        known = known->next;
    return known;
}

/* The cache and the default directories answer everybody of a platform alike, but for those who will have
 * nothing of the latter (-z nodefaultlib), by way of the cache either. */
static bool try_common(struct quest *quest, bool with_defaults)
{
    size_t bucket;
    struct shelf *shelf = quest->shelf;
    pthread_mutex_lock(&shelf->lock);
    struct known *known = find_known(quest, with_defaults, &bucket);
    pthread_mutex_unlock(&shelf->lock);
    if (known != NULL && known->object != NULL) {
        quest->found = known->object;
        return true;
    }
    if (known != NULL || !(try_cache(quest, with_defaults) || (with_defaults && try_defaults(quest))))
        quest->found = NULL;
    if (known != NULL || (quest->found == NULL && error_is_set(quest->error)))
        return false; /* the reason is told each time */
    struct known *fresh = calloc(1, sizeof *fresh);
    *fresh = (struct known){.name = strdup(quest->name),
                            .machine = quest->asker->machine,
                            .class = quest->asker->class,
                            .encoding = quest->asker->encoding,
                            .with_defaults = with_defaults,
                            .object = quest->found};
    pthread_mutex_lock(&shelf->lock);
    fresh->next = shelf->known[bucket];
    shelf->known[bucket] = fresh;
    pthread_mutex_unlock(&shelf->lock);
    return quest->found != NULL;
}

static bool try_rpaths(struct quest *quest, const struct loader *loader)
{
    if (loader->object->runpath != NULL)
        return false; /* it makes the object's own and its loaders' rpaths void */
    for (const struct loader *at = loader; at != NULL; at = at->parent)
        if (at->object->runpath == NULL && try_list(quest, at->object->rpath, at->object))
            return true;
    return false;
}

const struct object *shelf_find(struct shelf *shelf, const char *name, const struct loader *loader, struct error *error)
{
    struct error trouble = {0};
    struct quest quest = {
        .shelf = shelf, .name = name, .asker = loader->object, .error = &trouble, .looks = loader->looks};
    char path[PATH_MAX];
    bool is_rooted = true;
    if (strchr(name, '/') != NULL) { /* a path is taken as it is */
        if (expand(name, strlen(name), loader->object, path, sizeof path, &is_rooted))
            try_path(&quest, path, is_rooted);
    } else if (!try_rpaths(&quest, loader) && !try_library_path(&quest, loader) &&
               !try_list(&quest, loader->object->runpath, loader->object)) {
        try_common(&quest, !loader->object->no_default_directories);
    }
    if (quest.found == NULL && error_is_set(&trouble))
        error_set(error, "%s", trouble.text);
    return quest.found;
}
