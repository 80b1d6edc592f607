/* The kernel reports every mapping call by SIGSYS; the handler refuses it, or makes it from the one place the filter
 * lets pass. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/platform.h"
#include "harness/refusal/count.h"
#include "harness/refusal/keep.h"
#include "harness/refusal/stub.h"

#if REFUSE_STUB

#include "harness/refusal/registers.h"

enum { SIGSET_BYTES = 8 }; /* the kernel's sigset_t */

static long make_call(long number, const long *arguments)
{
    return refuse_stub(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
}

static unsigned long current_break(void) { return (unsigned long)refuse_stub(SYS_brk, 0, 0, 0, 0, 0, 0); }

static bool asks_for_memory(long number, const long *arguments)
{
    if (number == platform_here()->filter_mmap)
        return (arguments[3] & MAP_ANONYMOUS) != 0;
    if (number == SYS_mremap)
        return (unsigned long)arguments[2] > (unsigned long)arguments[1];
    if (number == SYS_mprotect)
        return (arguments[2] & PROT_WRITE) != 0;
    return number == SYS_brk && (unsigned long)arguments[0] > current_break();
}

static bool has_failed(long number, const long *arguments, long answer)
{
    return number == SYS_brk ? answer != arguments[0] : (unsigned long)answer > -4096ul;
}

static long mapping_call(long number, const long *arguments)
{
    bool asks = asks_for_memory(number, arguments);
    int error = 0;
    if (keep_refuses(number, arguments, &error))
        return -error;
    if (asks && count_is_refused())
        return number == SYS_brk ? (long)current_break() : -ENOMEM; /* brk says no by saying where the break is */
    long answer = make_call(number, arguments);
    if (asks && has_failed(number, arguments, answer))
        count_failed();
    return answer;
}

/* A thread that blocks SIGSYS would die at its next mapping call: the signal stays out of every mask. The mask of the
 * interrupted code is what the handler returns to, so it is changed there. */
static long mask_call(ucontext_t *context, const long *arguments)
{
    uint64_t mask, set;
    memcpy(&mask, &context->uc_sigmask, sizeof mask);
    if (arguments[2] != 0)
        memcpy((void *)arguments[2], &mask, sizeof mask);
    if (arguments[1] == 0)
        return 0;
    memcpy(&set, (const void *)arguments[1], sizeof set);
    if (arguments[0] != SIG_BLOCK && arguments[0] != SIG_UNBLOCK && arguments[0] != SIG_SETMASK)
        return -EINVAL;
    mask = arguments[0] == SIG_BLOCK ? mask | set : arguments[0] == SIG_UNBLOCK ? mask & ~set : set;
    mask &= ~(UINT64_C(1) << (SIGSYS - 1));
    memcpy(&context->uc_sigmask, &mask, sizeof mask);
    return 0;
}

static void on_call(int signal_number, siginfo_t *info, void *pointer)
{
    static const int registers[] = {ARGUMENT_REGISTERS};
    ucontext_t *context = pointer;
    long arguments[6], number = info->si_syscall;
    (void)signal_number;
    for (size_t i = 0; i < 6; i++)
        arguments[i] = (long)REGISTER(context, registers[i]);
    long answer = number == SYS_rt_sigaction     ? 0 /* for SIGSYS: the handler stays this one */
                  : number == SYS_rt_sigprocmask ? mask_call(context, arguments)
                                                 : mapping_call(number, arguments);
    REGISTER(context, RESULT_REGISTER) = answer;
}

/* All other calls pass. These pass only when the stub makes them. */
static bool install_filter(void)
{
#define LOAD(field, plus) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field) + (plus))
#define UNLESS(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), 0, skip)
#define WHEN(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), skip, 0)
    uint64_t stub = (uint64_t)(uintptr_t)refuse_stub_return;
    struct sock_filter program[] = {
        LOAD(arch, 0),
        UNLESS(platform_here()->filter_arch, 13),
        LOAD(instruction_pointer, 0),
        UNLESS(stub, 2),
        LOAD(instruction_pointer, 4),
        WHEN(stub >> 32, 9),
        LOAD(nr, 0),
        WHEN(platform_here()->filter_mmap, 8),
        WHEN(SYS_mremap, 7),
        WHEN(SYS_mprotect, 6),
        WHEN(SYS_brk, 5),
        WHEN(SYS_rt_sigprocmask, 4),
        UNLESS(SYS_rt_sigaction, 2),
        LOAD(args[0], 0),
        WHEN(SIGSYS, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
    };
    struct sock_fprog filter = {.len = sizeof program / sizeof *program, .filter = program};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) == 0;
}

static bool install(void)
{
    struct sigaction action = {.sa_sigaction = on_call, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGSYS);
    return sigprocmask(SIG_UNBLOCK, &blocked, NULL) == 0 && sigaction(SIGSYS, &action, NULL) == 0 && install_filter();
}

/* ---- does it work here? ---- */

enum { TRIAL = 1 << 16 };

static char *map_anonymous(void)
{
    int protection = PROT_READ | PROT_WRITE, flags = MAP_PRIVATE | MAP_ANONYMOUS;
    return (char *)syscall(platform_here()->filter_mmap, NULL, TRIAL, protection, flags, -1, 0);
}

static bool refuses_and_grants(void)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    refuse_only(1);
    errno = 0;
    if (map_anonymous() != MAP_FAILED || errno != ENOMEM || refuse_refused() != 1)
        return false;
    char *memory = map_anonymous();
    if (memory == MAP_FAILED || refuse_seen() != 2 || refuse_refused() != 1)
        return false;
    memory[TRIAL - 1] = 1;
    refuse_from(1);
    char *larger = (char *)syscall(SYS_mremap, memory, TRIAL, 2 * TRIAL, MREMAP_MAYMOVE);
    bool refused = larger == MAP_FAILED && (unsigned long)syscall(SYS_brk, current_break() + TRIAL) == current_break();
    return refused && memory[TRIAL - 1] == 1 && refuse_refused() == 2 && munmap(memory, TRIAL) == 0;
}

/* A filter cannot be taken back, so a copy of this process tries it first. A bare clone: no handlers of the candidate
 * run. */
static bool works_in_a_copy(void)
{
    static const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGABRT, SIGTRAP, SIGFPE};
    int status = 0;
    pid_t pid = (pid_t)syscall(SYS_clone, (unsigned long)SIGCHLD, 0ul, 0ul, 0ul, 0ul);
    if (pid == 0) {
        for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
            signal(fatal[i], SIG_DFL);
        _exit(install() && refuses_and_grants() ? 0 : 1);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool seccomp_install(void)
{
    bool works = works_in_a_copy() && install();
    refuse_from(0);
    return works;
}

/* A second filter: of two, the stricter one is obeyed. */
bool seccomp_watch_giving_back(void)
{
    static bool watches;
    uint64_t stub = (uint64_t)(uintptr_t)refuse_stub_return;
    struct sock_filter program[] = {
        LOAD(arch, 0),
        UNLESS(platform_here()->filter_arch, 7),
        LOAD(instruction_pointer, 0),
        UNLESS(stub, 2),
        LOAD(instruction_pointer, 4),
        WHEN(stub >> 32, 3),
        LOAD(nr, 0),
        WHEN(SYS_munmap, 2),
        WHEN(SYS_madvise, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
    };
    struct sock_fprog filter = {.len = sizeof program / sizeof *program, .filter = program};
    if (!watches)
        watches = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) == 0;
    return watches;
}

#else

bool seccomp_install(void) { return false; }
bool seccomp_watch_giving_back(void) { return false; }

#endif
