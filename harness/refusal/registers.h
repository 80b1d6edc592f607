/* harness/refusal/registers.h: where a stopped system call keeps its arguments and takes its answer (internal to
 * faults).
 *
 * Promises: REGISTER(context, name) is an lvalue of the stopped thread's register; ARGUMENT_REGISTERS and
 * RESULT_REGISTER name them; FILTER_ARCH and MMAP_CALL are what seccomp calls the platform and its mmap. Included only
 * where REFUSE_STUB.
 */
#pragma once

#include <linux/audit.h>
#include <sys/syscall.h>
#include <ucontext.h>

#if defined __x86_64__
#define FILTER_ARCH AUDIT_ARCH_X86_64
#define MMAP_CALL SYS_mmap
#define REGISTER(context, name) ((context)->uc_mcontext.gregs[name])
#define ARGUMENT_REGISTERS REG_RDI, REG_RSI, REG_RDX, REG_R10, REG_R8, REG_R9
#define RESULT_REGISTER REG_RAX
#elif defined __i386__
#define FILTER_ARCH AUDIT_ARCH_I386
#define MMAP_CALL SYS_mmap2
#define REGISTER(context, name) ((context)->uc_mcontext.gregs[name])
#define ARGUMENT_REGISTERS REG_EBX, REG_ECX, REG_EDX, REG_ESI, REG_EDI, REG_EBP
#define RESULT_REGISTER REG_EAX
#elif defined __aarch64__
#define FILTER_ARCH AUDIT_ARCH_AARCH64
#define MMAP_CALL SYS_mmap
#define REGISTER(context, name) ((context)->uc_mcontext.regs[name])
#define ARGUMENT_REGISTERS 0, 1, 2, 3, 4, 5
#define RESULT_REGISTER 0
#elif defined __riscv && __riscv_xlen == 64
#ifndef AUDIT_ARCH_RISCV64
#define AUDIT_ARCH_RISCV64 (243 | __AUDIT_ARCH_64BIT | __AUDIT_ARCH_LE)
#endif
#define FILTER_ARCH AUDIT_ARCH_RISCV64
#define MMAP_CALL SYS_mmap
#define REGISTER(context, name) ((context)->uc_mcontext.__gregs[name])
#define ARGUMENT_REGISTERS 10, 11, 12, 13, 14, 15 /* a0 ... a5 */
#define RESULT_REGISTER 10
#elif defined __arm__
#define FILTER_ARCH AUDIT_ARCH_ARM
#define MMAP_CALL SYS_mmap2
#define REGISTER(context, name) ((&(context)->uc_mcontext.arm_r0)[name])
#define ARGUMENT_REGISTERS 0, 1, 2, 3, 4, 5
#define RESULT_REGISTER 0
#endif
