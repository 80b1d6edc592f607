/* The fault that each violator must be convicted of, and no other. One table, used with Check (test_gate.c) and without
 * (gate_alone.c). */
#pragma once

#include <fenv.h>
#include <stdio.h>
#include <string.h>

#include "harness/candidate/gate.h"
#include "harness/candidate/tests/candidates/violators.c"

struct gate_case {
    const char *name;
    gate_function *function;
    const char *fault; /* NULL: none */
};

#define GATE_CASE(function, fault)                  \
    {                                               \
#function, (gate_function *)function, fault \
    }

extern void innocent(void), lose_first(void), lose_last(void), lose_frame(void), lose_stack(void);
extern void set_direction(void), round_sse(void), flag_sse(void), round_x87(void), leave_x87(void);
extern void lose_vfp(void), round_vfp(void), flag_vfp(void);

static const struct gate_case gate_cases[] = {
#if defined __x86_64__ || defined __i386__
#ifdef __x86_64__
    GATE_CASE(lose_first, "rbx"),
    GATE_CASE(lose_last, "r15"),
    GATE_CASE(lose_frame, "rbp"),
    GATE_CASE(lose_stack, "rsp"),
#else
    GATE_CASE(lose_first, "ebx"),
    GATE_CASE(lose_last, "edi"),
    GATE_CASE(lose_frame, "ebp"),
    GATE_CASE(lose_stack, "esp"),
#endif
    GATE_CASE(set_direction, "direction flag"),
    GATE_CASE(round_sse, "MXCSR"),
    GATE_CASE(flag_sse, NULL),
    GATE_CASE(round_x87, "x87 control word"),
    GATE_CASE(leave_x87, "x87 register stack"),
    GATE_CASE(innocent, NULL),
#elif defined __arm__
    GATE_CASE(lose_first, "r4"),
    GATE_CASE(lose_last, "r10"),
    GATE_CASE(lose_frame, "r11"),
    GATE_CASE(lose_stack, "sp"),
    GATE_CASE(lose_vfp, "d9"),
    GATE_CASE(round_vfp, "FPSCR"),
    GATE_CASE(flag_vfp, NULL),
    GATE_CASE(innocent, NULL),
#endif
    {"sum_of_eight", (gate_function *)sum_of_eight, NULL},
};

#define GATE_CASES (sizeof gate_cases / sizeof gate_cases[0])

/* Is the machine as C code expects it? A quotient that rounds up shows the rounding, and eight pushes show the x87
 * stack. */
static bool machine_is_sane(void)
{
    volatile double one = 1, ten = 10, tenth = one / ten;
    bool sane = tenth == 0x1.999999999999ap-4 && fegetround() == FE_TONEAREST;
#if defined __x86_64__ || defined __i386__
    unsigned short status;
    unsigned long flags;
    __asm__ volatile("fnclex\n\tfld1\n\tfld1\n\tfld1\n\tfld1\n\tfld1\n\tfld1\n\tfld1\n\tfld1\n\tfnstsw %0\n\t"
                     "emms\n\tfnclex"
                     : "=a"(status));
    __asm__ volatile("pushf\n\tpop %0" : "=r"(flags));
    sane = sane && (status & 0x40) == 0 && (flags & 0x400) == 0;
#endif
    return sane;
}

/* Calls through the gate with so many values at hand that some must be in callee-saved registers, and looks at them
 * again. */
static bool call_keeps_values(gate_function *function, uintptr_t *result)
{
    volatile uintptr_t source[6] = {11, 22, 33, 44, 55, 66};
    uintptr_t (*entry)(uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t) =
        (__typeof__(entry))gate_enter(function);
    uintptr_t a = source[0], b = source[1], c = source[2], d = source[3], e = source[4], f = source[5];
    *result = entry(1, 2, 3, 4, 5, 6, 7, 8);
    bool kept = a == 11 && b == 22 && c == 33 && d == 44 && e == 55 && f == 66;
    gate_leave();
    return kept && machine_is_sane();
}

/* Calls the function through the gate, twice: the second time shows that nothing of the first is left. */
static bool gate_case_holds(const struct gate_case *which, char *text, size_t capacity)
{
    bool is_sum = strcmp(which->name, "sum_of_eight") == 0;
    for (int round = 0; round < 2; round++) {
        uintptr_t result = 0, wanted = is_sum ? 204 : 1;
        bool kept = call_keeps_values(which->function, &result);
        unsigned faults = gate_take_faults();
        const char *first = faults == 0 ? NULL : gate_fault_name(faults & -faults);
        snprintf(text, capacity, "returned %lu, expected %lu; faults %#x (%s), expected %s; the machine is %s",
                 (unsigned long)result, (unsigned long)wanted, faults, first != NULL ? first : "none",
                 which->fault != NULL ? which->fault : "none", kept ? "sane" : "not put right");
        bool same = which->fault == NULL ? faults == 0 : first != NULL && strcmp(first, which->fault) == 0;
        if (!kept || result != wanted || !same || (faults & (faults - 1)) != 0 || gate_take_faults() != 0)
            return false;
    }
    return true;
}
