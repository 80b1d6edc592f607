/* reference_alloc/tests/test_reference_threads.c: many threads, threads that end, and a fork while threads run. */
#include <check.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reference_alloc/reference_alloc.h"

struct block {
    unsigned char *memory;
    size_t size, align;
    unsigned char tag;
};

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13, *state ^= *state >> 7, *state ^= *state << 17;
    return *state;
}

static size_t any_size(uint64_t *state)
{
    uint64_t draw = next_random(state);
    size_t most = draw % 100 < 70 ? 512 : draw % 100 < 90 ? 20000 : draw % 100 < 99 ? 200000 : 3000000;
    return 1 + (draw >> 20) % most;
}

/* Marks the ends and one byte per page, so that large blocks cost little. */
static void mark(struct block *block)
{
    for (size_t i = 0; i < block->size; i += i < 64 ? 1 : 1024)
        block->memory[i] = block->tag;
    block->memory[block->size - 1] = block->tag;
}

static void expect_marked(const struct block *block, size_t bytes)
{
    for (size_t i = 0; i < bytes; i += i < 64 ? 1 : 1024)
        if (block->memory[i] != block->tag)
            abort();
}

static void make(struct block *block, uint64_t *state)
{
    block->size = any_size(state);
    block->align = (size_t)1 << next_random(state) % 14;
    block->tag = (unsigned char)next_random(state);
    bool zeroed = next_random(state) % 2;
    block->memory = (zeroed ? __rust_allocate_zeroed : __rust_allocate)(block->size, block->align);
    if (block->memory == NULL || (uintptr_t)block->memory % block->align != 0)
        abort();
    struct block zeros = {block->memory, block->size, block->align, 0};
    if (zeroed)
        expect_marked(&zeros, block->size);
    mark(block);
}

static void drop(struct block *block)
{
    expect_marked(block, block->size);
    __rust_deallocate(block->memory, __rust_usable_size(block->size, block->align), block->align);
    block->memory = NULL;
}

static void resize(struct block *block, uint64_t *state)
{
    size_t size = any_size(state), kept = size < block->size ? size : block->size;
    if (__rust_reallocate_inplace(block->memory, block->size, size, block->align) !=
        __rust_usable_size(size, block->align))
        block->memory = __rust_reallocate(block->memory, block->size, size, block->align);
    if (block->memory == NULL)
        abort();
    expect_marked(block, kept);
    block->size = size;
    mark(block);
}

enum { SHARED = 64, LIVE = 200 };

static struct {
    pthread_mutex_t lock;
    struct block block;
} shared[SHARED];

/* Exchanges a block with a shared place, so that blocks pass from thread to thread. */
static void exchange(struct block *block, uint64_t *state)
{
    unsigned place = next_random(state) % SHARED;
    pthread_mutex_lock(&shared[place].lock);
    struct block other = shared[place].block;
    shared[place].block = *block;
    pthread_mutex_unlock(&shared[place].lock);
    *block = other;
}

static void step(struct block *live, uint64_t *state)
{
    struct block *block = &live[next_random(state) % LIVE];
    unsigned what = next_random(state) % 8;
    if (block->memory == NULL)
        make(block, state);
    else if (what < 3)
        drop(block);
    else if (what < 5)
        resize(block, state);
    else
        exchange(block, state);
}

struct worker {
    uint64_t seed;
    unsigned steps;
};

static void *work(void *argument)
{
    struct worker *worker = argument;
    struct block live[LIVE];
    memset(live, 0, sizeof live);
    for (unsigned i = 0; i < worker->steps; i++)
        step(live, &worker->seed);
    for (unsigned i = 0; i < LIVE; i++)
        if (live[i].memory != NULL)
            drop(&live[i]);
    return NULL;
}

static void drop_shared(void)
{
    for (unsigned i = 0; i < SHARED; i++)
        if (shared[i].block.memory != NULL)
            drop(&shared[i].block);
}

START_TEST(threads_share_and_exchange_blocks)
{
    pthread_t threads[6];
    struct worker workers[6];
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 6; i++) {
            workers[i] = (struct worker){88172645463325252u + 977 * (i + 6 * round), 8000};
            ck_assert_int_eq(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
        }
        for (unsigned i = 0; i < 6; i++)
            pthread_join(threads[i], NULL);
        ck_assert(reference_alloc_invariants_hold());
        ck_assert_uint_le(reference_alloc_stats().thread_caches, 7); /* later rounds adopt the caches of earlier ones */
    }
    drop_shared(); /* their threads are gone */
    ck_assert(reference_alloc_invariants_hold());
    ck_assert_uint_eq(reference_alloc_stats().mapped_blocks, 0);
}
END_TEST

static void *take_one(void *place)
{
    *(void **)place = __rust_allocate(100, 16);
    return NULL;
}

START_TEST(threads_that_ended_leave_nothing_behind)
{
    void *block = NULL;
    for (unsigned i = 0; i < 2000; i++) {
        pthread_t thread;
        ck_assert_int_eq(pthread_create(&thread, NULL, take_one, &block), 0);
        pthread_join(thread, NULL);
        ck_assert_ptr_nonnull(block);
        memset(block, 1, 100);
        __rust_deallocate(block, 100, 16);
    }
    ck_assert_uint_le(reference_alloc_stats().thread_caches, 3);
    ck_assert_uint_le(reference_alloc_stats().chunks, 2);
    ck_assert(reference_alloc_invariants_hold());
}
END_TEST

static bool stopping;

static void *work_on(void *argument)
{
    struct worker *worker = argument;
    struct block live[LIVE];
    memset(live, 0, sizeof live);
    while (!__atomic_load_n(&stopping, __ATOMIC_RELAXED))
        step(live, &worker->seed);
    return NULL;
}

/* The child frees the blocks that it inherited and then uses the allocator, also with a thread of its own. */
static void live_as_child(struct block *inherited, unsigned seed)
{
    struct worker worker = {seed + 1, 300};
    pthread_t thread __attribute__((unused));
    alarm(60); /* ends the child if it waits for a lock that is never released */
    for (unsigned i = 0; i < LIVE; i++)
        drop(&inherited[i]);
    for (unsigned i = 0; i < SHARED; i++) /* the fork copied the locks of this test in any state */
        pthread_mutex_init(&shared[i].lock, NULL), shared[i].block.memory = NULL;
    work(&worker);
#ifndef __SANITIZE_THREAD__ /* ThreadSanitizer does not support threads in such a child */
    if (pthread_create(&thread, NULL, work, &worker) != 0)
        _exit(2);
    pthread_join(thread, NULL);
#endif
    _exit(reference_alloc_invariants_hold() ? 0 : 1);
}

START_TEST(the_child_of_a_threaded_parent_lives)
{
    pthread_t threads[3];
    struct worker workers[3];
    uint64_t state = 4711;
    struct block own[LIVE];
    for (unsigned i = 0; i < LIVE; i++)
        make(&own[i], &state);
    for (unsigned i = 0; i < 3; i++) {
        workers[i] = (struct worker){12345 + i, 0};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, work_on, &workers[i]), 0);
    }
    for (unsigned i = 0; i < 100; i++) {
        int status;
        pid_t child = fork();
        if (child == 0)
            live_as_child(own, i);
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert_msg(status == 0, "fork %u: the child's status is %#x", i, (unsigned)status);
    }
    __atomic_store_n(&stopping, true, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    ck_assert(reference_alloc_invariants_hold());
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reference_alloc/threads");
    TCase *all = tcase_create("all");
    for (unsigned i = 0; i < SHARED; i++)
        pthread_mutex_init(&shared[i].lock, NULL);
    tcase_set_timeout(all, 240);
    tcase_add_test(all, threads_share_and_exchange_blocks);
    tcase_add_test(all, threads_that_ended_leave_nothing_behind);
    tcase_add_test(all, the_child_of_a_threaded_parent_lives);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
