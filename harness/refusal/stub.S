/* One system call instruction, at one known address: see stub.h. */
#if defined __x86_64__
    .text
    .globl refuse_stub, refuse_stub_return
    .type refuse_stub, @function
refuse_stub:
    movq %rdi, %rax
    movq %rsi, %rdi
    movq %rdx, %rsi
    movq %rcx, %rdx
    movq %r8, %r10
    movq %r9, %r8
    movq 8(%rsp), %r9
    syscall
refuse_stub_return:
    ret
    .size refuse_stub, . - refuse_stub
#elif defined __i386__
    .text
    .globl refuse_stub, refuse_stub_return
    .type refuse_stub, @function
refuse_stub:
    pushl %ebx
    pushl %esi
    pushl %edi
    pushl %ebp
    movl 20(%esp), %eax
    movl 24(%esp), %ebx
    movl 28(%esp), %ecx
    movl 32(%esp), %edx
    movl 36(%esp), %esi
    movl 40(%esp), %edi
    movl 44(%esp), %ebp
    int $0x80
refuse_stub_return:
    popl %ebp
    popl %edi
    popl %esi
    popl %ebx
    ret
    .size refuse_stub, . - refuse_stub
#elif defined __aarch64__
    .text
    .globl refuse_stub, refuse_stub_return
    .type refuse_stub, %function
refuse_stub:
    mov x8, x0
    mov x0, x1
    mov x1, x2
    mov x2, x3
    mov x3, x4
    mov x4, x5
    mov x5, x6
    svc #0
refuse_stub_return:
    ret
    .size refuse_stub, . - refuse_stub
#elif defined __riscv && __riscv_xlen == 64
    .text
    .globl refuse_stub, refuse_stub_return
    .type refuse_stub, @function
refuse_stub:
    mv t0, a0
    mv a0, a1
    mv a1, a2
    mv a2, a3
    mv a3, a4
    mv a4, a5
    mv a5, a6
    mv a7, t0
    ecall
refuse_stub_return:
    ret
    .size refuse_stub, . - refuse_stub
#elif defined __arm__
    .syntax unified
    .text
    .arm
    .globl refuse_stub, refuse_stub_return
    .type refuse_stub, %function
refuse_stub:
    push {r4-r7}
    mov r7, r0
    mov r0, r1
    mov r1, r2
    mov r2, r3
    ldr r3, [sp, #16]
    ldr r4, [sp, #20]
    ldr r5, [sp, #24]
    svc #0
refuse_stub_return:
    pop {r4-r7}
    bx lr
    .size refuse_stub, . - refuse_stub
#endif
    .section .note.GNU-stack, "", %progbits
