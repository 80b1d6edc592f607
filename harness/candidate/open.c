/* From a file and a binding to a candidate that can be called: loads the library, finds the symbols, prepares the
 * calls. */
#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/own_memory.h"
#include "harness/candidate/candidate_model.h"
#include "harness/candidate/defines.h"

#define STATIC_TLS "cannot allocate memory in static TLS block"

enum { OBJECTS_MAX = 128 };

/* The objects that were in the process before the candidate came. */
struct objects {
    const void *dynamic[OBJECTS_MAX]; /* each one's l_ld */
    int count;
};

struct loaded {
    void *handle;
    struct link_map *map;
    struct objects before;
    bool preloaded;
};

/* ---- loading ---- */

/* glibc opens a library with static TLS only if the library needs no stricter alignment than the program has: 8 on
 * 32-bit ARM, where tcmalloc wants 64. This variable is here for its alignment alone. */
__attribute__((used, aligned(64))) static _Thread_local char aligns_static_tls;

bool error_is_static_tls(const struct error *error) { return strstr(error->text, STATIC_TLS) != NULL; }

static void list_objects(struct objects *objects)
{
    objects->count = 0;
    for (const struct link_map *map = _r_debug.r_map; map != NULL && objects->count < OBJECTS_MAX; map = map->l_next)
        objects->dynamic[objects->count++] = map->l_ld;
}

static bool was_there(const struct objects *objects, const struct link_map *map)
{
    for (int i = 0; i < objects->count; i++)
        if (objects->dynamic[i] == map->l_ld)
            return true;
    return false;
}

/* dlerror's text is one line, which usually begins with the file's name. */
static bool cannot_load(const char *path, struct error *error)
{
    const char *reason = dlerror();
    reason = reason != NULL ? reason : "the dynamic linker does not say why";
    if (strncmp(reason, path, strlen(path)) == 0)
        return error_set(error, "%s: cannot be loaded%s", path, reason + strlen(path));
    return error_set(error, "%s: cannot be loaded: %s", path, reason);
}

/* The object of this process that was loaded from that file; NULL: none. */
static struct link_map *find_map(const char *path)
{
    struct stat wanted, found;
    if (stat(path, &wanted) != 0)
        return NULL;
    for (struct link_map *map = _r_debug.r_map; map != NULL; map = map->l_next)
        if (map->l_name[0] != '\0' && stat(map->l_name, &found) == 0 && found.st_dev == wanted.st_dev &&
            found.st_ino == wanted.st_ino)
            return map;
    return NULL;
}

/* Does not use dlopen, which would call malloc and so the candidate: the candidate's first call is the scenario's to
 * make. */
static bool find_preloaded(const char *path, const struct binding *binding, struct loaded *loaded, struct error *error)
{
    loaded->handle = NULL;
    loaded->map = find_map(path);
    if (loaded->map != NULL)
        return true;
    return error_set(error, "%s: is not in this process, and binding %s wants it preloaded (LD_PRELOAD)", path,
                     binding->name);
}

static bool load(const char *path, const struct binding *binding, struct loaded *loaded, struct error *error)
{
    char with_slash[PATH_MAX];
    snprintf(with_slash, sizeof with_slash, "%s%s", strchr(path, '/') != NULL ? "" : "./", path);
    loaded->preloaded = binding->load == BINDING_PRELOAD;
    list_objects(&loaded->before);
    if (loaded->preloaded)
        return find_preloaded(path, binding, loaded, error);
    loaded->handle = dlopen(with_slash, RTLD_NOW | RTLD_LOCAL);
    if (loaded->handle == NULL)
        return cannot_load(path, error);
    if (dlinfo(loaded->handle, RTLD_DI_LINKMAP, &loaded->map) != 0)
        return cannot_load(path, error);
    return true;
}

/* ---- symbols ---- */

static bool is_libc(const struct link_map *map)
{
    static const char *const names[] = {"libc.so", "libc.musl", "ld-linux",     "ld-musl",
                                        "ld.so",   "ld64.so",   "libpthread.so"};
    const char *slash = strrchr(map->l_name, '/'), *base = slash != NULL ? slash + 1 : map->l_name;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strncmp(base, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

/* A symbol counts as the candidate's when its own object defines it, or one that it brought along
 * (libtbbmalloc behind libtbbmalloc_proxy), never one of libc or of the harness that it merely depends on. */
static bool is_its_own(const struct loaded *loaded, void *address)
{
    Dl_info info;
    struct link_map *owner = NULL;
    if (dladdr1(address, &info, (void **)&owner, RTLD_DL_LINKMAP) == 0 || owner == NULL)
        return false;
    if (owner == loaded->map)
        return true;
    return !is_libc(owner) && owner->l_name[0] != '\0' && (loaded->preloaded || !was_there(&loaded->before, owner));
}

/* Where the library is preloaded, only the definition counts that the process reaches by that name. Usually the library
 * itself defines it, and then no handle is needed: dlopen would call malloc. */
static void *find_preloaded_symbol(const struct loaded *loaded, const char *symbol, bool *covered)
{
    Dl_info info;
    struct link_map *owner = NULL;
    void *reached = dlsym(RTLD_DEFAULT, symbol);
    if (reached != NULL && dladdr1(reached, &info, (void **)&owner, RTLD_DL_LINKMAP) != 0 && owner == loaded->map)
        return reached;
    void *handle = dlopen(loaded->map->l_name, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
    void *own = handle != NULL ? dlsym(handle, symbol) : NULL;
    if (own == NULL || !is_its_own(loaded, own))
        return NULL;
    *covered = own != reached;
    return *covered ? NULL : own;
}

/* NULL when the candidate does not define the symbol, or when it is preloaded and the process reaches another
 * definition first. */
static void *find_symbol(const struct loaded *loaded, const char *symbol, bool *covered)
{
    *covered = false;
    if (loaded->preloaded)
        return find_preloaded_symbol(loaded, symbol, covered);
    void *address = dlsym(loaded->handle, symbol);
    return address != NULL && is_its_own(loaded, address) ? address : NULL;
}

static bool find_symbols(struct candidate *candidate, const struct loaded *loaded, const char *path,
                         struct error *error)
{
    const struct binding *binding = candidate->binding;
    for (int i = 0; i < binding->function_count; i++) {
        const char *symbol = binding->functions[i].symbol;
        bool covered;
        void *address = find_symbol(loaded, symbol, &covered);
        if (covered)
            return error_set(error,
                             "%s: its %s, which binding %s needs, is covered by another library's: preload it first",
                             path, symbol, binding->name);
        if (address == NULL)
            return error_set(error, "%s: has no %s, which binding %s needs", path, symbol, binding->name);
        memcpy(&candidate->address[i], &address, sizeof address);
    }
    return true;
}

/* C's functions, where the binding speaks of them. One that the candidate itself does not define, or that another
 * library covers, is absent. Nothing is looked up that could fail: that would call a candidate that is the process's
 * malloc. */
static void find_c_functions(struct candidate *candidate, const struct loaded *loaded)
{
    for (int i = 0; i < C_FUNCTIONS && binding_serves(candidate->binding, BINDING_C_CONTRACT); i++) {
        char symbol[64];
        bool covered;
        snprintf(symbol, sizeof symbol, "%s%s", binding_prefix(candidate->binding), c_function_name((unsigned)i));
        void *address = object_defines_function(loaded->map, symbol) ? find_symbol(loaded, symbol, &covered) : NULL;
        memcpy(&candidate->c_address[i], &address, sizeof address);
    }
}

int candidate_missing_symbols(const char *path, const struct binding *binding, const char **missing, int capacity,
                              struct error *error)
{
    struct loaded loaded;
    bool covered;
    int count = 0;
    if (!load(path, binding, &loaded, error))
        return -1;
    for (int i = 0; i < binding->function_count; i++)
        if (find_symbol(&loaded, binding->functions[i].symbol, &covered) == NULL && count++ < capacity)
            missing[count - 1] = binding->functions[i].symbol;
    return count;
}

/* ---- the object's addresses ---- */

struct search {
    const struct link_map *map;
    struct candidate *candidate;
};

static int note_range(struct dl_phdr_info *info, size_t size, void *user)
{
    struct search *search = user;
    const char *low = NULL, *high = NULL;
    bool is_it = false;
    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        const char *begin = (const char *)(info->dlpi_addr + header->p_vaddr), *end = begin + header->p_memsz;
        if (header->p_type == PT_DYNAMIC && begin == (const char *)search->map->l_ld)
            is_it = true;
        if (header->p_type != PT_LOAD)
            continue;
        low = low == NULL || begin < low ? begin : low;
        high = end > high ? end : high;
    }
    if (is_it) {
        search->candidate->low = low;
        search->candidate->high = high;
    }
    return is_it;
}

/* ---- the calls ---- */

static ffi_type *ffi_type_of(enum type type)
{
    switch (type) {
    case TYPE_VOID: return &ffi_type_void;
    case TYPE_SIZE: return sizeof(size_t) == 8 ? &ffi_type_uint64 : &ffi_type_uint32;
    case TYPE_INT: return &ffi_type_sint32;
    case TYPE_BOOL: return &ffi_type_uint8;
    default: return &ffi_type_pointer;
    }
}

static bool prepare_calls(struct candidate *candidate, struct error *error)
{
    const struct binding *binding = candidate->binding;
    for (int i = 0; i < binding->function_count; i++) {
        const struct function *function = &binding->functions[i];
        for (int j = 0; j < function->argument_count; j++)
            candidate->types[i][j] = ffi_type_of(function->argument[j]);
        if (ffi_prep_cif(&candidate->cif[i], FFI_DEFAULT_ABI, (unsigned)function->argument_count,
                         ffi_type_of(function->result), candidate->types[i]) != FFI_OK)
            return error_set(error, "%s:%d: libffi cannot call %s", binding->path, function->line, function->symbol);
    }
    return candidate_prepare_c(candidate) || error_set(error, "%s: libffi cannot call C's functions", binding->path);
}

struct candidate *candidate_open(const char *path, const struct binding *binding, struct error *error)
{
    struct loaded loaded;
    void *memory = mmap(NULL, sizeof(struct candidate), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        error_set(error, "%s: no memory to load it", path);
        return NULL;
    }
    struct candidate *candidate = memory;
    *candidate = (struct candidate){.binding = binding, .page_size = (size_t)sysconf(_SC_PAGESIZE)};
    if (!load(path, binding, &loaded, error) || !find_symbols(candidate, &loaded, path, error) ||
        !prepare_calls(candidate, error)) {
        munmap(memory, sizeof *candidate);
        return NULL;
    }
    find_c_functions(candidate, &loaded);
    candidate->handle = loaded.handle;
    candidate->name = loaded.map->l_name;
    own_memory_add(memory, sizeof *candidate);
    dl_iterate_phdr(note_range, &(struct search){loaded.map, candidate});
    storage_survey(&candidate->storage);
    storage_make(&candidate->storage);
    if (!candidate_start(candidate)) {
        error_set(error, "%s: %s, which binding %s calls first, answered with a failure", path,
                  binding->functions[binding->init.function].symbol, binding->name);
        return NULL;
    }
    return candidate;
}
