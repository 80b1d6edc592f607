/* Tries and prints what the platform lacks, in the words of runners/platforms. */
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MIB = 1 << 20 };

static void *map(size_t size) { return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }

static int lacks_seccomp(void)
{
    struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {1, &allow};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0;
}

static int lacks_rlimit_as(void)
{
    struct rlimit limit = {64 * MIB, 64 * MIB};
    setrlimit(RLIMIT_AS, &limit);
    return map(256 * MIB) != MAP_FAILED;
}

static int lacks_wipe_on_fork(void)
{
    char *page = map(MIB);
    *page = 1;
    madvise(page, MIB, MADV_WIPEONFORK);
    pid_t child = fork();
    if (child == 0)
        _exit(*page);
    int status;
    return waitpid(child, &status, 0) != child || status != 0;
}

static __thread volatile int own;

static void *come_back(void *unused)
{
    own = 1;
    raise(SIGUSR1);
    return own == 1 ? unused : NULL;
}

static void ignore(int signal_number) { (void)signal_number; }

static void *wait_and_see(void *gate)
{
    pthread_barrier_wait(gate);
    return NULL;
}

/* A thread that a signal interrupts while another thread, started later, is alive. */
static void *interrupted(void *unused)
{
    pthread_barrier_t gate;
    pthread_t other;
    void *same = unused;
    pthread_barrier_init(&gate, NULL, 2);
    pthread_create(&other, NULL, wait_and_see, &gate);
    for (int i = 0; i < 100 && same != NULL; i++)
        same = come_back(unused);
    pthread_barrier_wait(&gate);
    pthread_join(other, NULL);
    return same;
}

static int lacks_threads(void)
{
    pthread_t thread;
    void *same = NULL;
    signal(SIGUSR1, ignore);
    pthread_create(&thread, NULL, interrupted, &thread);
    pthread_join(thread, &same);
    return same == NULL;
}

/* Each trial runs in a process of its own, because a limit that one sets would hinder the next. */
static void try(int (*lacks)(void), const char *name)
{
    pid_t child = fork();
    if (child == 0)
        _exit(lacks());
    int status;
    if (waitpid(child, &status, 0) != child || status != 0)
        printf("%s\n", name);
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    try(lacks_seccomp, "seccomp");
    try(lacks_rlimit_as, "rlimit-as");
    try(lacks_wipe_on_fork, "wipe-on-fork");
    try(lacks_threads, "threads");
}
