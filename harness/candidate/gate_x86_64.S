/* The gate on x86_64 (psABI 3.2.1: rbx, rbp, r12-r15, rsp are the caller's; the direction flag is clear). */
#include "harness/candidate/gate_layout.h"

#if defined __x86_64__ && !defined __ILP32__

    .text
    .globl gate_entry
    .hidden gate_entry
    .type gate_entry, @function
    .p2align 4
gate_entry:
    .cfi_startproc
    .cfi_personality 0x1b, gate_personality
    pushq %rbp
    .cfi_def_cfa_offset 16
    .cfi_offset %rbp, -16
    movq %rsp, %rbp
    .cfi_def_cfa_register %rbp
    pushq %rbx
    .cfi_offset %rbx, -24
    pushq %r12
    .cfi_offset %r12, -32
    pushq %r13
    .cfi_offset %r13, -40
    pushq %r14
    .cfi_offset %r14, -48
    pushq %r15
    .cfi_offset %r15, -56
    subq $8, %rsp                       /* keeps the stack aligned to 16 */
    pushq 24(%rbp)                      /* the eighth word, and the seventh: the others are in registers */
    pushq 16(%rbp)
    movq %fs:0, %r11
    addq gate_thread@gottpoff(%rip), %r11
    movq %rbp, GATE_FRAME(%r11)
    movq %rsp, GATE_STACK(%r11)
    movq GATE_TARGET(%r11), %r11
    movabsq $GATE_RBX, %rbx
    movabsq $GATE_R12, %r12
    movabsq $GATE_R13, %r13
    movabsq $GATE_R14, %r14
    movabsq $GATE_R15, %r15
    call *%r11
    /* From here on nothing is trusted but the thread pointer; rax and rdx hold the result. */
    movq %fs:0, %r11
    addq gate_thread@gottpoff(%rip), %r11
    movq %rbx, GATE_SEEN(%r11)
    movq %rbp, GATE_SEEN + 8(%r11)
    movq %r12, GATE_SEEN + 16(%r11)
    movq %r13, GATE_SEEN + 24(%r11)
    movq %r14, GATE_SEEN + 32(%r11)
    movq %r15, GATE_SEEN + 40(%r11)
    movq %rsp, GATE_SEEN + 48(%r11)
    movq GATE_STACK(%r11), %rsp
    pushfq
    popq GATE_FLAGS(%r11)
    cld
    movq GATE_FRAME(%r11), %rbp
    movq -8(%rbp), %rbx
    movq -16(%rbp), %r12
    movq -24(%rbp), %r13
    movq -32(%rbp), %r14
    movq -40(%rbp), %r15
    leave
    .cfi_def_cfa %rsp, 8
    ret
    .cfi_endproc
    .size gate_entry, . - gate_entry

#endif

    .section .note.GNU-stack, "", %progbits
