#include "harness/candidate/storage.h"

#include <dlfcn.h>
#include <link.h>
#include <stddef.h>
#include <string.h>

static int note_module(struct dl_phdr_info *info, size_t size, void *user)
{
    struct storage *storage = user;
    if (size >= offsetof(struct dl_phdr_info, dlpi_tls_data) && info->dlpi_tls_modid != 0 &&
        storage->count < STORAGE_MODULES)
        storage->modules[storage->count++] = info->dlpi_tls_modid;
    return 0;
}

/* What compiled code hands to __tls_get_addr, by the psABIs' supplements on thread-local storage. */
struct storage_place {
    unsigned long module, offset;
};

void storage_survey(struct storage *storage)
{
    void *symbol = dlsym(RTLD_DEFAULT, "__tls_get_addr");
    memcpy(&storage->address, &symbol, sizeof symbol);
    storage->count = 0;
    dl_iterate_phdr(note_module, storage);
}

void storage_make(const struct storage *storage)
{
    for (int i = 0; storage->address != NULL && i < storage->count; i++)
        storage->address(&(struct storage_place){storage->modules[i], 0});
}
