/* harness/refusal/registers.h: which registers hold the arguments of a stopped system call, and which takes its answer
 * (internal to harness/refusal).
 *
 * Promises: REGISTER(context, name) is an lvalue of the stopped thread's register. ARGUMENT_REGISTERS and
 * RESULT_REGISTER are names for it. To be included only where REFUSE_STUB is 1. What else differs between platforms is
 * in harness/base/platform.c.
 */
#pragma once

#include <ucontext.h>

#if defined __x86_64__
#define REGISTER(context, name) ((context)->uc_mcontext.gregs[name])
#define ARGUMENT_REGISTERS REG_RDI, REG_RSI, REG_RDX, REG_R10, REG_R8, REG_R9
#define RESULT_REGISTER REG_RAX
#elif defined __i386__
#define REGISTER(context, name) ((context)->uc_mcontext.gregs[name])
#define ARGUMENT_REGISTERS REG_EBX, REG_ECX, REG_EDX, REG_ESI, REG_EDI, REG_EBP
#define RESULT_REGISTER REG_EAX
#elif defined __aarch64__
#define REGISTER(context, name) ((context)->uc_mcontext.regs[name])
#define ARGUMENT_REGISTERS 0, 1, 2, 3, 4, 5
#define RESULT_REGISTER 0
#elif defined __riscv && __riscv_xlen == 64
#define REGISTER(context, name) ((context)->uc_mcontext.__gregs[name])
#define ARGUMENT_REGISTERS 10, 11, 12, 13, 14, 15 /* a0 ... a5 */
#define RESULT_REGISTER 10
#elif defined __arm__
#define REGISTER(context, name) ((&(context)->uc_mcontext.arm_r0)[name])
#define ARGUMENT_REGISTERS 0, 1, 2, 3, 4, 5
#define RESULT_REGISTER 0
#endif
