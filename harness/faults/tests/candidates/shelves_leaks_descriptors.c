/* Memory comes from a device that is opened each time and never closed. */
#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#define MAP
static void *map(size_t size)
{
    int fd = open("/dev/zero", O_RDWR);
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    return memory == MAP_FAILED ? NULL : memory;
}
#include "shelves.h"
