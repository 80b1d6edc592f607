/* reference_alloc_kernel.h: all that the reference allocator asks of the world outside it.
 *
 * Promises: memory is asked of libc's mapping functions (so that whoever interposes them sees every
 * request), errno is left as it was, and nothing else of libc is touched. Waiting and thread identity go
 * to the kernel directly, in a few instructions, for libc's functions for them either allocate or do not
 * exist.
 */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif

/* ---- memory ---- */

/* `bytes` of zeroed memory, at `hint` if that place is free; NULL when refused. */
static inline void *kernel_map(void *hint, size_t bytes)
{
    int saved = errno;
    void *memory = mmap(hint, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    errno = saved;
    return memory == MAP_FAILED ? NULL : memory;
}

static inline void kernel_unmap(void *memory, size_t bytes)
{
    int saved = errno;
    if (bytes > 0)
        munmap(memory, bytes);
    errno = saved;
}

/* Lengthens or shortens a mapping where it is. False: it is as before. */
static inline bool kernel_resize(void *memory, size_t old_bytes, size_t bytes)
{
    int saved = errno;
    bool done = mremap(memory, old_bytes, bytes, 0) != MAP_FAILED;
    errno = saved;
    return done;
}

/* Moves a mapping, pages and all, over another one. False: `memory` is as before; the other one is gone. */
static inline bool kernel_move(void *memory, size_t old_bytes, void *target, size_t bytes)
{
    int saved = errno;
    bool done = mremap(memory, old_bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, target) != MAP_FAILED;
    errno = saved;
    return done;
}

/* The child of a fork shall find zeros here (Linux 4.14). */
static inline void kernel_wipe_on_fork(void *memory, size_t bytes)
{
    int saved = errno;
    madvise(memory, bytes, MADV_WIPEONFORK);
    errno = saved;
}

/* ---- system calls without libc: the result, or -errno ---- */

#if defined __x86_64__
static inline long kernel_call(long number, long a, long b, long c, long d)
{
    register long r10 __asm__("r10") = d;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
                     : "rcx", "r11", "memory");
    return result;
}
#elif defined __i386__
static inline long kernel_call(long number, long a, long b, long c, long d)
{
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d) : "memory");
    return result;
}
#elif defined __aarch64__
static inline long kernel_call(long number, long a, long b, long c, long d)
{
    register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory", "cc");
    return x0;
}
#elif defined __arm__
static inline long kernel_call(long number, long a, long b, long c, long d)
{
    register long r0 __asm__("r0") = a, r1 __asm__("r1") = b, r2 __asm__("r2") = c, r3 __asm__("r3") = d;
    long frame; /* r7 holds the number, and is the frame pointer of Thumb code */
    __asm__ volatile("mov %1, r7\n\tmov r7, %2\n\tsvc 0\n\tmov r7, %1"
                     : "+r"(r0), "=&r"(frame)
                     : "r"(number), "r"(r1), "r"(r2), "r"(r3)
                     : "memory");
    return r0;
}
#elif defined __riscv
static inline long kernel_call(long number, long a, long b, long c, long d)
{
    register long a7 __asm__("a7") = number, a0 __asm__("a0") = a, a1 __asm__("a1") = b, a2 __asm__("a2") = c;
    register long a3 __asm__("a3") = d;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2), "r"(a3) : "memory");
    return a0;
}
#elif defined __powerpc__
static inline long kernel_call(long number, long a, long b, long c, long d)
{
    register long r0 __asm__("r0") = number, r3 __asm__("r3") = a, r4 __asm__("r4") = b, r5 __asm__("r5") = c;
    register long r6 __asm__("r6") = d;
    __asm__ volatile("sc\n\tbns+ 1f\n\tneg %1, %1\n1:"
                     : "+r"(r0), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6)
                     :
                     : "memory", "cr0", "ctr", "xer", "r7", "r8", "r9", "r10", "r11", "r12");
    return r3;
}
#elif defined __s390x__
static inline long kernel_call(long number, long a, long b, long c, long d)
{
    register long r1 __asm__("r1") = number, r2 __asm__("r2") = a, r3 __asm__("r3") = b, r4 __asm__("r4") = c;
    register long r5 __asm__("r5") = d;
    __asm__ volatile("svc 0" : "+r"(r2) : "r"(r1), "r"(r3), "r"(r4), "r"(r5) : "memory", "cc");
    return r2;
}
#else
#error "reference_alloc_kernel.h: how does this architecture make a system call? Add kernel_call for it."
#endif

#ifndef SYS_futex
#define SYS_futex SYS_futex_time64
#endif

enum { FUTEX_WAIT_PRIVATE_OP = 128, FUTEX_WAKE_PRIVATE_OP = 129 };

/* Sleeps while *word == value, or for less. */
static inline void kernel_wait(uint32_t *word, uint32_t value)
{
    kernel_call(SYS_futex, (long)word, FUTEX_WAIT_PRIVATE_OP, (long)value, 0);
}

static inline void kernel_wake_one(uint32_t *word)
{
    kernel_call(SYS_futex, (long)word, FUTEX_WAKE_PRIVATE_OP, 1, 0);
}

static inline void kernel_yield(void)
{
    kernel_call(SYS_sched_yield, 0, 0, 0, 0);
}

static inline long kernel_thread_id(void)
{
    return kernel_call(SYS_gettid, 0, 0, 0, 0);
}

/* False only when the kernel knows that no thread of this process has that id. */
static inline bool kernel_thread_exists(long thread)
{
    long process = kernel_call(SYS_getpid, 0, 0, 0, 0);
    return kernel_call(SYS_tgkill, process, thread, 0, 0) != -ESRCH;
}
