/* conformance/judging/interrupt.h: a run that is interrupted ends at once, and still says what it knows.
 *
 * Promises: after interrupt_catch the signals of a terminal and of a service manager (INT, TERM, HUP; not one that
 * was ignored when the program was started, as under nohup; a soak takes INT all the same) end every candidate within
 * a second instead of the program, and judge_candidate comes back with what is known by then. The caller writes it
 * and leaves by interrupt_leave, so that a shell sees the usual end by a signal.
 */
#pragma once

#include <stdbool.h>

/* `softly`: at the first signal scenarios that run come to their end, and no other is begun; at the second all ends
 * at once. Otherwise the second signal ends the program as it would any other. */
void interrupt_catch(bool softly);

/* The signal that came; 0: none. */
int interrupt_signal(void);

/* Restores the terminal and ends the process by the signal that came. Comes back when none came. */
void interrupt_leave(void);
