/* Two locks, taken in one order to allocate and in the other to free: two threads can wait for each other for ever. */
#include <pthread.h>
struct free_block;
static void *allocate_small(int shelf);
static void deallocate_small(void *block, int shelf);
#define ALLOCATE_SMALL
#include "shelves.h"

static pthread_mutex_t counts_lock = PTHREAD_MUTEX_INITIALIZER;
static size_t live[SHELVES];

static void *allocate_small(int shelf)
{
    struct free_block *block = NULL;
    take_lock();
    if (shelves[shelf] != NULL || fill_shelf(shelf)) {
        block = shelves[shelf];
        shelves[shelf] = block->next;
    }
    pthread_mutex_lock(&counts_lock);
    live[shelf] += block != NULL;
    pthread_mutex_unlock(&counts_lock);
    give_lock();
    return block;
}

static void deallocate_small(void *block, int shelf)
{
    pthread_mutex_lock(&counts_lock);
    live[shelf]--;
    take_lock();
    ((struct free_block *)block)->next = shelves[shelf];
    shelves[shelf] = block;
    give_lock();
    pthread_mutex_unlock(&counts_lock);
}
