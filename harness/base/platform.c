#include "harness/base/platform.h"

#include <elf.h>
#include <linux/audit.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef AUDIT_ARCH_RISCV64
#define AUDIT_ARCH_RISCV64 (EM_RISCV | __AUDIT_ARCH_64BIT | __AUDIT_ARCH_LE)
#endif
#ifndef EM_LOONGARCH
#define EM_LOONGARCH 258
#endif

enum { NO_GATE, GATE };

enum {
    X86_64,
    I686,
    ARMHF,
    AARCH64,
    RISCV64,
    PPC64LE,
    S390X,
    MIPS,
    MIPS64,
    POWERPC,
    SPARC,
    SPARC64,
    RISCV32,
    LOONGARCH64,
    WASM32,
    UNKNOWN,
    ROWS
};

/* clang-format off */
static const struct platform platforms[ROWS] = {
    /*                name       in_binding     in_message     machine       bits gate    filter_arch        (mmap) */
    [X86_64] = {     "x86_64",  "x86_64",      "x86_64",      EM_X86_64,    64, GATE,    AUDIT_ARCH_X86_64,  9},
    [I686] = {       "i686",    "x86",         "i386",        EM_386,       32, GATE,    AUDIT_ARCH_I386,    192},
    [ARMHF] = {      "armhf",   "arm",         "ARM",         EM_ARM,       32, GATE,    AUDIT_ARCH_ARM,     192},
    [AARCH64] = {    "aarch64", "aarch64",     "aarch64",     EM_AARCH64,   64, NO_GATE, AUDIT_ARCH_AARCH64, 222},
    [RISCV64] = {    "riscv64", "riscv64",     "RISC-V",      EM_RISCV,     64, NO_GATE, AUDIT_ARCH_RISCV64, 222},
    [PPC64LE] = {    "ppc64le", "powerpc64",   "PowerPC 64",  EM_PPC64,     64, NO_GATE, 0,                  0},
    [S390X] = {      "s390x",   "s390x",       "s390",        EM_S390,      64, NO_GATE, 0,                  0},
    /* Bindings and messages may name these, too. */
    [MIPS] = {       NULL,      "mips",        "MIPS",        EM_MIPS,      32, NO_GATE, 0,                  0},
    [MIPS64] = {     NULL,      "mips64",      "MIPS",        EM_MIPS,      64, NO_GATE, 0,                  0},
    [POWERPC] = {    NULL,      "powerpc",     "PowerPC",     EM_PPC,       32, NO_GATE, 0,                  0},
    [SPARC] = {      NULL,      "sparc",       "SPARC",       EM_SPARC,     32, NO_GATE, 0,                  0},
    [SPARC64] = {    NULL,      "sparc64",     "SPARC 64",    EM_SPARCV9,   64, NO_GATE, 0,                  0},
    [RISCV32] = {    NULL,      "riscv32",     "RISC-V",      EM_RISCV,     32, NO_GATE, 0,                  0},
    [LOONGARCH64] = {NULL,      "loongarch64", "LoongArch",   EM_LOONGARCH, 64, NO_GATE, 0,                  0},
    [WASM32] = {     NULL,      "wasm32",      "WebAssembly", 0,            32, NO_GATE, 0,                  0},
    [UNKNOWN] = {    NULL,      NULL,          NULL,          0,            0,  NO_GATE, 0,                  0},
};
/* clang-format on */

/* The one place that asks the compiler what it builds for. */
#if defined __x86_64__ && !defined __ILP32__
enum { HERE = X86_64 };
#elif defined __i386__
enum { HERE = I686 };
#elif defined __aarch64__
enum { HERE = AARCH64 };
#elif defined __arm__
enum { HERE = ARMHF };
#elif defined __mips64
enum { HERE = MIPS64 };
#elif defined __mips__
enum { HERE = MIPS };
#elif defined __powerpc64__
enum { HERE = PPC64LE };
#elif defined __powerpc__
enum { HERE = POWERPC };
#elif defined __s390x__
enum { HERE = S390X };
#elif defined __sparc__ && defined __arch64__
enum { HERE = SPARC64 };
#elif defined __sparc__
enum { HERE = SPARC };
#elif defined __riscv && __riscv_xlen == 64
enum { HERE = RISCV64 };
#elif defined __riscv
enum { HERE = RISCV32 };
#elif defined __loongarch64
enum { HERE = LOONGARCH64 };
#else
enum { HERE = UNKNOWN };
#endif

const struct platform *platform_at(size_t index) { return index < UNKNOWN ? &platforms[index] : NULL; }

const struct platform *platform_here(void) { return &platforms[HERE]; }

/* Some machines have one number for both widths; where only one of them has a row, that one is named. */
const char *platform_of_file(unsigned machine, int bits)
{
    const char *name = "an unknown machine";
    for (size_t i = 0; machine != 0 && i < UNKNOWN; i++) {
        if (platforms[i].machine != machine)
            continue;
        name = platforms[i].in_message;
        if (platforms[i].bits == bits)
            break;
    }
    return name;
}

const char *platform_name(void)
{
    const char *name = platform_here()->name;
    return name == NULL ? "unknown" : name;
}

bool platform_lacks(const char *what)
{
    const char *lacks = getenv("ASSAY_PLATFORM_LACKS");
    return lacks != NULL && strstr(lacks, what) != NULL;
}

int platform_processors(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return CPU_COUNT(&set);
    long online = sysconf(_SC_NPROCESSORS_ONLN); /* there are more than a cpu_set_t has room for */
    return online < 1 ? 1 : (int)online;
}
