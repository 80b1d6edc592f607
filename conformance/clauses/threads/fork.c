/* Forks in the middle of traffic: the child has one thread, and whatever state the others left behind. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/scenario/copy.h"
#include "conformance/clauses/threads/threads.h"
#include "conformance/scenario/tight.h"
#include "harness/base/platform.h"

enum { CHILD_CALLS = 240, CHILD_PATIENCE_S = 4 };

struct traffic {
    _Atomic bool over, stopped;
};

/* Allocates and frees as fast as possible. The blocks are small, or, in every other thread, partly large, so that each
 * kind of lock is held at some fork. */
static void be_traffic(struct member *member)
{
    struct traffic *traffic = member->context;
    struct tight tight = tight_start(member, "threads/concurrent",
                                     "threads allocate and free while the process is forked", &traffic->stopped);
    struct tight_block held[16] = {{NULL}};
    bool large = member->number % 2 == 0;
    while (!traffic->over && run_goes_on(member->run)) {
        struct tight_block *block = &held[prng_below(&member->prng, 16)];
        if (block->address == NULL)
            *block = tight_allocate(
                &tight, member_size(member, large && prng_chance(&member->prng, 1, 2) ? 1 << 20 : 1000), 8, false);
        else
            tight_deallocate(&tight, block);
    }
    for (size_t i = 0; i < 16; i++)
        tight_deallocate(&tight, &held[i]);
}

/* ---- the child ---- */

/* What the child is doing; the parent reads it when the child never ends. */
static volatile struct progress {
    size_t calls, size;
    bool frees;
} * progress;

static void defaults(unsigned seconds)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS, SIGALRM};
    sigset_t alarm_only;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (signals[i] != SIGSYS)
            signal(signals[i], SIG_DFL); /* what happens to the child must not be recorded as the parent's */
    sigemptyset(&alarm_only);
    sigaddset(&alarm_only, SIGALRM);
    sigprocmask(SIG_UNBLOCK, &alarm_only, NULL);
    alarm(seconds);
}

/* On a platform where a child that waits for ever breaks nothing (relies_on), the parent does not wait long. */
static unsigned patience_s(const struct run *run)
{
    uint32_t scale = platform_lacks("wipe-on-fork") || run->flight->time_scale == 0 ? 1 : run->flight->time_scale;
    return CHILD_PATIENCE_S * scale;
}

static void be_child(struct run *run)
{
    unsigned char *blocks[12] = {NULL};
    size_t sizes[12] = {0};
    const size_t align = heap_align(&run->heap, 8);
    defaults(patience_s(run));
    for (size_t i = 0; i < CHILD_CALLS; i++) {
        size_t at = i % 12;
        progress->calls = i;
        progress->frees = blocks[at] != NULL;
        progress->size = sizes[at] = progress->frees ? sizes[at] : run_size(run, i % 2 ? 2000 : 1 << 20);
        if (progress->frees) {
            candidate_deallocate(run->candidate, blocks[at], sizes[at], align);
            blocks[at] = NULL;
        } else if ((blocks[at] = candidate_allocate(run->candidate, sizes[at], align)) != NULL) {
            blocks[at][0] = blocks[at][sizes[at] - 1] = 1;
        }
    }
    _exit(0);
}

/* True: the child ended as it should. */
static bool child_went_well(struct run *run, size_t number, pid_t pid)
{
    int status = 0;
    pid_t ended = 0;
    do
        ended = waitpid(pid, &status, 0);
    while (ended < 0 && errno == EINTR);
    if (ended == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    const char *how = !WIFSIGNALED(status)          ? "left the process"
                      : WTERMSIG(status) == SIGALRM ? "did not return"
                                                    : strsignal(WTERMSIG(status));
    run_violated(run, "threads/fork", "fork while other threads allocate and free; the child allocates and frees",
                 "the child comes to its end", "child %zu: call %zu, %s, size %zu: %s", number, (size_t)progress->calls,
                 progress->frees ? "deallocate" : "allocate", (size_t)progress->size, how);
    return false;
}

/* Forks while so many threads make traffic. */
static void fork_in_traffic(struct run *run, int threads, size_t forks)
{
    struct team team;
    struct traffic *traffic = run_scratch(run, sizeof *traffic);
    struct tight_pace started = tight_pace();
    if (!team_start(&team, run, threads, be_traffic, traffic))
        return;
    for (size_t i = 0; i < forks && tight_is_bearable(run, &started); i++) {
        run_exercised(run, "threads/fork");
        prng_next(&run->prng);
        pid_t pid = fork();
        if (pid == 0)
            be_child(run);
        if (pid < 0 || !child_went_well(run, i + 1, pid))
            break;
    }
    traffic->over = true;
    team_join(&team);
}

/* Forks during the first calls of a process, when what they set up may be half done. */
static int fork_at_first_calls(struct run *run, void *context)
{
    fork_in_traffic(run, 3, *(size_t *)context);
    return 0;
}

static void fork_often(struct run *run)
{
    size_t copies = run_rounds(run, 4, 24), forks = 2;
    void *shared = mmap(NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return;
    progress = shared;
    heap_blame_crashes_on(&run->heap, "threads/concurrent");
    heap_blame_hangs_on(&run->heap, "threads/progress");
    for (size_t i = 0; i < copies && run_goes_on(run); i++)
        copy_run(run, fork_at_first_calls, &forks);
    fork_in_traffic(run, team_size(run) / 2, run_rounds(run, 10, 100));
}

static const struct scenario scenarios[] = {
    {.name = "threads/fork",
     .about = "forked in the middle of traffic, again and again: the child allocates and frees",
     .clauses = "threads/fork",
     .run = fork_often},
};

THREADS_SCENARIOS(threads_fork, scenarios);
