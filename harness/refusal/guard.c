#include "harness/refusal/guard.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

void guard_next(size_t bytes)
{
    static char *guards[GUARDS];
    static size_t made;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    if (bytes == 0 || bytes > SIZE_MAX / 4)
        return;
    size_t room = (bytes + page - 1) & ~(page - 1);
    char *place = mmap(NULL, room + page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (place == MAP_FAILED)
        return;
    munmap(place, room);
    char **slot = &guards[made++ % GUARDS];
    if (*slot != NULL)
        munmap(*slot, page);
    *slot = place + room;
}
