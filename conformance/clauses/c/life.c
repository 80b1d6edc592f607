/* A process from its first call to its end: exit handlers, destructors, thread keys, fork handlers, a fork within a
 * signal handler.
 *
 * Each part runs in a copy of the process that ends by exit(), as programs do; nothing of it is recorded, so the copy's
 * status and the place that it had come to are all the evidence.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/clauses/c/c.h"
#include "conformance/scenario/team.h"

enum { HANDLERS = 40, KEYS = 48, LIFE_PATIENCE_S = 8, STATUS_CHANGED = 9 };

/* What the copy is at, for the original to see. */
static struct at {
    const char *volatile doing;
} * at;

static const struct candidate *candidate;

/* ---- blocks with their contents, by the library's own functions ---- */

static void *make(size_t size)
{
    struct c_request request = {.function = C_MALLOC, .size = size};
    unsigned char *block = (unsigned char *)candidate_call_c(candidate, &request).result;
    if (block != NULL)
        memset(block, (int)(size % 251), size);
    return block;
}

static void check(const unsigned char *block, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (block[i] != (unsigned char)(size % 251))
            _exit(STATUS_CHANGED);
}

static void drop(void *block, size_t size)
{
    if (block != NULL)
        check(block, size);
    candidate_call_c(candidate, &(struct c_request){.function = C_FREE, .pointer = block});
}

/* A few blocks of several sizes, made, resized and freed. */
static void little(void)
{
    static const size_t sizes[] = {1, 24, 100, 700, 5000, 40000, 300000};
    void *blocks[sizeof sizes / sizeof *sizes];
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        blocks[i] = make(sizes[i]);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct c_request longer = {.function = C_REALLOC, .pointer = blocks[i], .size = sizes[i] + 20};
        void *moved = (void *)candidate_call_c(candidate, &longer).result;
        drop(moved != NULL ? moved : blocks[i], sizes[i]);
    }
}

/* ---- at exit ---- */

static void *kept[HANDLERS];
static size_t kept_count;

static void at_the_end(void)
{
    at->doing = "in an exit handler";
    if (kept_count > 0) {
        kept_count--;
        drop(kept[kept_count], 10 + 100 * kept_count);
    }
    little();
    at->doing = "after the exit handlers"; /* destructors, the library's among them */
}

/* More handlers than libc has room for at first: it asks for more. */
static void exit_handlers(struct run *run)
{
    (void)run;
    at->doing = "registering exit handlers";
    atexit(at_the_end);
    little();
    for (size_t i = 1; i < HANDLERS; i++)
        atexit(at_the_end);
    for (kept_count = 0; kept_count < HANDLERS; kept_count++)
        kept[kept_count] = make(10 + 100 * kept_count);
}

static void live_blocks(struct run *run)
{
    (void)run;
    at->doing = "making blocks that are live at exit";
    for (size_t size = 1; size < 3000000; size = size * 2 + 1)
        make(size);
    at->doing = "at exit with live blocks";
}

static void *busy_for_ever(void *unused)
{
    (void)unused;
    for (;;)
        little();
    return NULL;
}

/* exit() while other threads allocate: they run until the process is gone. */
static void busy_threads(struct run *run)
{
    (void)run;
    pthread_t thread;
    for (int i = 0; i < 3; i++)
        if (pthread_create(&thread, NULL, busy_for_ever, NULL) != 0)
            return;
    for (int i = 0; i < 40; i++)
        little();
    at->doing = "at exit while threads allocate";
}

/* ---- thread keys ---- */

static pthread_key_t keys[KEYS];

/* The first time around it leaves another block in its place. */
static void end_of_key(void *value)
{
    uintptr_t *block = value;
    size_t key = block[0], round = block[1];
    at->doing = "in a thread key's destructor";
    candidate_call_c(candidate, &(struct c_request){.function = C_FREE, .pointer = block});
    little();
    uintptr_t *next = round == 0 ? make(64) : NULL;
    if (next != NULL) {
        next[0] = key;
        next[1] = 1;
        pthread_setspecific(keys[key], next);
    }
}

static void *with_keys(void *unused)
{
    (void)unused;
    for (size_t i = 0; i < KEYS; i++) {
        uintptr_t *block = make(64);
        if (block == NULL)
            continue;
        block[0] = i;
        block[1] = 0;
        pthread_setspecific(keys[i], block);
    }
    little();
    at->doing = "at the end of a thread with many keys";
    return NULL;
}

static void many_keys(struct run *run)
{
    (void)run;
    at->doing = "making many thread keys";
    for (size_t i = 0; i < KEYS; i++)
        if (pthread_key_create(&keys[i], end_of_key) != 0)
            return;
    for (int i = 0; i < 3; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, with_keys, NULL) != 0)
            return;
        pthread_join(thread, NULL);
    }
    with_keys(NULL); /* of the main thread they are left as they are */
}

/* ---- fork ---- */

/* The child of the copy ends as the copy does. False: it did not. */
static void wait_for(pid_t child)
{
    int status = 0;
    if (child > 0 && waitpid(child, &status, 0) == child && status != 0)
        _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static void fork_here(void)
{
    pid_t child = fork();
    if (child == 0)
        alarm(LIFE_PATIENCE_S);
    little();
    if (child == 0)
        exit(0);
    wait_for(child);
}

static void at_fork(void)
{
    at->doing = "in a fork handler";
    little();
}

/* Handlers that come after the library's own: theirs run outside of those. */
static void fork_handlers(struct run *run)
{
    (void)run;
    little();
    at->doing = "registering fork handlers";
    for (int i = 0; i < 3; i++)
        pthread_atfork(at_fork, at_fork, at_fork);
    for (int i = 0; i < 3; i++)
        fork_here();
}

static void on_signal(int number)
{
    (void)number;
    at->doing = "in a signal handler that forks";
    fork_here();
}

/* raise() within no call: the handler may call whatever the program may. */
static void fork_in_handler(struct run *run)
{
    (void)run;
    little();
    signal(SIGUSR1, on_signal);
    for (int i = 0; i < 3; i++)
        raise(SIGUSR1);
}

/* ---- the copies ---- */

static void be_copy(struct run *run, void (*part)(struct run *run))
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGALRM};
    sigset_t alarm_only;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        signal(signals[i], SIG_DFL); /* what befalls the copy is not the original's fault to note */
    sigemptyset(&alarm_only);
    sigaddset(&alarm_only, SIGALRM);
    sigprocmask(SIG_UNBLOCK, &alarm_only, NULL);
    alarm(LIFE_PATIENCE_S * (run->flight->time_scale == 0 ? 1 : run->flight->time_scale));
    part(run);
    exit(0);
}

static const char *how(int status, char *text, size_t size)
{
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
        snprintf(text, size, "it does not come to its end");
    else if (WIFSIGNALED(status))
        snprintf(text, size, "signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
    else if (WEXITSTATUS(status) == STATUS_CHANGED)
        snprintf(text, size, "a live block has changed");
    else
        snprintf(text, size, "exit status %d", WEXITSTATUS(status));
    return text;
}

static void live_through(struct run *run, const char *what, void (*part)(struct run *run))
{
    int status = 0;
    char text[96];
    void *shared = mmap(NULL, sizeof *at, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return;
    at = shared;
    at->doing = "at its beginning";
    candidate = run->candidate;
    fflush(NULL); /* exit() would write it once more */
    pid_t pid = fork();
    if (pid == 0)
        be_copy(run, part);
    if (pid > 0)
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            ;
    if (pid > 0)
        run_exercised(run, "c/process-life");
    if (status != 0)
        run_violated(run, "c/process-life", what, "the process ends with status 0", "%s, %s",
                     how(status, text, sizeof text), at->doing);
    munmap(shared, sizeof *at);
}

static void exits(struct run *run)
{
    live_through(run, "exit handlers, more than 32, free and allocate", exit_handlers);
    live_through(run, "exit with live blocks", live_blocks);
}

static void threads_and_exit(struct run *run)
{
    live_through(run, "exit while threads allocate and free", busy_threads);
}
static void thread_keys(struct run *run)
{
    live_through(run, "threads with 48 keys, whose destructors free and allocate", many_keys);
}

static void forks(struct run *run)
{
    live_through(run, "fork, with handlers that allocate", fork_handlers);
    live_through(run, "fork within the handler of a raised signal", fork_in_handler);
}

static const struct scenario scenarios[] = {
    {.name = "c/exit-handlers",
     .about = "processes that end by exit(), with handlers that allocate and with live blocks",
     .clauses = "c/process-life",
     .tags = "quick",
     .needs = NEEDS_C,
     .run = exits},
    {.name = "c/exit-with-threads",
     .about = "exit() while other threads allocate",
     .clauses = "c/process-life",
     .needs = NEEDS_C,
     .relies_on = "threads",
     .run = threads_and_exit},
    {.name = "c/thread-keys",
     .about = "threads that end with more than 32 keys, whose destructors free and allocate",
     .clauses = "c/process-life",
     .tags = "quick",
     .needs = NEEDS_C,
     .relies_on = "threads",
     .run = thread_keys},
    {.name = "c/fork-handlers",
     .about = "forks with handlers that allocate, and within a signal handler",
     .clauses = "c/process-life",
     .tags = "quick",
     .needs = NEEDS_C,
     .run = forks},
};

SCENARIOS_OF("malloc", c_life, "c", C_ORDER + 7, scenarios);
