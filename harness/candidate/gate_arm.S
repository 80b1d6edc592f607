/* The gate on 32-bit ARM (AAPCS 6.1.1, 6.1.2: r4-r11, sp and, where there is a VFP, d8-d15 are the caller's).
 * r7 and r11, the frame pointers of Thumb and ARM code, hold a frame of the gate's own during the call. */
#include "harness/candidate/gate_layout.h"

#if defined __arm__ && defined __ARM_EABI__

#if GATE_VFP
#define SAVED_BELOW 68                  /* d8-d15 and one word to keep the stack aligned to 8 */
#else
#define SAVED_BELOW 4
#endif

    .syntax unified
    .arm
#if GATE_VFP
    .fpu vfp
#endif
    .text
    .p2align 3
#if GATE_VFP
sentinels_vfp:
    .quad GATE_D8, GATE_D8 + 1, GATE_D8 + 2, GATE_D8 + 3, GATE_D8 + 4, GATE_D8 + 5, GATE_D8 + 6, GATE_D8 + 7
#endif
sentinels:
    .word GATE_R4, GATE_R5, GATE_R6, 0, GATE_R8, GATE_R9, GATE_R10
thread_offset:
    .word gate_thread(tpoff)

/* ip = &gate_thread, without the stack; changes r2 and lr. */
    .macro thread_address
#if __ARM_ARCH >= 7
    mrc p15, 0, lr, c13, c0, 3
    ldr ip, thread_offset
    add ip, lr, ip
#else
    mov r2, r0
    mov r0, #0xffff0fff                 /* the kernel's helper at 0xffff0fe0: answers in r0, keeps the rest */
    mov lr, pc
    sub pc, r0, #31
    ldr ip, thread_offset
    add ip, r0, ip
    mov r0, r2
#endif
    .endm

    .globl gate_entry
    .hidden gate_entry
    .type gate_entry, %function
gate_entry:
    .fnstart
    push {r4-r11, lr}
    .save {r4-r11, lr}
    .setfp r11, sp, #28
    add r11, sp, #28                    /* [r11] the caller's r11, [r11 + 4] the return address */
    .pad #4
    sub sp, sp, #4
#if GATE_VFP
    .vsave {d8-d15}
    vpush {d8-d15}
#endif
    sub sp, sp, #16                     /* the fifth to eighth words of arguments */
    add r4, r11, #8
    ldm r4, {r5-r8}
    stm sp, {r5-r8}
    push {r0-r3}
    thread_address
    pop {r0-r3}
    str r11, [ip, #GATE_FRAME]
    str sp, [ip, #GATE_STACK]
    ldr ip, [ip, #GATE_TARGET]
#if GATE_VFP
    adr lr, sentinels_vfp
    vldmia lr, {d8-d15}
#endif
    adr lr, sentinels
    ldm lr, {r4-r10}
    mov r7, r11
    blx ip
    /* From here on nothing is trusted but the thread pointer, not even sp; r0 and r1 hold the result. */
    thread_address
    str sp, [ip, #GATE_SEEN + 32]
    ldr sp, [ip, #GATE_STACK]
    add r2, ip, #GATE_SEEN
    stm r2, {r4-r11}
#if GATE_VFP
    add r2, ip, #GATE_SEEN_VFP
    vstmia r2, {d8-d15}
#endif
    ldr r11, [ip, #GATE_FRAME]
    sub sp, r11, #28 + SAVED_BELOW
#if GATE_VFP
    vpop {d8-d15}
#endif
    add sp, sp, #4
    pop {r4-r11, pc}
    .personality gate_personality
    .handlerdata
    .word 0
    .fnend
    .size gate_entry, . - gate_entry

#endif

    .section .note.GNU-stack, "", %progbits
