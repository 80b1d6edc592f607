/* harness/candidate/gate.h: the way in and out of a candidate, which notices what a call did to the machine.
 *
 * Promises:
 * - A call made through gate_enter's entry point finds, on return, every callee-saved register, the stack
 * pointer, the direction flag and the floating-point control words as the platform's calling convention wants
 * them, whatever the candidate did to them; what it lost is recorded for this thread (clause abi/registers).
 *   Checked on x86_64, i386 and 32-bit ARM; on other platforms the call is a plain one (gate_checks_registers
 * says so).
 * - At most GATE_WORDS arguments of one word each, on the stack or in registers.
 * - Allocates nothing, takes no lock, keeps its state in initial-exec thread-local storage.
 * - A C++ exception or a forced unwind (pthread_exit, pthread_cancel) that would leave the candidate is
 * stopped at the gate on the platforms above: the handler set by gate_on_escape is called instead (clause
 * abi/no-unwind). A longjmp past the gate cannot be seen: it touches no frame on its way. There is nowhere
 * for a candidate to longjmp to, though, but a frame of its own that is gone. Calls do not nest: a candidate
 * that calls back must not be answered by a call through the gate in the same thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { GATE_WORDS = 8 };

typedef void gate_function(void); /* of any type: cast to the callee's own before the call */

/* The address to call in place of `target`, with the same arguments, once, from this thread; then gate_leave.
 */
gate_function *gate_enter(gate_function *target);
void gate_leave(void);

bool gate_checks_registers(void);

/* What was lost since the last time this thread asked: bits to be named by gate_fault_name. 0 when nothing
 * was. */
unsigned gate_take_faults(void);

/* "rbx", "direction flag", "MXCSR" ... of one bit; NULL when it has no meaning here. */
const char *gate_fault_name(unsigned bit);

/* What that register held before and after the latest call that lost it. False where it is not known. */
bool gate_fault_values(unsigned bit, unsigned long long *expected, unsigned long long *seen);

/* `handler` is called, on the candidate's stack, when something is about to unwind out of it; `how` says
 * what, as "a C++ exception". It must not return. Without one the process aborts. */
void gate_on_escape(void (*handler)(const char *how));
