/* harness/base/terminal.h: a terminal is left as it was found.
 *
 * Promises: a program that this one runs may switch the echo off, or make the terminal raw; what terminal_save saw is
 * put back.
 */
#pragma once

/* Notes the state of the terminal, if one of the standard streams is a terminal. */
void terminal_save(void);

/* Puts that state back if it has changed. A process that the terminal has put into the background may call this, too.
 */
void terminal_restore(void);
