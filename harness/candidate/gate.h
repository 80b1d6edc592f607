/* harness/candidate/gate.h: the way in and out of a candidate, which notices what a call did to the machine's state.
 *
 * Promises:
 * - After a call through gate_enter's entry point, every callee-saved register, the stack pointer, the direction flag
 *   and the floating-point control words are as the platform's calling convention wants them, whatever the candidate
 *   did to them. What the candidate lost is recorded for this thread (clause abi/registers). The table of platforms
 *   (base/platform.h) says where this is checked; elsewhere the call is a plain one, and gate_checks_registers says so.
 * - At most GATE_WORDS arguments are passed, of one word each, on the stack or in registers.
 * - Allocates nothing, takes no lock, and keeps its state in initial-exec thread-local storage.
 * - Where registers are checked, a C++ exception or a forced unwind (pthread_exit, pthread_cancel) that would leave the
 *   candidate is stopped at the gate: the handler that gate_on_escape has set is called instead (clause abi/no-unwind).
 *   A longjmp past the gate cannot be seen, because it touches no frame on its way. But a candidate can only longjmp to
 *   a frame of its own, and that frame is gone.
 * - Calls do not nest: a candidate that calls back must not be answered by a call through the gate in the same thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { GATE_WORDS = 8 };

typedef void gate_function(void); /* of any type: cast to the callee's own before the call */

/* The address to call in place of `target`, with the same arguments, once, from this thread. After the call comes
 * gate_leave. */
gate_function *gate_enter(gate_function *target);
void gate_leave(void);

bool gate_checks_registers(void);

/* What was lost since this thread last asked, as bits that gate_fault_name names. 0 when nothing was. */
unsigned gate_take_faults(void);

/* The name of one bit, such as "rbx", "direction flag" or "MXCSR"; NULL when it has no meaning here. */
const char *gate_fault_name(unsigned bit);

/* What that register held before and after the latest call that lost it. False where it is not known. */
bool gate_fault_values(unsigned bit, unsigned long long *expected, unsigned long long *seen);

/* `handler` is called, on the candidate's stack, when something is about to unwind out of the candidate. `how` says
 * what it is, such as "a C++ exception". The handler must not return. Without a handler the process aborts. */
void gate_on_escape(void (*handler)(const char *how));
