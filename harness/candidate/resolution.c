#include "harness/candidate/resolution.h"

#include <dlfcn.h>
#include <string.h>

#include "harness/candidate/candidate_model.h"

static const char *object_of(const void *address)
{
    Dl_info info;
    return address != NULL && dladdr(address, &info) != 0 && info.dli_fname != NULL ? info.dli_fname : "";
}

bool candidate_resolution(const struct candidate *candidate, int index, struct resolution *resolution)
{
    if (index < 0 || index >= candidate->binding->function_count)
        return false;
    *resolution = (struct resolution){.symbol = candidate->binding->functions[index].symbol};
    memcpy(&resolution->called, &candidate->address[index], sizeof resolution->called);
    void *handle = candidate->handle;
    if (handle == NULL) /* preloaded */
        handle = dlopen(candidate->name, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
    resolution->resolved = handle != NULL ? dlsym(handle, resolution->symbol) : NULL;
    resolution->global = dlsym(RTLD_DEFAULT, resolution->symbol);
    resolution->called_in = object_of(resolution->called);
    resolution->global_in = object_of(resolution->global);
    resolution->is_own = candidate_owns_code(candidate, resolution->called);
    return true;
}
