/* The gate on i386 (System V psABI: ebx, ebp, esi, edi and esp are the caller's; the direction flag is clear). */
#include "harness/candidate/gate_layout.h"

#if defined __i386__

    .text
    .globl gate_entry
    .hidden gate_entry
    .type gate_entry, @function
    .p2align 4
gate_entry:
    .cfi_startproc
    .cfi_personality 0x1b, gate_personality
    pushl %ebp
    .cfi_def_cfa_offset 8
    .cfi_offset %ebp, -8
    movl %esp, %ebp
    .cfi_def_cfa_register %ebp
    pushl %ebx
    .cfi_offset %ebx, -12
    pushl %esi
    .cfi_offset %esi, -16
    pushl %edi
    .cfi_offset %edi, -20
    andl $-16, %esp
    pushl 36(%ebp)                      /* eight words of arguments */
    pushl 32(%ebp)
    pushl 28(%ebp)
    pushl 24(%ebp)
    pushl 20(%ebp)
    pushl 16(%ebp)
    pushl 12(%ebp)
    pushl 8(%ebp)
    movl %gs:0, %ecx
    leal gate_thread@ntpoff(%ecx), %ecx
    movl %ebp, GATE_FRAME(%ecx)
    movl %esp, GATE_STACK(%ecx)
    movl GATE_TARGET(%ecx), %ecx
    movl $GATE_EBX, %ebx
    movl $GATE_ESI, %esi
    movl $GATE_EDI, %edi
    call *%ecx
    /* From here on nothing is trusted but the thread pointer; eax and edx hold the result. */
    movl %gs:0, %ecx
    leal gate_thread@ntpoff(%ecx), %ecx
    movl %ebx, GATE_SEEN(%ecx)
    movl %ebp, GATE_SEEN + 4(%ecx)
    movl %esi, GATE_SEEN + 8(%ecx)
    movl %edi, GATE_SEEN + 12(%ecx)
    movl %esp, GATE_SEEN + 16(%ecx)
    movl GATE_STACK(%ecx), %esp
    pushfl
    popl GATE_FLAGS(%ecx)
    cld
    movl GATE_FRAME(%ecx), %ebp
    movl -4(%ebp), %ebx
    movl -8(%ebp), %esi
    movl -12(%ebp), %edi
    leave
    .cfi_def_cfa %esp, 4
    ret
    .cfi_endproc
    .size gate_entry, . - gate_entry

#endif

    .section .note.GNU-stack, "", %progbits
