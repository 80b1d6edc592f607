#include "conformance/judging/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>

#include "conformance/judging/suites.h"
#include "harness/base/terminal.h"
#include "harness/sandbox/sandbox.h"

static volatile sig_atomic_t came, is_soft;

static void stop(int number)
{
    if (is_soft && came == 0) {
        suites_stop(); /* what has not begun is left out; what runs ends as it does */
    } else {
        suites_abort();
        sandbox_stop();
    }
    came = number;
}

void interrupt_catch(bool softly)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    is_soft = softly;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        struct sigaction before, action = {.sa_handler = stop, .sa_flags = softly ? 0 : (int)SA_RESETHAND};
        sigaction(signals[i], NULL, &before);
        /* A script ends a soak in the background by INT, which a shell has such a process ignore. */
        if (before.sa_handler != SIG_IGN || (softly && signals[i] == SIGINT))
            sigaction(signals[i], &action, NULL);
    }
}

int interrupt_signal(void) { return came; }

void interrupt_leave(void)
{
    if (came == 0)
        return;
    fflush(NULL);
    terminal_restore();
    signal(came, SIG_DFL);
    raise(came);
}
