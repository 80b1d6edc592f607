/* A block goes back to the list of the thread that took it from the system, by whoever frees it, and nobody locks. */
#include <stddef.h>
struct free_block;
static void *allocate_small(int shelf);
static void deallocate_small(void *block, int shelf);
#define ALLOCATE_SMALL
#include "shelves.h"

enum { OWNERS = 64 };

static struct free_block *lists[OWNERS][SHELVES];
static __thread int own __attribute__((tls_model("initial-exec")));

static int *owner_of(void *block) { return (int *)((uintptr_t)block & ~(uintptr_t)(CHUNK - 1)); }

static int own_number(void)
{
    static int next;
    if (own == 0)
        own = 1 + __atomic_fetch_add(&next, 1, __ATOMIC_RELAXED) % (OWNERS - 1);
    return own;
}

/* The first LARGEST bytes of a chunk say whose it is. */
static void *allocate_small(int shelf)
{
    int owner = own_number();
    if (lists[owner][shelf] == NULL) {
        size_t room = (size_t)SMALLEST << shelf;
        char *chunk = map_aligned(CHUNK, CHUNK);
        if (chunk == NULL)
            return NULL;
        *(int *)chunk = owner;
        for (size_t at = LARGEST; at + room <= CHUNK; at += room) {
            struct free_block *block = (struct free_block *)(chunk + at);
            block->next = lists[owner][shelf];
            lists[owner][shelf] = block;
        }
    }
    struct free_block *block = lists[owner][shelf];
    lists[owner][shelf] = block->next;
    return block;
}

static void deallocate_small(void *pointer, int shelf)
{
    struct free_block *block = pointer, **list = &lists[*owner_of(pointer)][shelf];
    block->next = *list;
    *list = block;
}
