/* conformance/scenario/process.h: the state of a process that a library should leave alone, read without malloc.
 *
 * Promises: two states can be compared, and the first difference is described in words.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

enum { PROCESS_SIGNALS = 65, PROCESS_LIMITS = 16, PROCESS_DESCRIPTORS = 256 };

struct process {
    sigset_t mask;
    struct sigaction handlers[PROCESS_SIGNALS];
    bool open[PROCESS_DESCRIPTORS];
    struct rlimit limits[PROCESS_LIMITS];
    char directory[256];
    unsigned file_mode_mask;
    long output; /* bytes in the file that standard output and error go to; -1: unknown */
};

void process_read(struct process *process);

/* Describes the first difference in `text`. False: there is none. */
bool process_differs(const struct process *before, const struct process *after, char *text, size_t size);

/* The number of open descriptors. */
size_t process_descriptors(void);

/* A mapping of the process, from /proc/self/maps. */
struct mapping {
    uintptr_t first, end;
    bool readable, writable, executable;
};

/* Calls see(mapping, context) for each mapping until it answers false. False: the list cannot be read here. */
bool process_mappings(bool (*see)(const struct mapping *mapping, void *context), void *context);

/* Bytes of resident memory that the process shares with nobody; 0: unknown. */
uint64_t process_footprint(void);
