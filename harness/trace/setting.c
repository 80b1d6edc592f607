#include "harness/trace/setting.h"

#include <inttypes.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "harness/refusal/keep.h"

enum { LONGEST_PAUSE_MS = 60000, GUARD = 1 << 20 };

static const char *const names[SETTINGS] = {[SETTING_STACK] = "stack",
                                            [SETTING_PROCESSOR] = "processor",
                                            [SETTING_PAUSE] = "pause",
                                            [SETTING_KEEP] = "keep",
                                            [SETTING_EXIT] = "exit"};

const char *setting_name(unsigned setting) { return setting < SETTINGS ? names[setting] : "?"; }

void setting_print(char *text, size_t size, const struct event *event)
{
    uint64_t value = event->size;
    if (event->align_log2 == SETTING_STACK && value == 1)
        snprintf(text, size, "(threads that start from here on have the platform's least stack)");
    else if (event->align_log2 == SETTING_STACK && value != 0)
        snprintf(text, size, "(threads that start from here on have %" PRIu64 " bytes of stack)", value);
    else if (event->align_log2 == SETTING_STACK)
        snprintf(text, size, "(threads that start from here on have as much stack as usual)");
    else if (event->align_log2 == SETTING_PROCESSOR && value != 0)
        snprintf(text, size, "(the thread runs on processor %" PRIu64 " of those it may use, and on no other)", value);
    else if (event->align_log2 == SETTING_PROCESSOR)
        snprintf(text, size, "(the thread runs on any processor again)");
    else if (event->align_log2 == SETTING_PAUSE)
        snprintf(text, size, "(nothing is called for %" PRIu64 " milliseconds)", value);
    else if (event->align_log2 == SETTING_EXIT)
        snprintf(text, size, "(the process ends by exit(): its exit handlers and destructors follow)");
    else if (value != 0)
        snprintf(text, size, "(the system refuses to take memory back where that would cut a mapping in two)");
    else
        snprintf(text, size, "(the system takes memory back again)");
}

/* ---- processors ---- */

static const cpu_set_t *usable(void)
{
    static cpu_set_t set;
    static bool is_known;
    if (!is_known)
        is_known = sched_getaffinity(0, sizeof set, &set) == 0;
    return &set;
}

size_t setting_processors(void) { return (size_t)CPU_COUNT(usable()); }

static bool run_on(uint64_t number)
{
    cpu_set_t one;
    CPU_ZERO(&one);
    if (number == 0)
        return sched_setaffinity(0, sizeof *usable(), usable()) == 0;
    for (int cpu = 0; cpu < CPU_SETSIZE && number > 0; cpu++)
        if (CPU_ISSET(cpu, usable()) && --number == 0)
            CPU_SET(cpu, &one);
    return CPU_COUNT(&one) == 1 && sched_setaffinity(0, sizeof one, &one) == 0;
}

/* ---- stacks ---- */

static _Atomic size_t stack_in_force;

/* glibc says how much of a stack it needs for thread-local variables; a thread of Rust's has as much in any case. */
extern size_t __pthread_get_minstack(const pthread_attr_t *attributes) __attribute__((weak));

static size_t least_stack(const pthread_attr_t *attributes)
{
    size_t least = (size_t)sysconf(_SC_THREAD_STACK_MIN), asked = 0;
    if (__pthread_get_minstack != NULL)
        asked = __pthread_get_minstack(attributes);
    least = (long)least > 0 ? least : PTHREAD_STACK_MIN;
    return least > asked ? least : asked;
}

bool setting_thread(pthread_t *thread, size_t usual, void *(*work)(void *argument), void *argument)
{
    size_t chosen = stack_in_force, stack = chosen != 0 ? chosen : usual;
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0)
        return false;
    if (chosen != 0) {
        size_t least = least_stack(&attributes);
        stack = stack > least ? stack : least;
        pthread_attr_setguardsize(&attributes, GUARD);
    }
    bool created = (stack == 0 || pthread_attr_setstacksize(&attributes, stack) == 0) &&
                   pthread_create(thread, &attributes, work, argument) == 0;
    pthread_attr_destroy(&attributes);
    return created;
}

/* ---- all of them ---- */

static bool pause_for(uint64_t milliseconds)
{
    if (milliseconds > LONGEST_PAUSE_MS)
        return false;
    struct timespec left = {(time_t)(milliseconds / 1000), (long)(milliseconds % 1000) * 1000000};
    while (nanosleep(&left, &left) != 0)
        ;
    return true;
}

bool setting_apply(enum setting setting, uint64_t value)
{
    switch (setting) {
    case SETTING_STACK: stack_in_force = value > SETTING_MOST ? SETTING_MOST : (size_t)value; return true;
    case SETTING_PROCESSOR: return run_on(value);
    case SETTING_PAUSE: return pause_for(value);
    case SETTING_KEEP: return keep_memory(value != 0);
    case SETTING_EXIT: return true;
    default: return false;
    }
}
