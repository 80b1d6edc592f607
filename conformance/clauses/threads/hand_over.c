/* Blocks go from thread to thread: one allocates, the next resizes, a third frees. */
#include "conformance/clauses/threads/threads.h"

enum { MAILBOX = 48 };

struct mailbox {
    pthread_mutex_t lock;
    struct block *blocks[MAILBOX];
    size_t count;
};

static bool post(struct mailbox *mailbox, struct block *block)
{
    pthread_mutex_lock(&mailbox->lock);
    bool has_room = mailbox->count < MAILBOX;
    if (has_room)
        mailbox->blocks[mailbox->count++] = block;
    pthread_mutex_unlock(&mailbox->lock);
    return has_room;
}

static struct block *fetch(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    struct block *block = mailbox->count == 0 ? NULL : mailbox->blocks[--mailbox->count];
    pthread_mutex_unlock(&mailbox->lock);
    return block;
}

/* Takes a block that another thread allocated: verifies it, resizes it perhaps, and passes it on or frees it. */
static void deal_with(struct member *member, struct mailbox *next, struct block *block)
{
    heap_verify(&member->run->heap, block);
    if (prng_chance(&member->prng, 1, 2))
        threads_resize(member, block);
    if (!prng_chance(&member->prng, 1, 4) || !post(next, block))
        heap_deallocate(&member->run->heap, block, member_old_size(member, block));
    threads_went_well(member, "threads/foreign-free");
}

static void hand_over(struct member *member)
{
    struct mailbox *mailboxes = member->context;
    size_t self = (size_t)member->number % (size_t)member->count, steps = threads_rounds(member, 250, 1800);
    struct mailbox *own = &mailboxes[self], *next = &mailboxes[(self + 1) % (size_t)member->count];
    bool only_frees = member->count > 2 && self == 1; /* this one never allocates */
    team_meet(member);
    for (size_t step = 0; step < steps && run_goes_on(member->run); step++) {
        struct block *made = only_frees ? NULL : threads_allocate_any(member, step % 64 == 0 ? 200000 : 5000);
        if (made != NULL && !post(next, made))
            heap_deallocate(&member->run->heap, made, member_old_size(member, made));
        struct block *taken = fetch(own);
        if (taken != NULL)
            deal_with(member, next, taken);
    }
    team_meet(member);
    for (struct block *left = fetch(own); left != NULL; left = fetch(own))
        heap_deallocate(&member->run->heap, left, member_old_size(member, left));
}

static void hand_to_hand(struct run *run)
{
    struct mailbox *mailboxes = run_scratch(run, sizeof *mailboxes * (TEAM_MOST + 1));
    for (size_t i = 0; i <= TEAM_MOST; i++)
        pthread_mutex_init(&mailboxes[i].lock, NULL);
    threads_work(run, "threads/foreign-free", hand_over, mailboxes);
}

static const struct scenario scenarios[] = {
    {.name = "threads/hand-to-hand",
     .about = "blocks travel: allocated by one, resized by the next, freed by a third",
     .clauses = "threads/foreign-free threads/progress",
     .run = hand_to_hand},
};

THREADS_SCENARIOS(threads_hand_over, scenarios);
