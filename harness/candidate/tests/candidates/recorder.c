/* A library whose functions take their arguments in many ways, and which writes down what it was called with. The
 * blocks it hands out are slices of one array and are never reused. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "harness/candidate/tests/candidates/recorder.h"

struct recording recording;

static _Alignas(64) unsigned char memory[1 << 16];
static size_t used;

static void *slice(size_t size)
{
    used = (used + 63) & ~(size_t)63;
    if (size > sizeof memory - used)
        return NULL;
    used += size;
    memset(memory + used - size, 0xa5, size);
    return memory + used - size;
}

static void record(const char *name, uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d)
{
    recording.calls++;
    recording.name[recording.calls % 8] = name;
    memcpy(recording.argument[recording.calls % 8], (uintptr_t[]){a, b, c, d}, 4 * sizeof a);
}

void *take(size_t size)
{
    record("take", size, 0, 0, 0);
    return slice(size);
}

int take_aligned(void **out, size_t align, size_t size)
{
    record("take_aligned", align, size, 0, 0);
    *out = slice(size);
    return *out != NULL && recording.refuse == 0 ? 0 : 12;
}

void *take_flags(size_t size, int flags)
{
    record("take_flags", size, (uintptr_t)(intptr_t)flags, 0, 0);
    return slice(size);
}

void *retake(void *block, size_t size)
{
    record("retake", (uintptr_t)block, size, 0, 0);
    return slice(size);
}

_Bool fits_bool(void *block, size_t size)
{
    record("fits_bool", (uintptr_t)block, size, 0, 0);
    return recording.refuse == 0;
}

int fits_int(void *block, size_t size)
{
    record("fits_int", (uintptr_t)block, size, 0, 0);
    return recording.refuse == 0 ? -1 : 0;
}

void give(void *block) { record("give", (uintptr_t)block, 0, 0, 0); }

void give_sized(void *block, size_t size, size_t align) { record("give_sized", (uintptr_t)block, size, align, 0); }

size_t room(size_t size, size_t align)
{
    record("room", size, align, 0, 0);
    return (size + 15) & ~(size_t)15;
}

size_t room_of(void *block)
{
    record("room_of", (uintptr_t)block, 0, 0, 0);
    return 4096;
}

size_t eight(size_t a, size_t b, size_t c, size_t d, size_t e, size_t f, size_t g, size_t h)
{
    return a + 10 * b + 100 * c + 1000 * d + 10000 * e + 100000 * f + 1000000 * g + 10000000 * h;
}

int begin(size_t answer)
{
    record("begin", answer, 0, 0, 0);
    return (int)answer;
}

void thread_begin(void) { record("thread_begin", 0, 0, 0, 0); }

void thread_end(int how) { record("thread_end", (uintptr_t)how, 0, 0, 0); }

/* A name that the harness has, too. The library must reach its own. */
size_t arena_take(size_t size) { return size + 1; }

size_t ask_its_own(size_t size) { return arena_take(size); }
