/* The supervisor's side: starts the child, watches it, ends it, and says how it ended. */
#include "harness/sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/base/clock.h"
#include "harness/base/prng.h"
#include "harness/base/utf8.h"
#include "harness/sandbox/channel.h"
#include "harness/sandbox/ending.h"
#include "harness/sandbox/keeper.h"
#include "harness/sandbox/settle.h"
#include "harness/sandbox/supervise.h"

extern char **environ;

#ifndef SYS_close_range
#define SYS_close_range 436 /* the same on every architecture */
#endif
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1u << 2)
#endif

enum { OUTPUT_SHOWN = 200, ARGUMENTS = 64, ENVIRONMENT = 512 };

static void *map_record(size_t size, int flags, int fd)
{
    void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);
    return map == MAP_FAILED ? NULL : map;
}

bool sandbox_create(struct sandbox *sandbox, uint64_t tape_capacity, struct error *error)
{
    *sandbox = (struct sandbox){.flight_fd = memfd_create("assay-flight", 0),
                                .output_fd = memfd_create("assay-output", MFD_CLOEXEC),
                                .tape_capacity = tape_capacity};
    size_t size = flight_size(tape_capacity);
    if (sandbox->flight_fd < 0 || sandbox->output_fd < 0 || ftruncate(sandbox->flight_fd, (off_t)size) != 0)
        return error_set(error, "no memory file for the flight record: %s", strerror(errno));
    sandbox->shared = map_record(size, MAP_SHARED, sandbox->flight_fd);
    sandbox->flight = map_record(size, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
    if (sandbox->shared == NULL || sandbox->flight == NULL)
        return error_set(error, "the flight record of %zu bytes cannot be mapped: %s", size, strerror(errno));
    sandbox->ending = mmap(NULL, sizeof *sandbox->ending, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (sandbox->ending == MAP_FAILED)
        return error_set(error, "no memory to share with a keeper: %s", strerror(errno));
    sandbox->flight->tape_capacity = tape_capacity;
    return true;
}

void sandbox_destroy(struct sandbox *sandbox)
{
    if (sandbox->flight != NULL)
        munmap(sandbox->flight, flight_size(sandbox->tape_capacity));
    if (sandbox->shared != NULL)
        munmap(sandbox->shared, flight_size(sandbox->tape_capacity));
    if (sandbox->ending != NULL && sandbox->ending != MAP_FAILED)
        munmap(sandbox->ending, sizeof *sandbox->ending);
    close(sandbox->flight_fd);
    close(sandbox->output_fd);
    *sandbox = (struct sandbox){0};
}

void sandbox_reset(struct sandbox *sandbox)
{
    size_t size = flight_size(sandbox->tape_capacity);
    /* Truncating gives the pages back: a tape that was once long costs nothing later. */
    if (ftruncate(sandbox->flight_fd, 0) != 0 || ftruncate(sandbox->flight_fd, (off_t)size) != 0)
        memset(sandbox->shared, 0, size);
    if (madvise(sandbox->flight, size, MADV_DONTNEED) != 0)
        memset(sandbox->flight, 0, size);
    if (ftruncate(sandbox->output_fd, 0) == 0)
        lseek(sandbox->output_fd, 0, SEEK_SET);
    sandbox->flight->tape_capacity = sandbox->tape_capacity;
}

/* ---- starting ---- */

/* Fills argv of the child: the words of ASSAY_EXEC_PREFIX, this program, the verb, the descriptor. */
static void child_arguments(char **arguments, char *prefix, char *self, char *fd_text)
{
    int count = 0;
    for (char *word = strtok(prefix, " "); word != NULL && count < ARGUMENTS - 4; word = strtok(NULL, " "))
        arguments[count++] = word;
    arguments[count++] = self;
    arguments[count++] = SANDBOX_VERB;
    arguments[count++] = fd_text;
    arguments[count] = NULL;
}

struct child_variables {
    char preload[8400], tunables[4400];
    char *list[ENVIRONMENT];
    int count;
};

/* Adds "NAME=MORE", or "NAME=BEFORE:MORE" where the caller has set NAME. Where two values contradict, the last one
 * counts. */
static void add_to(struct child_variables *variables, char *text, size_t size, const char *name, const char *more)
{
    const char *before = getenv(name);
    bool some = before != NULL && before[0] != '\0';
    int length = snprintf(text, size, "%s=%s%s%s", name, some ? before : "", some ? ":" : "", more);
    if (length < 0 || (size_t)length >= size) /* a list that is cut would name other files: leave the caller's out */
        snprintf(text, size, "%s=%s", name, more);
    variables->list[variables->count++] = text;
}

/* Is `variable` ("NAME=VALUE") among the first `count` of the list? */
static bool is_set(const struct child_variables *variables, int count, const char *variable)
{
    size_t length = strcspn(variable, "=") + 1;
    for (int i = 0; i < count; i++)
        if (strncmp(variables->list[i], variable, length) == 0)
            return true;
    return false;
}

/* Writes how LD_PRELOAD names the file. A name without a slash would be looked for in the library path. Spaces and
 * colons separate names there, so a file whose name has some is named by a descriptor, which the child inherits.
 * Returns that descriptor, for the caller to close, or -1. */
static int preload_name(const char *file, char *text, size_t size)
{
    int fd = strpbrk(file, " :") != NULL ? open(file, O_RDONLY) : -1;
    if (fd >= 0)
        snprintf(text, size, "/proc/self/fd/%d", fd);
    else
        snprintf(text, size, "%s%s", strchr(file, '/') == NULL ? "./" : "", file);
    return fd;
}

/* The environment as it is, with the candidate added to what is preloaded, and more static TLS where asked for. The
 * candidate comes after the caller's libraries, because AddressSanitizer's runtime has to be the first. Returns what
 * preload_name returned. */
static int child_environment(const struct sandbox *sandbox, struct child_variables *variables)
{
    char more[4200];
    int fd = sandbox->preload ? preload_name(sandbox->flight->candidate, more, sizeof more) : -1;
    variables->count = 0;
    if (sandbox->preload)
        add_to(variables, variables->preload, sizeof variables->preload, "LD_PRELOAD", more);
    snprintf(more, sizeof more, "glibc.rtld.optional_static_tls=%llu", (unsigned long long)sandbox->static_tls);
    if (sandbox->static_tls > 0)
        add_to(variables, variables->tunables, sizeof variables->tunables, "GLIBC_TUNABLES", more);
    int added = variables->count;
    for (char **variable = environ; *variable != NULL && variables->count < ENVIRONMENT - 1; variable++)
        if (!is_set(variables, added, *variable))
            variables->list[variables->count++] = *variable;
    variables->list[variables->count] = NULL;
    return fd;
}

/* Nothing of this process reaches the child: no open file, no right to trace its parents, no signal's disposition. */
static void keep_apart(int flight_fd, int preloaded_fd)
{
    enum { FDS_LOOKED_AT = 4096 };
    if (syscall(SYS_close_range, 3, ~0u, CLOSE_RANGE_CLOEXEC) != 0)
        for (int fd = 3; fd < FDS_LOOKED_AT; fd++)
            fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(flight_fd, F_SETFD, 0);
    fcntl(preloaded_fd, F_SETFD, 0); /* -1: there is none */
    prctl(PR_CAPBSET_DROP, CAP_SYS_PTRACE);
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
}

static void limit_child(void)
{
    prctl(PR_SET_DUMPABLE, 1); /* else its files in /proc are root's */
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd >= 0 && write(fd, "1000", 4) != 4)
        errno = 0; /* if this fails, the kernel may choose another victim, and that is all */
    close(fd);
}

/* Some containers refuse this: sandbox.h says what that means. */
static void fix_addresses(void)
{
    int now = personality(0xffffffff);
    if (now != -1)
        personality((unsigned long)now | ADDR_NO_RANDOMIZE);
}

/* In the fork, before the program is executed anew. Does only what is safe there. */
static void become_child(const struct sandbox *sandbox, int channel_end, char **arguments, char **variables,
                         int preloaded_fd)
{
    setsid();
    limit_child();
    fix_addresses();
    keep_apart(sandbox->flight_fd, preloaded_fd);
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    dup2(nothing, 0);
    dup2(sandbox->output_fd, 1);
    dup2(sandbox->output_fd, 2);
    atomic_store(&sandbox->shared->pid, (int32_t)getpid());
    sandbox->shared->channel_fd = channel_hand_over(channel_end);
    execvpe(arguments[0], arguments, variables);
    snprintf(sandbox->shared->setup_error, sizeof sandbox->shared->setup_error, "cannot start %s: %s", arguments[0],
             strerror(errno));
    _exit(126);
}

static pid_t start(const struct sandbox *sandbox, int channel_end)
{
    static char self[4096], prefix[4096], fd_text[16];
    static struct child_variables variables;
    char *arguments[ARGUMENTS];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    self[length > 0 ? length : 0] = '\0';
    const char *words = getenv("ASSAY_EXEC_PREFIX");
    snprintf(prefix, sizeof prefix, "%s", words == NULL ? "" : words);
    snprintf(fd_text, sizeof fd_text, "%d", sandbox->flight_fd);
    child_arguments(arguments, prefix, self, fd_text);
    int preloaded = child_environment(sandbox, &variables);
    pid_t pid = fork();
    if (pid == 0)
        become_child(sandbox, channel_end, arguments, variables.list, preloaded);
    if (preloaded >= 0)
        close(preloaded);
    return pid;
}

/* ---- what it printed ---- */

/* Takes the last line off `text`; "" when there is none left. */
static const char *take_last_line(char *text)
{
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == '\n')
        text[--length] = '\0';
    char *end = strrchr(text, '\n');
    if (end == NULL)
        return text;
    *end = '\0';
    return end + 1;
}

/* An emulator prints this line at every crash: it is not the candidate's. */
static bool is_emulators(const char *line)
{
    return getenv("ASSAY_EXEC_PREFIX") != NULL && strncmp(line, "qemu: uncaught target signal", 28) == 0;
}

/* Skips the "==PID==" with which a sanitizer begins its lines, because the number differs each time. */
static const char *without_process(const char *line)
{
    size_t digits = strncmp(line, "==", 2) == 0 ? strspn(line + 2, "0123456789") : 0;
    return digits > 0 && strncmp(line + 2 + digits, "==", 2) == 0 ? line + digits + 4 : line;
}

/* The last line the child printed, for the evidence. */
static void last_output(const struct sandbox *sandbox, char *text, size_t size)
{
    off_t end = lseek(sandbox->output_fd, 0, SEEK_END), from = end > (off_t)size - 1 ? end - (off_t)size + 1 : 0;
    ssize_t length = pread(sandbox->output_fd, text, size - 1, from);
    text[length > 0 ? length : 0] = '\0';
    const char *line = take_last_line(text);
    while (is_emulators(line) && line != text)
        line = take_last_line(text);
    line = is_emulators(line) ? "" : without_process(line);
    memmove(text, line, strlen(line) + 1);
    size_t used = strlen(text);
    if (sandbox->ending->was_flooded)
        snprintf(text + used, size - used, " (the last of too much to keep)");
    utf8_clean_here(text, false);
}

/* Copies what is asked to the child's record. */
static void hand_over(const struct sandbox *sandbox)
{
    struct flight *own = sandbox->flight, *shared = sandbox->shared;
    memcpy(shared->asked, own->asked, sizeof shared->asked);
    flight_blame_none(shared);
    memcpy(flight_input(shared), flight_input(own), (size_t)own->input_length * sizeof(struct event));
}

void sandbox_run(struct sandbox *sandbox)
{
    static uint64_t runs;
    struct flight *flight = sandbox->flight;
    struct ending *ending = sandbox->ending;
    double started = clock_now_s();
    char output[OUTPUT_SHOWN];
    flight->nonce = prng_mix((uint64_t)getpid() * 1000003 + ++runs) | 1;
    flight->memory_limit = supervise_memory_limit();
    hand_over(sandbox);
    keeper_run(sandbox, start);
    enum record record = settle(sandbox, &ending->heard);
    flight->duration_s = clock_now_s() - started;
    last_output(sandbox, output, sizeof output);
    classify(flight, ending->status, ending->is_told ? ending->end : END_UNWATCHED, ending->hung_slot, ending->why,
             output);
    settle_outcome(flight, record);
}
