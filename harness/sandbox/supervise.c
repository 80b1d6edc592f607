#include "harness/sandbox/supervise.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/clock.h"
#include "harness/sandbox/descend.h"
#include "harness/sandbox/watch.h"

enum { OUTPUT_LIMIT = 4 << 20, TAIL = 4096, TO_REAP_S = 2, LOOK_NS = 5000000 };

/* Resident bytes of the child; 0 when it cannot be read. */
static uint64_t resident(pid_t pid)
{
    char path[64];
    unsigned long long total = 0, pages = 0;
    snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%llu %llu", &total, &pages) != 2)
        pages = 0;
    fclose(file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* The machine's memory. For a 32-bit program, qemu-user cuts what sysconf answers to 32 bits; the file is the kernel's
 * own. */
static uint64_t memory_there_is(void)
{
    unsigned long long kilobytes = 0;
    FILE *file = fopen("/proc/meminfo", "re");
    if (file != NULL && fscanf(file, "MemTotal: %llu kB", &kilobytes) != 1)
        kilobytes = 0;
    if (file != NULL)
        fclose(file);
    return kilobytes > 0 ? kilobytes << 10 : (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* A greedy candidate must not take all of the machine's memory. */
uint64_t supervise_memory_limit(void)
{
    const char *set = getenv("ASSAY_MEMORY_LIMIT_MB");
    if (set != NULL && strtoull(set, NULL, 10) > 0)
        return (uint64_t)strtoull(set, NULL, 10) << 20;
    return memory_there_is() / 2;
}

/* Gives back the memory of a flood of output, except for its end: the child's last words stand there, and they are
 * evidence. Nothing that the child writes meanwhile is lost. */
static bool drop_flood(const struct sandbox *sandbox)
{
    struct stat file;
    bool is_flooded = fstat(sandbox->output_fd, &file) == 0 && file.st_size > OUTPUT_LIMIT;
    if (is_flooded)
        fallocate(sandbox->output_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, file.st_size - TAIL);
    return is_flooded;
}

struct supervision {
    struct watch watch;
    struct ending *ending;
    double started, looked, scale;
    unsigned procs; /* that the whole machine ran when the child was started */
};

/* How many processes and threads the machine runs. This takes one call; counting the child's own takes reading all of
 * /proc. */
static unsigned procs_there_are(void)
{
    struct sysinfo machine;
    return sysinfo(&machine) == 0 ? machine.procs : 0;
}

static bool are_too_many(const struct supervision *state)
{
    return procs_there_are() > state->procs + PROCESSES_LIMIT && descendants_count() > PROCESSES_LIMIT;
}

static bool is_too_long(const struct sandbox *sandbox, struct supervision *state, pid_t pid, double now)
{
    const struct flight *flight = sandbox->shared;
    double patience = sandbox->patience > 0 ? sandbox->patience : 1;
    if (!atomic_load(&flight->loaded))
        return now - state->started > LOADING_LIMIT_S * state->scale;
    double limit = sandbox->deadline_s > 0 ? sandbox->deadline_s : SCENARIO_LIMIT_S;
    return now - state->started > limit * state->scale * patience ||
           watch_is_idle(&state->watch, flight, pid, now, state->scale * patience);
}

/* A few times a second: is there a reason to end the child? */
static bool must_end(const struct sandbox *sandbox, pid_t pid, struct supervision *state, double now)
{
    struct ending *ending = state->ending;
    double patience = sandbox->patience > 0 ? state->scale * sandbox->patience : state->scale;
    state->looked = now;
    ending->hung_slot = watch_look(&state->watch, sandbox->shared, now, patience, ending->why, sizeof ending->why);
    if (ending->hung_slot >= 0)
        ending->end = END_HUNG;
    else if (is_too_long(sandbox, state, pid, now))
        ending->end = END_TOO_LONG;
    else if (resident(pid) > supervise_memory_limit())
        ending->end = END_TOO_MUCH_MEMORY;
    else if (are_too_many(state))
        ending->end = END_TOO_MANY_PROCESSES;
    return ending->end != END_BY_ITSELF;
}

/* Does not wait. True once `pid` is gone. Processes that it started and left to this one are reaped as well. */
static bool is_over(pid_t pid, int *status)
{
    int of_another;
    pid_t reaped;
    while ((reaped = waitpid(-1, &of_another, WNOHANG | __WALL)) > 0) {
        if (reaped != pid)
            continue;
        *status = of_another;
        return true;
    }
    return false;
}

/* Kills the child, and waits for a while: a process that traces the child keeps it from being reaped, and must go
 * first. */
static void end_child(pid_t pid, int *status)
{
    double until = clock_now_s() + TO_REAP_S;
    kill(pid, SIGKILL);
    while (!is_over(pid, status) && clock_now_s() < until)
        nanosleep(&(struct timespec){0, 1000000}, NULL);
}

bool supervise(const struct sandbox *sandbox, pid_t pid, pid_t starter, struct ending *ending, int channel)
{
    struct supervision state = {
        .ending = ending, .started = clock_now_s(), .looked = clock_now_s(), .procs = procs_there_are()};
    state.scale = sandbox->flight->time_scale > 1 ? sandbox->flight->time_scale : 1;
    sigset_t of_child;
    sigemptyset(&of_child);
    sigaddset(&of_child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &of_child, NULL);
    while (!is_over(pid, &ending->status)) {
        double now = clock_now_s();
        if (getppid() != starter)
            return false;
        ending->was_flooded |= drop_flood(sandbox);
        channel_hear(channel, sandbox->flight->nonce, &ending->heard);
        if (now - state.looked > (sandbox->patience > 0 ? 0.05 : 0.25) && must_end(sandbox, pid, &state, now)) {
            end_child(pid, &ending->status);
            break;
        }
        sigtimedwait(&of_child, NULL, &(struct timespec){0, LOOK_NS}); /* an end is seen at once */
    }
    return true;
}
