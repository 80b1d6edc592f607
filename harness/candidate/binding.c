#include "harness/candidate/binding_model.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/nearest.h"
#include "harness/base/text_file.h"

enum { FILE_MAX = 64 << 10, ARENA_BYTES = 1 << 20 };

static bool is_path(const char *name)
{
    size_t length = strlen(name);
    return strchr(name, '/') != NULL || (length > 8 && strcmp(name + length - 8, ".binding") == 0);
}

static void set_name(struct binding *binding)
{
    const char *slash = strrchr(binding->path, '/');
    const char *name = slash != NULL ? slash + 1 : binding->path;
    const char *ending = strstr(name, ".binding");
    size_t length = ending != NULL ? (size_t)(ending - name) : strlen(name);
    snprintf(binding->name, sizeof binding->name, "%.*s", (int)(length < 60 ? length : 60), name);
}

static const struct binding *load_file(const char *path, struct error *error)
{
    struct arena arena;
    if (!arena_create(&arena, ARENA_BYTES)) {
        error_set(error, "%s: no memory to read the binding", path);
        return NULL;
    }
    struct binding *binding = arena_take(&arena, sizeof *binding);
    char *text = arena_take(&arena, FILE_MAX + 2);
    snprintf(binding->path, sizeof binding->path, "%s", path);
    set_name(binding);
    binding->arena = arena;
    if (text_file_read_into(path, "a binding", text, FILE_MAX + 1, error) && binding_parse(binding, text, error))
        return binding;
    arena = binding->arena; /* the binding lives in it */
    arena_destroy(&arena);
    return NULL;
}

static bool is_binding_file(const char *name)
{
    const char *ending = strstr(name, ".binding");
    return ending != NULL && strcmp(ending, ".binding") == 0;
}

/* Says that the directory has no such binding, and which of its bindings the name was probably meant for. */
static void refuse_name(const char *name, const char *directory, struct error *error)
{
    char best[NAME_MAX + 1] = "", suggestion[NAME_MAX + 32] = ":";
    struct nearest nearest = {.typed = name};
    DIR *stream = opendir(directory);
    for (struct dirent *entry; stream != NULL && (entry = readdir(stream)) != NULL;) {
        if (!is_binding_file(entry->d_name))
            continue;
        *strstr(entry->d_name, ".binding") = '\0';
        nearest_offer(&nearest, entry->d_name);
        if (nearest.best == entry->d_name)
            nearest.best = strcpy(best, entry->d_name);
    }
    if (stream != NULL)
        closedir(stream);
    if (nearest_is_likely(&nearest))
        snprintf(suggestion, sizeof suggestion, "; did you mean \"%s\"?", best);
    error_set(error,
              "no binding \"%s\" in %s%s `assay probe CANDIDATE` lists them, a path to a .binding file "
              "works too",
              name, directory, suggestion);
}

const struct binding *binding_load(const char *name_or_path, const char *directory, struct error *error)
{
    char path[PATH_MAX];
    if (is_path(name_or_path))
        return load_file(name_or_path, error);
    snprintf(path, sizeof path, "%s/%s.binding", directory, name_or_path);
    if (access(path, F_OK) != 0) {
        refuse_name(name_or_path, directory, error);
        return NULL;
    }
    return load_file(path, error);
}

static int by_specificity(const void *left, const void *right)
{
    const struct binding *a = *(const struct binding *const *)left, *b = *(const struct binding *const *)right;
    return a->specificity != b->specificity ? b->specificity - a->specificity : strcmp(a->name, b->name);
}

int binding_load_all(const char *directory, const struct binding **bindings, int capacity, struct error *error)
{
    DIR *stream = opendir(directory);
    int count = 0;
    if (stream == NULL) {
        error_set(error, "%s: cannot list the bindings: %s", directory, strerror(errno));
        return -1;
    }
    for (struct dirent *entry; (entry = readdir(stream)) != NULL && count < capacity && !error_is_set(error);) {
        char path[PATH_MAX];
        if (!is_binding_file(entry->d_name))
            continue;
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        if ((bindings[count] = load_file(path, error)) != NULL)
            count++;
    }
    closedir(stream);
    if (error_is_set(error))
        return -1;
    qsort(bindings, (size_t)count, sizeof bindings[0], by_specificity);
    return count;
}

const char *binding_name(const struct binding *binding) { return binding->name; }

const char *binding_about(const struct binding *binding) { return binding->about; }

enum binding_load binding_load_mode(const struct binding *binding) { return binding->load; }

enum binding_old_size binding_old_size(const struct binding *binding) { return binding->old_size; }

bool binding_has(const struct binding *binding, enum operation operation)
{
    return binding->slots[operation].count > 0;
}

bool binding_has_init(const struct binding *binding) { return binding->init.function >= 0; }

bool binding_has_block_usable_size(const struct binding *binding)
{
    return binding->slots[BLOCK_USABLE_SIZE].count > 0;
}

bool binding_symbols_are_contract(const struct binding *binding) { return binding->symbols_are_contract; }

const char *binding_symbol(const struct binding *binding, int index)
{
    return index >= 0 && index < binding->function_count ? binding->functions[index].symbol : NULL;
}

const char *binding_contract(const struct binding *binding, int index)
{
    return index >= 0 && index < binding->contract_count ? binding->contracts[index] : NULL;
}

bool binding_serves(const struct binding *binding, const char *contract)
{
    for (int i = 0; i < binding->contract_count; i++)
        if (strcmp(binding->contracts[i], contract) == 0)
            return true;
    return false;
}

const char *binding_prefix(const struct binding *binding) { return binding->prefix; }
