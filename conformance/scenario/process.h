/* conformance/scenario/process.h: what a process is, as far as a library should leave it alone; read without malloc.
 *
 * Promises: two states can be compared, and the first difference is said in words.
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
    long output; /* bytes in what standard output and error go to; -1: cannot be told */
};

void process_read(struct process *process);

/* What differs in `after`, into `text`; false: nothing does. */
bool process_differs(const struct process *before, const struct process *after, char *text, size_t size);

/* Open descriptors, all of them. */
size_t process_descriptors(void);

/* The mappings of the process, from /proc/self/maps by plain read. */
struct mapping {
    uintptr_t first, end;
    bool readable, writable, executable;
};

/* Calls see(mapping, context) for each until it answers false. False: the list cannot be read here. */
bool process_mappings(bool (*see)(const struct mapping *mapping, void *context), void *context);

/* Bytes of memory the process has written to and holds (resident, of its own); 0: cannot be told. */
uint64_t process_footprint(void);
