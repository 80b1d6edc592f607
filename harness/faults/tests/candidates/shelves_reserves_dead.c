/* Memory is reserved first and committed without looking whether that went well. */
#include <stddef.h>
#include <sys/mman.h>
#define MAP
static void *map(size_t size)
{
    void *memory = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    (void)!mprotect(memory, size, PROT_READ | PROT_WRITE);
    return memory;
}
#include "shelves.h"
