#include "harness/faults/refuse.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "harness/faults/stub.h"

/* What is refused: written by the scenario, read in the signal handler of whichever thread maps. */
static struct {
    _Atomic uint64_t seen, refused, first; /* `first` 0: nothing */
    _Atomic bool only;
} refusal;

static bool platform_lacks(const char *what)
{
    const char *lacks = getenv("ASSAY_PLATFORM_LACKS");
    return lacks != NULL && strstr(lacks, what) != NULL;
}

static void choose(uint64_t n, bool only)
{
    refusal.first = 0;
    refusal.seen = refusal.refused = 0;
    refusal.only = only;
    refusal.first = n;
}

void refuse_from(uint64_t n) { choose(n, false); }
void refuse_only(uint64_t n) { choose(n, true); }
uint64_t refuse_seen(void) { return refusal.seen; }
uint64_t refuse_refused(void) { return refusal.refused; }

#if REFUSE_STUB

/* A mapping call was made: is it one to refuse? */
static bool is_refused(void)
{
    uint64_t number = atomic_fetch_add(&refusal.seen, 1) + 1, first = refusal.first;
    bool refused = first != 0 && (refusal.only ? number == first : number >= first);
    if (refused)
        atomic_fetch_add(&refusal.refused, 1);
    return refused;
}

#if defined __x86_64__
#define FILTER_ARCH AUDIT_ARCH_X86_64
enum { MMAP_CALL = SYS_mmap };
#define REGISTER(context, name) ((context)->uc_mcontext.gregs[name])
#define ARGUMENT_REGISTERS REG_RDI, REG_RSI, REG_RDX, REG_R10, REG_R8, REG_R9
#define RESULT_REGISTER REG_RAX
#elif defined __i386__
#define FILTER_ARCH AUDIT_ARCH_I386
enum { MMAP_CALL = SYS_mmap2 };
#define REGISTER(context, name) ((context)->uc_mcontext.gregs[name])
#define ARGUMENT_REGISTERS REG_EBX, REG_ECX, REG_EDX, REG_ESI, REG_EDI, REG_EBP
#define RESULT_REGISTER REG_EAX
#elif defined __aarch64__
#define FILTER_ARCH AUDIT_ARCH_AARCH64
enum { MMAP_CALL = SYS_mmap };
#define REGISTER(context, name) ((context)->uc_mcontext.regs[name])
#define ARGUMENT_REGISTERS 0, 1, 2, 3, 4, 5
#define RESULT_REGISTER 0
#else
#define FILTER_ARCH AUDIT_ARCH_ARM
enum { MMAP_CALL = SYS_mmap2 };
#define REGISTER(context, name) ((&(context)->uc_mcontext.arm_r0)[name])
#define ARGUMENT_REGISTERS 0, 1, 2, 3, 4, 5
#define RESULT_REGISTER 0
#endif

/* Only requests for memory count: not files, not shrinking, not asking where the break is. */
static bool asks_for_memory(int number, const long *arguments)
{
    if (number == MMAP_CALL)
        return (arguments[3] & MAP_ANONYMOUS) != 0;
    if (number == SYS_mremap)
        return (unsigned long)arguments[2] > (unsigned long)arguments[1];
    return (unsigned long)arguments[0] > (unsigned long)refuse_stub(SYS_brk, 0, 0, 0, 0, 0, 0);
}

/* brk says no by answering where the break is. */
static long refusal_answer(int number) { return number == SYS_brk ? refuse_stub(SYS_brk, 0, 0, 0, 0, 0, 0) : -ENOMEM; }

static void on_mapping_call(int signal_number, siginfo_t *info, void *pointer)
{
    static const int registers[] = {ARGUMENT_REGISTERS};
    ucontext_t *context = pointer;
    long arguments[6];
    (void)signal_number;
    for (size_t i = 0; i < 6; i++)
        arguments[i] = (long)REGISTER(context, registers[i]);
    bool refused = asks_for_memory(info->si_syscall, arguments) && is_refused();
    long answer = refused ? refusal_answer(info->si_syscall)
                          : refuse_stub(info->si_syscall, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4],
                                        arguments[5]);
    REGISTER(context, RESULT_REGISTER) = answer;
}

/* Mapping calls from anywhere but the stub become SIGSYS; everything else passes. */
static bool install_filter(void)
{
    uint64_t pass = (uint64_t)(uintptr_t)refuse_stub_return;
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FILTER_ARCH, 0, 10),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MMAP_CALL, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mremap, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_brk, 0, 6),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, instruction_pointer)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)pass, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, instruction_pointer) + 4),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(pass >> 32), 2, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {.len = sizeof program / sizeof *program, .filter = program};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter) == 0;
}

enum refuse_means refuse_prepare(void)
{
    static enum refuse_means means;
    static bool prepared;
    if (prepared)
        return means;
    prepared = true;
    if (platform_lacks("seccomp"))
        return means;
    struct sigaction action = {.sa_sigaction = on_mapping_call, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigset_t unblocked;
    sigemptyset(&unblocked);
    sigaddset(&unblocked, SIGSYS);
    sigprocmask(SIG_UNBLOCK, &unblocked, NULL); /* a blocked SIGSYS would kill */
    if (sigaction(SIGSYS, &action, NULL) == 0 && install_filter())
        means = REFUSE_BY_SECCOMP;
    return means;
}

#else

enum refuse_means refuse_prepare(void) { return REFUSE_BY_NOTHING; }

#endif

/* Bytes of address space the process has; 0 when that cannot be read. */
static uint64_t address_space(void)
{
    unsigned long long pages = 0;
    char text[64] = "";
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL || fgets(text, sizeof text, file) == NULL || sscanf(text, "%llu", &pages) != 1)
        pages = 0;
    if (file != NULL)
        fclose(file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

bool refuse_limit_address_space(uint64_t bytes)
{
    struct rlimit limit;
    if (platform_lacks("rlimit-as") || getrlimit(RLIMIT_AS, &limit) != 0)
        return false;
    uint64_t now = bytes == UINT64_MAX ? 0 : address_space();
    if (bytes != UINT64_MAX && now == 0)
        return false;
    uint64_t wanted = bytes == UINT64_MAX ? (uint64_t)limit.rlim_max : now + bytes;
    limit.rlim_cur = wanted > (uint64_t)limit.rlim_max ? limit.rlim_max : (rlim_t)wanted;
    return setrlimit(RLIMIT_AS, &limit) == 0;
}
