#include "harness/sandbox/descend.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/clock.h"

enum {
    ROUNDS_TO_STOP = 50, /* each round finds what was started before its parent was stopped */
    MOST_SPARED = 64,
};

/* Children that this process had before. */
static pid_t spared[MOST_SPARED], adopter;
static size_t spared_count;

struct process {
    pid_t pid, parent, group;
    bool is_below;
};

struct processes {
    struct process *all;
    size_t count, room, below;
};

static bool read_process(const char *pid, struct process *process)
{
    char path[64], text[512];
    int parent = 0, group = 0;
    snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = '\0';
    const char *after_name = strrchr(text, ')');
    if (after_name == NULL || sscanf(after_name + 1, " %*c %d %d", &parent, &group) != 2)
        return false;
    *process = (struct process){.pid = atoi(pid), .parent = parent, .group = group};
    return true;
}

static bool add(struct processes *processes, struct process process)
{
    if (processes->count == processes->room) {
        size_t room = processes->room == 0 ? 256 : 2 * processes->room;
        struct process *grown = realloc(processes->all, room * sizeof *grown);
        if (grown == NULL)
            return false;
        processes->all = grown;
        processes->room = room;
    }
    processes->all[processes->count++] = process;
    return true;
}

static bool is_spared(pid_t pid)
{
    for (size_t i = 0; i < spared_count; i++)
        if (spared[i] == pid)
            return true;
    return false;
}

/* The process is gone, and from here on its number may belong to another. */
static void forget_spared(pid_t pid)
{
    for (size_t i = 0; i < spared_count; i++)
        if (spared[i] == pid)
            spared[i] = spared[--spared_count];
}

static bool is_listed(const struct processes *processes, pid_t pid)
{
    for (size_t i = 0; i < processes->count; i++)
        if (processes->all[i].pid == pid)
            return processes->all[i].is_below;
    return false;
}

/* Marks the processes whose parent is this process, or a marked one. The list is in no order, so it is gone through
 * again as long as a process was marked. */
static void mark_below(struct processes *processes)
{
    pid_t self = getpid();
    for (size_t before = SIZE_MAX; before != processes->below;) {
        before = processes->below;
        for (size_t i = 0; i < processes->count; i++) {
            struct process *one = &processes->all[i];
            if (one->is_below || is_spared(one->pid) || (one->parent != self && !is_listed(processes, one->parent)))
                continue;
            one->is_below = true;
            processes->below++;
        }
    }
}

/* The caller frees `all`. */
static struct processes list(void)
{
    struct processes processes = {0};
    struct process one;
    DIR *directory = opendir("/proc");
    for (struct dirent *entry; directory != NULL && (entry = readdir(directory)) != NULL;)
        if (isdigit((unsigned char)entry->d_name[0]) && read_process(entry->d_name, &one) && !add(&processes, one))
            break;
    if (directory != NULL)
        closedir(directory);
    mark_below(&processes);
    return processes;
}

static bool has_children(void)
{
    siginfo_t info;
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0 || errno != ECHILD;
}

void descendants_adopt(void)
{
    if (adopter == getpid())
        return;
    adopter = getpid();
    spared_count = 0;
    struct processes processes = has_children() ? list() : (struct processes){0};
    for (size_t i = 0; i < processes.count && spared_count < MOST_SPARED; i++)
        if (processes.all[i].parent == adopter)
            spared[spared_count++] = processes.all[i].pid;
    free(processes.all);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
}

size_t descendants_count(void)
{
    struct processes processes = list();
    free(processes.all);
    return processes.below;
}

/* Returns true when there is no child left. */
static bool reap(void)
{
    pid_t reaped;
    while ((reaped = waitpid(-1, NULL, WNOHANG | __WALL)) > 0 || (reaped < 0 && errno == EINTR))
        forget_spared(reaped);
    return reaped < 0 || (spared_count > 0 && descendants_count() == 0);
}

/* Goes on until a round finds as many as the one before. All of them are stopped then, so that nobody forks, and no
 * number is given to another process. */
static void stop_all(void)
{
    size_t before = 0;
    for (int round = 0; round < ROUNDS_TO_STOP; round++) {
        struct processes processes = list();
        for (size_t i = 0; i < processes.count; i++)
            if (processes.all[i].is_below)
                kill(processes.all[i].pid, SIGSTOP);
        free(processes.all);
        if (processes.below == before)
            break;
        before = processes.below;
    }
}

/* Kills whole groups, too: the kernel ends a group at once, so that a process which forks and leaves again and again
 * does not get away. */
static void kill_all(void)
{
    struct processes processes = list();
    for (size_t i = 0; i < processes.count; i++) {
        if (!processes.all[i].is_below)
            continue;
        if (processes.all[i].group > 1 && processes.all[i].group != getpgrp())
            kill(-processes.all[i].group, SIGKILL);
        kill(processes.all[i].pid, SIGKILL);
    }
    free(processes.all);
}

bool descendants_end(double seconds)
{
    double until = clock_now_s() + seconds;
    for (long pause_ns = 500000; !reap(); pause_ns = pause_ns < 8000000 ? pause_ns * 2 : pause_ns) {
        if (clock_now_s() > until)
            return false;
        stop_all();
        kill_all();
        nanosleep(&(struct timespec){0, pause_ns}, NULL);
    }
    return true;
}
