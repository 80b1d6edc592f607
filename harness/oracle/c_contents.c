#include "harness/oracle/c_contents.h"

#include <string.h>

enum { WORDS_LEARNT = 4, WORDS_LEFT = 6 };

static void remember(struct heap *heap, uintptr_t word)
{
    uint32_t at = atomic_fetch_add_explicit(&heap->link_count, 1, memory_order_relaxed);
    atomic_store_explicit(&heap->links[at % HEAP_LINKS], word, memory_order_relaxed);
}

static size_t words_of(const struct heap *heap, const struct block *block, size_t most)
{
    size_t words = heap->touches && !block->is_empty ? block->requested / sizeof(uintptr_t) : 0;
    return words < most ? words : most;
}

void c_contents_learn(struct heap *heap, const struct block *block)
{
    uintptr_t seen[WORDS_LEARNT];
    size_t words = words_of(heap, block, WORDS_LEARNT);
    if (words == 0)
        return;
    touch_begin(heap, block, LAW_ACCESSIBLE, LAW_SLACK_OWNED);
    memcpy(seen, (const void *)block->address, words * sizeof *seen);
    touch_end(heap);
    for (size_t i = 0; i < words; i++)
        if (seen[i] != 0)
            remember(heap, seen[i]);
}

void c_contents_leave(struct heap *heap, const struct block *block)
{
    uintptr_t left[WORDS_LEFT];
    size_t words = words_of(heap, block, WORDS_LEFT);
    if (words == 0)
        return;
    for (size_t i = 0; i < words; i++)
        left[i] = atomic_load_explicit(&heap->links[(block->number + i) % HEAP_LINKS], memory_order_relaxed);
    if (block->number % 4 == 0)
        left[0] = block->address; /* a list whose only member it is */
    touch_begin(heap, block, LAW_ACCESSIBLE, LAW_SLACK_OWNED);
    memcpy((void *)block->address, left, words * sizeof *left);
    touch_end(heap);
}

void c_contents_freed(struct heap *heap, uintptr_t address) { remember(heap, address); }
