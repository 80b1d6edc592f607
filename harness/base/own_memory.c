#include "harness/base/own_memory.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOST_RANGES = 64 };

static struct range {
    uintptr_t start, end;
} ranges[MOST_RANGES];

static size_t count;
static bool is_forgone;

void own_memory_forgo(void) { is_forgone = true; }

/* The linker defines these: where the program's segments begin and end. */
extern const char __executable_start[], end[];

void own_memory_add(const void *start, size_t size)
{
    if (is_forgone)
        return;
    if (count == MOST_RANGES) {
        fputs("assay: more mappings of the harness's own than can be noted\n", stderr);
        _Exit(3); /* outside any call: the supervisor reads it as the harness's failure */
    }
    ranges[count++] = (struct range){(uintptr_t)start, (uintptr_t)start + size};
}

void own_memory_add_program(void)
{
    own_memory_add(__executable_start, (size_t)((uintptr_t)end - (uintptr_t)__executable_start));
}

void own_memory_remove(const void *start)
{
    for (size_t i = 0; i < count; i++)
        if (ranges[i].start == (uintptr_t)start) {
            ranges[i] = ranges[--count];
            return;
        }
}

bool own_memory_meets(uintptr_t address, size_t size)
{
    uintptr_t beyond = address + size < address ? UINTPTR_MAX : address + size;
    for (size_t i = 0; i < count; i++)
        if (address < ranges[i].end && ranges[i].start < beyond)
            return true;
    return false;
}
