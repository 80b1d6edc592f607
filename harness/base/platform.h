/* harness/base/platform.h: what assay knows of each platform, and what this one cannot do where it runs.
 *
 * Promises: everything in C that differs between platforms stands in the one table of platform.c, and other modules ask
 * it. Three kinds of text are left outside, because only the preprocessor can choose between them: which registers the
 * gate looks at (candidate/gate_layout.h), which registers hold a system call's arguments (refusal/registers.h), and
 * the assembly of both (candidate/gate_*.S, refusal/stub.S). Tests hold them against the table.
 *
 * A port must have: Linux with /proc mounted; the GNU C library; libffi, libelf, jansson, inih and Check;
 * ELF libraries; pointers of 32 or 64 bits, in either byte order; atomic operations on 64 bits; a row in the table; a
 * row of the same name in runners/platforms/platforms.tsv (cross compiler, sysroot, emulator), and its compilers in
 * runners/setup/packages.tsv. The bundled allocator needs its system calls in reference_alloc/reference_alloc_kernel.h.
 *
 * A port may lack: the gate, and then abi/registers and abi/no-unwind are undecided, as nothing looks at them; the
 * filter of system calls, and then only calls of libc's functions can be refused memory. Whoever starts the program may
 * name what else does nothing there (platform_lacks).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct platform {
    const char *name;       /* in build directories, reports and published results; NULL: assay is not built for it */
    const char *in_binding; /* behind `on` in a binding file; NULL: no such word */
    const char *in_message; /* about a library's file; NULL: no file is known to be of it */
    unsigned machine;       /* e_machine of its ELF files; 0: it has none */
    int bits;               /* of its ELF files */
    bool checks_registers;  /* by the gate (candidate/gate.h), which stops what unwinds out of a candidate, too */
    uint32_t filter_arch;   /* what seccomp calls it (AUDIT_ARCH_...); 0: system calls are not filtered here */
    int filter_mmap;        /* the number of its system call for mmap, or mmap2 where there is no other; 0 likewise */
};

/* The row of the platform that this program was built for. Never NULL: a platform that the table does not know has a
 * row without names, and lacks what a port may lack. */
const struct platform *platform_here(void);

/* The i-th row, NULL past the last. */
const struct platform *platform_at(size_t index);

/* The platform that a library's file names in its header, for a message; "an unknown machine" where no row has it. */
const char *platform_of_file(unsigned machine, int bits);

/* platform_here()->name, and "unknown" where assay is not built for it. */
const char *platform_name(void);

/* Whoever started this program says what does nothing there: ASSAY_PLATFORM_LACKS, words separated by commas
 * (seccomp, rlimit-as, wipe-on-fork, threads: runners/PLATFORMS.md). */
bool platform_lacks(const char *what);

/* How many processors this process may run on; at least 1. */
int platform_processors(void);
