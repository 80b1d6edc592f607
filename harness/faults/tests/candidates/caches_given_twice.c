/* An ended thread gives its cache to the shelves, and the blocks it still held a moment ago once more to the next thread. */
#define GIVE_UP_CACHE
#include "caches.h"

static void give_up_cache(void *pointer)
{
    static struct free_block *kept[SHELVES];
    struct cache *own = pointer;
    for (int shelf = 0; shelf < SHELVES; shelf++) {
        if (kept[shelf] != NULL && kept[shelf] != own->blocks[shelf])
            put_on_shelf(kept[shelf], shelf); /* perhaps long since another's */
        kept[shelf] = own->blocks[shelf];
        while (own->blocks[shelf] != NULL) {
            struct free_block *block = own->blocks[shelf];
            own->blocks[shelf] = block->next;
            put_on_shelf(block, shelf);
        }
    }
    *own = (struct cache){0};
}
