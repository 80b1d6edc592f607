#include "harness/base/terminal.h"

#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <termios.h>

static struct termios saved;
static int terminal = -1; /* a standard stream; -1: none is a terminal */

void terminal_save(void)
{
    for (int fd = 0; fd < 3 && terminal < 0; fd++)
        if (tcgetattr(fd, &saved) == 0)
            terminal = fd;
}

static bool is_same(const struct termios *one, const struct termios *other)
{
    return one->c_iflag == other->c_iflag && one->c_oflag == other->c_oflag && one->c_cflag == other->c_cflag &&
           one->c_lflag == other->c_lflag && memcmp(one->c_cc, other->c_cc, sizeof one->c_cc) == 0;
}

void terminal_restore(void)
{
    struct termios now;
    if (terminal < 0 || tcgetattr(terminal, &now) != 0 || is_same(&saved, &now))
        return;
    void (*before)(int) = signal(SIGTTOU, SIG_IGN); /* the signal would stop a background process here */
    tcsetattr(terminal, TCSANOW, &saved);
    signal(SIGTTOU, before);
}
