/* harness/base/terminal.h: a terminal is left as it was found.
 *
 * Promises: a program that this one runs may switch the echo off, or make the terminal raw; what terminal_save saw is
 * put back.
 */
#pragma once

/* Notes the state of the terminal that one of the standard streams is, if one is. */
void terminal_save(void);

/* Puts it back where it is another. May be called from a process that the terminal has put into the background. */
void terminal_restore(void);
