#include "harness/candidate/gate.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <unwind.h>

#include "harness/base/platform.h"
#include "harness/candidate/gate_layout.h"

typedef unsigned long long value; /* wide enough for every register looked at */

enum {
    FIRST_VFP = GATE_REGISTERS,
    DIRECTION_FLAG = GATE_REGISTERS + GATE_VFP,
    MXCSR,
    X87_CONTROL,
    X87_STACK,
    FPSCR,
    FAULTS,
};

static const char *const fault_names[FAULTS] = {
#if defined __x86_64__ && GATE_THUNK
    "rbx",
    "rbp",
    "r12",
    "r13",
    "r14",
    "r15",
    "rsp",
#elif defined __i386__
    "ebx",
    "ebp",
    "esi",
    "edi",
    "esp",
#elif GATE_THUNK
    "r4",
    "r5",
    "r6",
    "r7",
    "r8",
    "r9",
    "r10",
    "r11",
    "sp",
#if GATE_VFP
    "d8",
    "d9",
    "d10",
    "d11",
    "d12",
    "d13",
    "d14",
    "d15",
#endif
#endif
    [DIRECTION_FLAG] = "direction flag",
    [MXCSR] = "MXCSR",
    [X87_CONTROL] = "x87 control word",
    [X87_STACK] = "x87 register stack",
    [FPSCR] = "FPSCR",
};

struct gate_thread {
    gate_function *target;
    uintptr_t frame, stack, flags; /* written by the thunk */
    uintptr_t seen[GATE_REGISTERS + 1];
    unsigned long long seen_vfp[GATE_VFP + 1];
    unsigned mxcsr, x87_control, fpscr; /* before the call */
    unsigned faults;
    value expected_value[FAULTS], seen_value[FAULTS];
};

/* The thunks find it by this name. */
__attribute__((tls_model("initial-exec"), visibility("hidden"))) _Thread_local struct gate_thread gate_thread;

__attribute__((visibility("hidden"))) void gate_entry(void);

static void (*on_escape)(const char *how);

#if GATE_THUNK
static void note(unsigned fault, value expected, value seen)
{
    gate_thread.faults |= 1u << fault;
    gate_thread.expected_value[fault] = expected;
    gate_thread.seen_value[fault] = seen;
}
#endif

/* ---- control words ---- */

#if GATE_THUNK && (defined __x86_64__ || defined __i386__)

enum {
    MXCSR_CONTROL = 0xffc0, /* the low six bits are sticky flags, not control */
    X87_EMPTY_MASK = 0x4500,
    X87_EMPTY = 0x4100, /* fxam: C3 and C0 without C2 say "empty" */
    DIRECTION_BIT = 0x400,
};

static bool has_mxcsr(void)
{
#ifdef __x86_64__
    return true;
#else
    return __builtin_cpu_supports("sse");
#endif
}

static unsigned read_mxcsr(void)
{
    unsigned word = 0;
    if (has_mxcsr())
        __asm__ volatile("stmxcsr %0" : "=m"(word));
    return word;
}

static unsigned read_x87_control(void)
{
    unsigned short word;
    __asm__ volatile("fnstcw %0" : "=m"(word));
    return word;
}

static void read_controls(void)
{
    gate_thread.mxcsr = read_mxcsr();
    gate_thread.x87_control = read_x87_control();
}

/* The x87 register stack is empty at every call and return. MMX code that forgets emms shows here, too. */
static bool x87_is_empty(void)
{
    unsigned short status;
    __asm__ volatile("fxam\n\tfnstsw %0" : "=a"(status));
    return (status & X87_EMPTY_MASK) == X87_EMPTY;
}

static void check_controls(void)
{
    struct gate_thread *thread = &gate_thread;
    unsigned mxcsr = read_mxcsr(), x87_control = read_x87_control();
    if ((mxcsr ^ thread->mxcsr) & MXCSR_CONTROL) {
        note(MXCSR, thread->mxcsr & MXCSR_CONTROL, mxcsr & MXCSR_CONTROL);
        __asm__ volatile("ldmxcsr %0" : : "m"(thread->mxcsr));
    }
    if (x87_control != thread->x87_control) {
        note(X87_CONTROL, thread->x87_control, x87_control);
        __asm__ volatile("fnclex\n\tfldcw %0" : : "m"(thread->x87_control));
    }
    if (!x87_is_empty()) {
        note(X87_STACK, 0, 1);
        __asm__ volatile("fninit\n\tfldcw %0" : : "m"(thread->x87_control));
    }
    if (thread->flags & DIRECTION_BIT)
        note(DIRECTION_FLAG, 0, 1);
}

#elif GATE_VFP

enum { FPSCR_CONTROL = 0x07f79f00 }; /* AAPCS 6.1.2.1: all but the condition and the sticky exception flags */

static unsigned read_fpscr(void)
{
    unsigned word;
    __asm__ volatile("vmrs %0, fpscr" : "=r"(word));
    return word;
}

static void read_controls(void) { gate_thread.fpscr = read_fpscr(); }

static void check_controls(void)
{
    unsigned fpscr = read_fpscr();
    if ((fpscr ^ gate_thread.fpscr) & FPSCR_CONTROL) {
        note(FPSCR, gate_thread.fpscr & FPSCR_CONTROL, fpscr & FPSCR_CONTROL);
        __asm__ volatile("vmsr fpscr, %0" : : "r"(gate_thread.fpscr));
    }
}

#else

static void read_controls(void) {}
static void check_controls(void) {}

#endif

/* ---- registers ---- */

#if GATE_THUNK

#if defined __x86_64__
static const uintptr_t sentinels[] = {GATE_RBX, 0, GATE_R12, GATE_R13, GATE_R14, GATE_R15};
#elif defined __i386__
static const uintptr_t sentinels[] = {GATE_EBX, 0, GATE_ESI, GATE_EDI};
#else
static const uintptr_t sentinels[] = {GATE_R4, GATE_R5, GATE_R6, 0, GATE_R8, GATE_R9, GATE_R10, 0};
#endif

_Static_assert(sizeof sentinels / sizeof sentinels[0] == GATE_REGISTERS - 1,
               "one for each register but the stack pointer");
_Static_assert(offsetof(struct gate_thread, target) == GATE_TARGET, "as the thunk has it");
_Static_assert(offsetof(struct gate_thread, frame) == GATE_FRAME, "as the thunk has it");
_Static_assert(offsetof(struct gate_thread, stack) == GATE_STACK, "as the thunk has it");
_Static_assert(offsetof(struct gate_thread, flags) == GATE_FLAGS, "as the thunk has it");
_Static_assert(offsetof(struct gate_thread, seen) == GATE_SEEN, "as the thunk has it");
#if GATE_VFP
_Static_assert(offsetof(struct gate_thread, seen_vfp) == GATE_SEEN_VFP, "as the thunk has it");
#endif

static void check_registers(void)
{
    const struct gate_thread *thread = &gate_thread;
    for (unsigned i = 0; i < GATE_REGISTERS - 1; i++) {
        uintptr_t expected = sentinels[i] != 0 ? sentinels[i] : thread->frame;
        if (thread->seen[i] != expected)
            note(i, expected, thread->seen[i]);
    }
    if (thread->seen[GATE_REGISTERS - 1] != thread->stack)
        note(GATE_REGISTERS - 1, thread->stack, thread->seen[GATE_REGISTERS - 1]);
#if GATE_VFP
    for (unsigned i = 0; i < GATE_VFP; i++)
        if (thread->seen_vfp[i] != (value)GATE_D8 + i)
            note(FIRST_VFP + i, (value)GATE_D8 + i, thread->seen_vfp[i]);
#endif
}

gate_function *gate_enter(gate_function *target)
{
    gate_thread.target = target;
    read_controls();
    return gate_entry;
}

void gate_leave(void)
{
    check_registers();
    check_controls();
}

#else

gate_function *gate_enter(gate_function *target)
{
    read_controls();
    return target;
}

void gate_leave(void) { check_controls(); }

#endif

bool gate_checks_registers(void) { return platform_here()->checks_registers; }

unsigned gate_take_faults(void)
{
    unsigned faults = gate_thread.faults;
    gate_thread.faults = 0;
    return faults;
}

static unsigned fault_number(unsigned bit) { return bit == 0 ? FAULTS : (unsigned)__builtin_ctz(bit); }

const char *gate_fault_name(unsigned bit)
{
    unsigned fault = fault_number(bit);
    return fault < FAULTS ? fault_names[fault] : NULL;
}

bool gate_fault_values(unsigned bit, unsigned long long *expected, unsigned long long *seen)
{
    unsigned fault = fault_number(bit);
    if (fault >= FAULTS || fault == X87_STACK)
        return false;
    *expected = gate_thread.expected_value[fault];
    *seen = gate_thread.seen_value[fault];
    return true;
}

/* ---- unwinding ---- */

void gate_on_escape(void (*handler)(const char *how)) { on_escape = handler; }

#if GATE_THUNK

static _Noreturn void escape(const char *how)
{
    static const char text[] = "assay: a candidate unwinds out of a call\n";
    if (on_escape != NULL)
        on_escape(how);
    if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
        abort();
    abort();
}

/* `class` is the eight characters by which a language marks its exceptions. */
static const char *language(uint64_t class)
{
    if (class >> 8 == UINT64_C(0x474e5543432b2b) || class >> 8 == UINT64_C(0x434c4e47432b2b)) /* GNUCC++, CLNGC++ */
        return "a C++ exception";
    if (class == UINT64_C(0x4d4f5a0052555354)) /* MOZ\0RUST */
        return "a Rust panic";
    return "an exception of an unknown language";
}

#define FORCED "a forced unwind (the thread exits or is cancelled)"

/* The unwinder asks the gate's frame what to do with an exception that passes. This function never returns to it. */
#if defined __ARM_EABI__
__attribute__((visibility("hidden"))) _Unwind_Reason_Code gate_personality(_Unwind_State state,
                                                                           _Unwind_Control_Block *block,
                                                                           struct _Unwind_Context *context)
{
    uint64_t class = 0;
    (void)context;
    if (state & _US_FORCE_UNWIND)
        escape(FORCED);
    for (int i = 0; i < 8; i++) /* the class is a string on this platform, and a number elsewhere */
        class = class << 8 | (unsigned char)block->exception_class[i];
    escape(language(class));
}
#else
__attribute__((visibility("hidden"))) _Unwind_Reason_Code gate_personality(int version, _Unwind_Action actions,
                                                                           _Unwind_Exception_Class class,
                                                                           struct _Unwind_Exception *exception,
                                                                           struct _Unwind_Context *context)
{
    (void)version, (void)exception, (void)context;
    escape(actions & _UA_FORCE_UNWIND ? FORCED : language(class));
}
#endif

#endif
