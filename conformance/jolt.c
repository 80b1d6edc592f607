#include "conformance/jolt.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "harness/oracle/heap.h"

enum { INTERVAL_NS = 60000, SLEEP_NS = 3000, PATIENCE = 2000 };

static const struct flight *watched;

static __thread struct {
    int timer;
    bool running;
    unsigned jolts, jolts_then;
    uint64_t calls;
} own __attribute__((tls_model("initial-exec")));

static int jolt_signal(void) { return SIGRTMAX - 3; }

/* Many jolts in one call: it is waiting for something, perhaps for ever. Left in peace it can be seen to sleep. */
static bool is_stuck(void)
{
    uint64_t calls = atomic_load_explicit(&watched->slots[flight_thread].calls, memory_order_relaxed);
    if (calls != own.calls) {
        own.calls = calls;
        own.jolts_then = own.jolts;
    }
    return own.jolts - own.jolts_then > PATIENCE;
}

/* Alternately gives up the processor and sleeps: on one processor the first is enough, on several the second is needed. */
static void on_jolt(int signal_number)
{
    int kept = errno;
    (void)signal_number;
    if (atomic_load_explicit(&watched->slots[flight_thread].state, memory_order_relaxed) == FLIGHT_IN_CANDIDATE) {
        own.jolts++;
        if (is_stuck())
            jolt_stop();
        else if (own.jolts % 2 == 0)
            sched_yield();
        else
            syscall(SYS_nanosleep, &(struct timespec){0, SLEEP_NS}, NULL);
    }
    errno = kept;
}

void jolt_prepare(const struct flight *flight)
{
    struct sigaction action = {.sa_handler = on_jolt, .sa_flags = SA_RESTART};
    watched = flight;
    sigaction(jolt_signal(), &action, NULL);
}

/* Plain system calls: libc's may call malloc. */
void jolt_start(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = jolt_signal()};
    struct itimerspec every = {{0, INTERVAL_NS}, {0, INTERVAL_NS}};
    event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
    prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
    own.running = syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &own.timer) == 0;
    if (own.running)
        syscall(SYS_timer_settime, own.timer, 0, &every, NULL);
}

void jolt_stop(void)
{
    if (own.running)
        syscall(SYS_timer_delete, own.timer);
    own.running = false;
}
