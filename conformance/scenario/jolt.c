#include "conformance/scenario/jolt.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/clock.h"
#include "harness/base/platform.h"
#include "harness/oracle/heap.h"

enum { LEAST_INTERVAL_NS = 60000, MOST_INTERVAL_NS = 100000000, SLEEP_NS = 3000 };
enum {
    PATIENCE = 2000,
    PATIENCE_NS = 500000000
}; /* the most jolts in one call: this many, or as many as fill that time */

static const struct flight *watched;
static double cost_ns;     /* of one interrupt, divided by the number of processors */
static _Atomic int timers; /* that are running */

static __thread struct {
    int timer;
    bool running;
    long interval_ns;
    unsigned interrupts;        /* in all */
    unsigned jolts, jolts_then; /* inside a call */
    uint64_t calls;
} own __attribute__((tls_model("initial-exec")));

static int jolt_signal(void) { return SIGRTMAX - 3; }

/* ---- how often ---- */

/* A timer interrupts whichever thread is running, its own or another. All timers together, with the sleep that may
 * follow an interrupt, take at most half of the processors' time. */
static long affordable_interval_ns(void)
{
    double interval = 4 * cost_ns * atomic_load_explicit(&timers, memory_order_relaxed);
    return interval < LEAST_INTERVAL_NS  ? LEAST_INTERVAL_NS
           : interval > MOST_INTERVAL_NS ? MOST_INTERVAL_NS
                                         : (long)interval;
}

static void set_interval(long interval_ns)
{
    struct itimerspec every = {{0, interval_ns}, {0, interval_ns}};
    own.interval_ns = interval_ns;
    syscall(SYS_timer_settime, own.timer, 0, &every, NULL);
}

/* Follows the number of timers, as other threads begin and end. */
static void adapt_interval(void)
{
    long now = affordable_interval_ns(), then = own.interval_ns;
    if (own.running && (now > then + then / 4 || now < then - then / 4))
        set_interval(now);
}

/* ---- a jolt ---- */

/* After many jolts in one call, the thread waits for something, perhaps for ever. Without further interrupts the
 * supervisor can see that it sleeps. */
static bool is_stuck(void)
{
    uint64_t calls = atomic_load_explicit(&watched->slots[flight_thread].calls, memory_order_relaxed);
    if (calls != own.calls) {
        own.calls = calls;
        own.jolts_then = own.jolts;
    }
    unsigned jolts = own.jolts - own.jolts_then;
    return jolts > PATIENCE || (long)jolts > PATIENCE_NS / own.interval_ns;
}

/* Gives up the processor and sleeps by turns: the first is enough on one processor, the second is needed on several. */
static void on_jolt(int signal_number)
{
    int kept = errno;
    (void)signal_number;
    own.interrupts++;
    adapt_interval();
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

/* ---- what it costs ---- */

/* The processor time of a fixed piece of work, some hundred microseconds. */
static double spin(void)
{
    double began = clock_s(CLOCK_THREAD_CPUTIME_ID);
    for (volatile unsigned turn = 0; turn < 400000; turn++) {
    }
    return clock_s(CLOCK_THREAD_CPUTIME_ID) - began;
}

static double less_of(double a, double b) { return a < b ? a : b; }

/* Nanoseconds of processor time that one interrupt takes. On some virtual machines it is tens to hundreds of times what
 * it should be. */
static double interrupt_cost_ns(void)
{
    double undisturbed = 1e9, disturbed = 1e9, interrupts = 0;
    for (int trial = 0; trial < 3; trial++) {
        unsigned before = own.interrupts;
        jolt_start();
        disturbed = less_of(disturbed, spin());
        jolt_stop();
        interrupts += (own.interrupts - before) / 3.0;
        undisturbed = less_of(undisturbed, spin());
    }
    return interrupts < 1 || disturbed < undisturbed ? 0 : (disturbed - undisturbed) * 1e9 / interrupts;
}

void jolt_prepare(const struct flight *flight)
{
    static bool is_measured;
    struct sigaction action = {.sa_handler = on_jolt, .sa_flags = SA_RESTART};
    watched = flight;
    sigaction(jolt_signal(), &action, NULL);
    if (!is_measured)
        cost_ns = interrupt_cost_ns() / platform_processors();
    is_measured = true;
}

/* ---- a timer for each thread ---- */

/* Plain system calls, because libc's functions may call malloc. */
void jolt_start(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = jolt_signal()};
    event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
    prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
    own.running = syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &own.timer) == 0;
    if (!own.running)
        return;
    atomic_fetch_add(&timers, 1);
    set_interval(affordable_interval_ns());
}

void jolt_stop(void)
{
    if (!own.running)
        return;
    own.running = false;
    syscall(SYS_timer_delete, own.timer);
    atomic_fetch_sub(&timers, 1);
}
