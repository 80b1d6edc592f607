#include "harness/sandbox/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/clock.h"
#include "harness/base/terminal.h"
#include "harness/sandbox/channel.h"
#include "harness/sandbox/descend.h"
#include "harness/sandbox/ending.h"
#include "harness/sandbox/supervise.h"

enum { LOOK_MS = 50, TO_END_S = 10, GRACE_S = 30 };

static volatile sig_atomic_t is_stopped;

void sandbox_stop(void) { is_stopped = 1; }

static bool end_all(void)
{
    bool well = descendants_end(TO_END_S);
    if (!well)
        fprintf(stderr, "assay: %zu processes that a candidate started could not be ended\n", descendants_count());
    return well;
}

/* The keeper does not handle signals as the harness's process does. It has a process group of its own, so that a
 * terminal's interrupt does not reach it. An interrupt that came before it had that group is dropped. */
static void take_leave(const sigset_t *mask)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM};
    setpgid(0, 0);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        signal(signals[i], SIG_IGN);
        signal(signals[i], SIG_DFL);
    }
    sigprocmask(SIG_SETMASK, mask, NULL);
    prctl(PR_SET_PDEATHSIG, SIGCONT); /* if it were stopped, it would not see that its parent is gone */
}

static _Noreturn void keep(const struct sandbox *sandbox, keeper_starter *start, pid_t starter, const sigset_t *mask)
{
    struct ending *ending = sandbox->ending;
    int ends[2];
    take_leave(mask);
    descendants_adopt();
    if (!channel_create(ends)) {
        snprintf(sandbox->shared->setup_error, sizeof sandbox->shared->setup_error, "no channel to the child: %s",
                 strerror(errno));
        ending->is_told = true;
        _exit(0);
    }
    pid_t pid = start(sandbox, ends[1]);
    close(ends[1]);
    bool is_wanted = pid <= 0 || supervise(sandbox, pid, starter, ending, ends[0]);
    channel_hear(ends[0], sandbox->flight->nonce, &ending->heard);
    ending->is_told = end_all() && is_wanted;
    if (!is_wanted)
        terminal_restore();
    _exit(0);
}

/* Waits for the keeper to close its end of the pipe, which nobody else has. False: the time was up, or sandbox_stop was
 * called. */
static bool await(pid_t keeper, int pipe_end, double until)
{
    struct pollfd end = {.fd = pipe_end};
    bool is_in_time = true;
    while (poll(&end, 1, LOOK_MS) <= 0) {
        int status;
        is_in_time = !is_stopped && clock_now_s() < until;
        if (!is_in_time)
            break;
        if (waitpid(keeper, &status, WNOHANG | WUNTRACED) == keeper && WIFSTOPPED(status))
            kill(keeper, SIGCONT);
    }
    return is_in_time;
}

static double limit_s(const struct sandbox *sandbox)
{
    double scale = sandbox->flight->time_scale > 1 ? sandbox->flight->time_scale : 1;
    return SCENARIO_LIMIT_S * scale + GRACE_S;
}

void keeper_run(const struct sandbox *sandbox, keeper_starter *start)
{
    int ends[2];
    pid_t starter = getpid();
    double until = clock_now_s() + limit_s(sandbox);
    *sandbox->ending = (struct ending){.hung_slot = -1};
    descendants_adopt();
    if (is_stopped || pipe2(ends, O_CLOEXEC) != 0)
        return;
    sigset_t every, mask;
    sigfillset(&every);
    sigprocmask(SIG_SETMASK, &every, &mask);
    pid_t keeper = fork();
    if (keeper == 0)
        keep(sandbox, start, starter, &mask);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    close(ends[1]);
    if (keeper > 0 && !await(keeper, ends[0], until))
        sandbox->ending->is_told = false;
    close(ends[0]);
    end_all(); /* the keeper is reaped here; anything else is left only where it was killed */
}
