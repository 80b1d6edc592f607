#include "conformance/scenario/copy.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/sandbox/sandbox.h"

/* What a copy reports; only a copy that has come to its end reports anything. */
static struct answer {
    _Atomic bool ended;
    int value;
} * answer;

static void speak_for(struct flight *flight, pid_t pid)
{
    atomic_store(&flight->pid, (int32_t)pid);
    flight->slots[0].tid = (int32_t)pid;
}

static void be_copy(struct run *run, int (*part)(struct run *run, void *context), void *context)
{
    answer->value = part(run, context);
    heap_verify_all(&run->heap);
    if (!heap_is_whole(&run->heap))
        sandbox_written_over();
    answer->ended = true;
    _exit(0);
}

/* The original ends as the copy did: the supervisor finds the call in flight in the record. */
static void end_likewise(int status)
{
    if (!WIFSIGNALED(status))
        _exit(WEXITSTATUS(status));
    signal(WTERMSIG(status), SIG_DFL);
    kill(getpid(), WTERMSIG(status));
    _exit(128 + WTERMSIG(status));
}

static bool has_shared_answer(void)
{
    if (answer == NULL) {
        void *shared = mmap(NULL, sizeof *answer, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        answer = shared == MAP_FAILED ? NULL : shared;
    }
    return answer != NULL;
}

static void harness_failure(const char *what)
{
    fprintf(stderr, "assay: %s\n", what);
    _exit(3); /* outside any call: the supervisor reads it as the harness's failure */
}

/* Forks: 0 in the copy. In the original the copy has come to its end. */
static pid_t in_a_copy(struct run *run)
{
    struct flight *flight = run->flight;
    uint32_t findings = flight->finding_count;
    int status = 0;
    if (!has_shared_answer())
        harness_failure("no memory in which a copy can leave its answer");
    answer->ended = false;
    prng_next(&run->prng); /* each copy has its own random numbers */
    atomic_store(&flight->tape_length, 0);
    pid_t original = getpid(), pid = fork();
    if (pid == 0) {
        speak_for(flight, getpid());
        return pid;
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        harness_failure("the process cannot be copied");
    if (!answer->ended || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        end_likewise(status);
    atomic_store(&flight->slots[0].is_ending, 0);
    speak_for(flight, original);
    if (flight->finding_count != findings)
        taint(&run->heap);
    return pid;
}

int copy_run(struct run *run, int (*part)(struct run *run, void *context), void *context)
{
    if (in_a_copy(run) == 0)
        be_copy(run, part, context);
    return answer->value;
}

/* ---- a copy that ends by exit() ---- */

static struct {
    struct run *run; /* NULL: this process is no such copy */
    void (*last)(struct run *run, void *context);
    void *context;
} leaving;

/* Destructors of the program itself run behind every exit handler. */
static void __attribute__((destructor)) end_at_last(void)
{
    if (leaving.run == NULL)
        return;
    leaving.last(leaving.run, leaving.context);
    if (!heap_is_whole(&leaving.run->heap))
        sandbox_written_over();
    answer->ended = true;
}

void copy_exit(struct run *run, void (*part)(struct run *run, void *context),
               void (*last)(struct run *run, void *context), void *context)
{
    if (in_a_copy(run) != 0)
        return;
    part(run, context);
    leaving.last = last;
    leaving.context = context;
    leaving.run = run;
    atomic_store(&run->flight->slots[0].is_ending, 1);
    exit(0);
}
