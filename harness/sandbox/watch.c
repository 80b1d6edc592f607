#include "harness/sandbox/watch.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/sandbox/sandbox.h"

struct thread_state {
    char state; /* as in /proc: R running, S asleep, D asleep in the kernel, T stopped, Z gone; 0: no such thread */
    double cpu; /* seconds */
};

static struct thread_state read_stat(const char *path)
{
    char text[1024];
    struct thread_state seen = {0};
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return seen;
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = '\0';
    unsigned long user = 0, system = 0;
    const char *after_name = strrchr(text, ')');
    if (after_name != NULL)
        sscanf(after_name + 1, " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &seen.state, &user, &system);
    seen.cpu = (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
    return seen;
}

static struct thread_state read_thread(int pid, int tid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d/stat", pid, tid);
    return read_stat(path);
}

static void begin(struct watch *watch, int slot, uint64_t calls, double now, double cpu)
{
    watch->calls[slot] = calls;
    watch->since[slot] = watch->awake_at[slot] = watch->used_at[slot] = now;
    watch->cpu_then[slot] = watch->cpu_seen[slot] = cpu;
}

static bool is_stuck(struct watch *watch, int slot, struct thread_state seen, double now, double scale, char *why,
                     int size)
{
    bool is_used = seen.state == 'R' || seen.cpu != watch->cpu_seen[slot];
    if (is_used || seen.state == 'D') /* the kernel may be slow, though not for ever */
        watch->awake_at[slot] = now;
    if (is_used) {
        watch->used_at[slot] = now;
        watch->cpu_seen[slot] = seen.cpu;
    }
    double used = seen.cpu - watch->cpu_then[slot], asleep = now - watch->awake_at[slot],
           blocked = now - watch->used_at[slot];
    if (used > HANG_AWAKE_S * scale)
        return snprintf(why, (size_t)size, "used %.0f s of processor time without returning", used) > 0;
    if (asleep > HANG_ASLEEP_S * scale)
        return snprintf(why, (size_t)size, "asleep for %.0f s without returning", asleep) > 0;
    if (blocked > HANG_BLOCKED_S * scale)
        return snprintf(why, (size_t)size, "asleep in the kernel for %.0f s without returning", blocked) > 0;
    return false;
}

/* Has any thread come further since the last look? One that looks at its blocks' contents makes progress, too. */
static bool is_progress(struct watch *watch, const struct flight *flight, int threads)
{
    uint64_t calls = 0;
    bool any = false;
    for (int slot = 0; slot < threads; slot++) {
        calls += atomic_load(&flight->slots[slot].calls);
        any = any || atomic_load(&flight->slots[slot].state) == FLIGHT_TOUCHING;
    }
    any = any || calls != watch->calls_of_all;
    watch->calls_of_all = calls;
    return any;
}

/* The thread that used most, among those that wait for each other. -1: together they have not used enough yet. */
static int stuck_together(const struct watch *watch, int threads, double now, double scale, char *why, int size)
{
    double used_up = now - watch->still_since > HANG_STILL_S * scale ? HANG_TOGETHER_LEAST_S : HANG_TOGETHER_S;
    int most = -1, parties = 0;
    for (int slot = 0; slot < threads; slot++) {
        double used = watch->cpu_seen[slot] - watch->cpu_then[slot];
        if (used <= 0)
            continue;
        parties++;
        if (most < 0 || used > watch->cpu_seen[most] - watch->cpu_then[most])
            most = slot;
    }
    if (parties < 2 || watch->cpu_together <= used_up * scale)
        return -1;
    snprintf(why, (size_t)size,
             "used %.0f s of processor time in %.0f s, together with %d other threads, and no call returned",
             watch->cpu_together, now - watch->still_since, parties - 1);
    return most;
}

int watch_look(struct watch *watch, const struct flight *flight, double now, double scale, char *why, int why_size)
{
    int threads = (int)atomic_load(&flight->threads);
    threads = threads < FLIGHT_THREADS ? threads : FLIGHT_THREADS;
    if (is_progress(watch, flight, threads) || watch->still_since == 0) {
        watch->cpu_together = 0;
        watch->still_since = now;
    }
    for (int slot = 0; slot < threads; slot++) {
        const struct flight_slot *one = &flight->slots[slot];
        uint64_t calls = atomic_load(&one->calls);
        bool is_inside = flight_is_with_candidate(one);
        struct thread_state seen =
            is_inside ? read_thread(atomic_load(&flight->pid), one->tid) : (struct thread_state){0};
        bool is_gone = is_inside && seen.state == 0; /* its end is over, though nobody has waited for it yet */
        double before = watch->cpu_seen[slot];
        if (!is_inside || is_gone || calls != watch->calls[slot])
            begin(watch, slot, calls, now, seen.cpu);
        else if (is_stuck(watch, slot, seen, now, scale, why, why_size))
            return slot;
        else
            watch->cpu_together += seen.cpu - before;
    }
    return stuck_together(watch, threads, now, scale, why, why_size);
}

bool watch_is_idle(struct watch *watch, const struct flight *flight, int pid, double now, double scale)
{
    char path[64];
    uint64_t calls = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    struct thread_state seen = read_stat(path);
    for (int slot = 0; slot < FLIGHT_THREADS; slot++)
        calls += atomic_load(&flight->slots[slot].calls);
    if (seen.state == 'R' || seen.cpu != watch->idle_cpu || calls != watch->idle_calls || watch->idle_since == 0) {
        watch->idle_cpu = seen.cpu;
        watch->idle_calls = calls;
        watch->idle_since = now;
    }
    return now - watch->idle_since > IDLE_LIMIT_S * scale;
}
