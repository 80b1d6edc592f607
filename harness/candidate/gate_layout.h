/* harness/candidate/gate_layout.h: what gate.c and the assembly thunks agree on. The C preprocessor reads it for both.
 *
 * GATE_REGISTERS core registers are looked at after every call, the stack pointer last. A register whose sentinel is 0
 * holds the gate's frame pointer during the call, so that a candidate may walk the stack by frame pointers (heap
 * profilers do).
 */
#pragma once

#if defined __x86_64__ && !defined __ILP32__

#define GATE_THUNK 1
#define GATE_REGISTERS 7 /* rbx rbp r12 r13 r14 r15 rsp */
#define GATE_RBX 0x5ca1ab1e0b57ac1e
#define GATE_R12 0x5ca1ab1e12c0ffee
#define GATE_R13 0x5ca1ab1e13c0ffee
#define GATE_R14 0x5ca1ab1e14c0ffee
#define GATE_R15 0x5ca1ab1e15c0ffee

/* Offsets in struct gate_thread. */
#define GATE_TARGET 0
#define GATE_FRAME 8
#define GATE_STACK 16
#define GATE_FLAGS 24
#define GATE_SEEN 32

#elif defined __i386__

#define GATE_THUNK 1
#define GATE_REGISTERS 5 /* ebx ebp esi edi esp */
#define GATE_EBX 0x5ca1ab1e
#define GATE_ESI 0x0b57ac1e
#define GATE_EDI 0x7e1eca57

#define GATE_TARGET 0
#define GATE_FRAME 4
#define GATE_STACK 8
#define GATE_FLAGS 12
#define GATE_SEEN 16

#elif defined __arm__ && defined __ARM_EABI__

#define GATE_THUNK 1
#define GATE_REGISTERS 9 /* r4 .. r11 sp */
#define GATE_R4 0x5ca1ab04
#define GATE_R5 0x5ca1ab05
#define GATE_R6 0x5ca1ab06
#define GATE_R8 0x5ca1ab08
#define GATE_R9 0x5ca1ab09
#define GATE_R10 0x5ca1ab0a
#define GATE_D8 0x5ca1ab1ed8000000 /* d9 is one more, and so on */
#if defined __ARM_FP && !defined __SOFTFP__
#define GATE_VFP 8 /* d8 .. d15 */
#else
#define GATE_VFP 0
#endif

#define GATE_TARGET 0
#define GATE_FRAME 4
#define GATE_STACK 8
#define GATE_FLAGS 12 /* unused */
#define GATE_SEEN 16
#define GATE_SEEN_VFP (GATE_SEEN + 4 * GATE_REGISTERS + 4) /* a multiple of 8 */

#else
#define GATE_THUNK 0
#define GATE_REGISTERS 0
#endif

#ifndef GATE_VFP
#define GATE_VFP 0
#endif
