#include "conformance/scenario/process.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool is_open(int fd) { return fcntl(fd, F_GETFD) != -1; }

size_t process_descriptors(void)
{
    size_t count = 0;
    for (int fd = 0; fd < 4096; fd++)
        count += is_open(fd);
    return count;
}

static long output_length(void)
{
    struct stat file;
    return fstat(1, &file) == 0 && S_ISREG(file.st_mode) ? (long)file.st_size : -1;
}

void process_read(struct process *process)
{
    memset(process, 0, sizeof *process);
    sigprocmask(SIG_BLOCK, NULL, &process->mask);
    for (int number = 1; number < PROCESS_SIGNALS; number++)
        if (sigaction(number, NULL, &process->handlers[number]) != 0)
            memset(&process->handlers[number], 0, sizeof process->handlers[number]);
    for (int fd = 0; fd < PROCESS_DESCRIPTORS; fd++)
        process->open[fd] = is_open(fd);
    for (int limit = 0; limit < PROCESS_LIMITS; limit++)
        getrlimit(limit, &process->limits[limit]);
    if (syscall(SYS_getcwd, process->directory, sizeof process->directory) < 0)
        process->directory[0] = '\0';
    process->file_mode_mask = umask(077);
    umask(process->file_mode_mask);
    process->output = output_length();
}

static bool same_handler(const struct sigaction *a, const struct sigaction *b)
{
    return a->sa_handler == b->sa_handler && a->sa_flags == b->sa_flags;
}

static bool signals_differ(const struct process *before, const struct process *after, char *text, size_t size)
{
    for (int number = 1; number < PROCESS_SIGNALS; number++) {
        int was = sigismember(&before->mask, number), is = sigismember(&after->mask, number);
        if (was != is)
            return snprintf(text, size, "signal %d is %s", number, is ? "blocked now" : "not blocked any more") > 0;
        if (!same_handler(&before->handlers[number], &after->handlers[number]))
            return snprintf(text, size, "signal %d has another handler", number) > 0;
    }
    return false;
}

bool process_differs(const struct process *before, const struct process *after, char *text, size_t size)
{
    if (signals_differ(before, after, text, size))
        return true;
    for (int fd = 0; fd < PROCESS_DESCRIPTORS; fd++)
        if (before->open[fd] != after->open[fd])
            return snprintf(text, size, "descriptor %d has been %s", fd, after->open[fd] ? "opened" : "closed") > 0;
    for (int limit = 0; limit < PROCESS_LIMITS; limit++)
        if (before->limits[limit].rlim_cur != after->limits[limit].rlim_cur)
            return snprintf(text, size, "resource limit %d was %lld and is %lld", limit,
                            (long long)before->limits[limit].rlim_cur, (long long)after->limits[limit].rlim_cur) > 0;
    if (strcmp(before->directory, after->directory) != 0)
        return snprintf(text, size, "the working directory is %s now", after->directory) > 0;
    if (before->file_mode_mask != after->file_mode_mask)
        return snprintf(text, size, "umask was %03o and is %03o", before->file_mode_mask, after->file_mode_mask) > 0;
    if (before->output != after->output)
        return snprintf(text, size, "something was printed") > 0;
    return false;
}

/* ---- mappings ---- */

static bool parse(const char *line, struct mapping *mapping)
{
    unsigned long long first, end;
    char permissions[8];
    if (sscanf(line, "%llx-%llx %7s", &first, &end, permissions) != 3)
        return false;
    *mapping = (struct mapping){(uintptr_t)first, (uintptr_t)end, permissions[0] == 'r', permissions[1] == 'w',
                                permissions[2] == 'x'};
    return true;
}

bool process_mappings(bool (*see)(const struct mapping *mapping, void *context), void *context)
{
    char text[8192];
    size_t held = 0;
    bool goes_on = true;
    int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    for (ssize_t got; goes_on && (got = read(fd, text + held, sizeof text - 1 - held)) > 0;) {
        char *line = text, *end;
        held += (size_t)got;
        text[held] = '\0';
        for (; goes_on && (end = strchr(line, '\n')) != NULL; line = end + 1) {
            struct mapping mapping;
            *end = '\0';
            goes_on = !parse(line, &mapping) || see(&mapping, context);
        }
        held -= (size_t)(line - text);
        memmove(text, line, held);
    }
    close(fd);
    return true;
}

uint64_t process_footprint(void)
{
    char text[128];
    unsigned long long size, resident, shared;
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    text[length > 0 ? length : 0] = '\0';
    if (sscanf(text, "%llu %llu %llu", &size, &resident, &shared) != 3)
        return 0;
    return (resident - shared) * (uint64_t)sysconf(_SC_PAGESIZE);
}
