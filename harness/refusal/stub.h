/* harness/refusal/stub.h: a system call made from one known place (internal to harness/refusal).
 *
 * Promises: refuse_stub(number, six arguments) returns what the kernel answered (-errno on failure). The kernel sees
 * the call come from the address refuse_stub_return, which a seccomp filter lets pass. On architectures without a stub
 * REFUSE_STUB is 0.
 */
#pragma once

#if defined __x86_64__ || defined __i386__ || defined __aarch64__ || defined __arm__ || \
    (defined __riscv && __riscv_xlen == 64)
#define REFUSE_STUB 1
#else
#define REFUSE_STUB 0
#endif

long refuse_stub(long number, long a, long b, long c, long d, long e, long f);
extern const char refuse_stub_return[];
