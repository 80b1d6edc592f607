/* reference_alloc_invariants.h: do the allocator's books agree with each other? Part of reference_alloc.c,
 * included at its end.
 *
 * Promises: changes nothing, takes the lock, walks every chunk: slow, for tests only.
 */
#pragma once

static bool is_listed(struct run *list, struct run *run)
{
    while (list != NULL && list != run)
        list = list->next;
    return list != NULL;
}

static bool free_run_holds(struct run *run)
{
    return run[run->pages - 1].pages == run->pages && free_behind(run) == NULL && free_before(run) == NULL &&
           is_listed(heap.bins[run->pages], run);
}

static bool span_holds(struct run *span, unsigned class)
{
    unsigned free = 0;
    for (struct slot *slot = span->free; slot != NULL && free <= span->carved; slot = slot->next, free++)
        if (span_of(slot) != span || ((unsigned char *)slot - run_memory(span)) % slot_bytes(class) != 0)
            return false;
    for (unsigned page = 0; page < span->pages; page++)
        if (span[page].back != page || region_of_run(span)->kind[first_page(span) + page] != class)
            return false;
    return span->pages == span_pages(class) && span->carved <= span_slots(class) && span->used > 0 &&
           span->used + free == span->carved && is_listed(heap.spans[class], span) == !is_full(span, class);
}

static bool run_holds(struct run *run)
{
    struct region *chunk = region_of_run(run);
    unsigned first = first_page(run), kind = chunk->kind[first];
    if (run->pages == 0 || first + run->pages > PAGES || chunk->kind[first + run->pages - 1] != kind)
        return false;
    if (kind != KIND_FREE && first + run->pages > chunk->untouched)
        return false;
    return kind == KIND_FREE ? free_run_holds(run) : kind == KIND_RUN || span_holds(run, kind);
}

static bool chunk_holds(struct region *chunk, size_t *free_pages)
{
    if (chunk->bytes != CHUNK || chunk->generation != heap.generation)
        return false;
    for (unsigned page = HEADER_PAGES; page < PAGES;) {
        struct run *run = &((struct chunk *)chunk)->runs[page];
        if (!run_holds(run))
            return false;
        *free_pages += chunk->kind[page] == KIND_FREE ? run->pages : 0;
        page += run->pages;
    }
    return true;
}

static bool bins_hold(void)
{
    for (unsigned pages = 0; pages < PAGES; pages++)
        if ((heap.bins[pages] != NULL) != ((heap.bin_map[pages / BIN_WORD] >> pages % BIN_WORD) & 1))
            return false;
    return true;
}

static bool kept_holds(void)
{
    size_t bytes = 0;
    for (unsigned i = 0; i < heap.kept_count; i++)
        bytes += heap.kept[i]->bytes;
    return heap.kept_count <= KEPT && bytes == heap.stats.kept_bytes && bytes <= KEPT_BYTES_MAX;
}

bool reference_alloc_invariants_hold(void)
{
    size_t free_pages = 0, chunks = 0;
    heap_lock();
    bool holds = bins_hold() && kept_holds();
    for (struct region *chunk = heap.chunks; chunk != NULL && holds; chunk = chunk->next, chunks++)
        holds = chunk_holds(chunk, &free_pages);
    holds = holds && chunks == heap.stats.chunks && free_pages == heap.stats.free_pages;
    heap_unlock();
    return holds;
}
