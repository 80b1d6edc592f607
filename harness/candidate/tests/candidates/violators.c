/* Functions that each break the calling convention in one way, for the tests of the gate. Apart from that, each is an
 * identity: it returns its first argument. `innocent` uses every register that it may use, and restores those that it
 * must restore. */
#include "harness/candidate/tests/candidates/violators.h"

#define NAKED(name, body) __asm__(".text\n.globl " #name "\n.type " #name ", %function\n" #name ":\n" body)

#if defined __x86_64__

#define RETURN_FIRST "movq %rdi, %rax\n"
NAKED(innocent, "pushq %rbx\npushq %rbp\nxorl %ebx, %ebx\nxorl %ebp, %ebp\nxorl %ecx, %ecx\nxorl %r11d, %r11d\n"
                "popq %rbp\npopq %rbx\n" RETURN_FIRST "ret\n");
NAKED(lose_first, RETURN_FIRST "movq $1, %rbx\nret\n");
NAKED(lose_last, RETURN_FIRST "movq $1, %r15\nret\n");
NAKED(lose_frame, RETURN_FIRST "movq $1, %rbp\nret\n");
NAKED(lose_stack, RETURN_FIRST "popq %rdx\nsubq $64, %rsp\njmp *%rdx\n");
NAKED(set_direction, RETURN_FIRST "std\nret\n");
NAKED(round_sse,
      RETURN_FIRST "subq $8, %rsp\nstmxcsr (%rsp)\nxorl $0x6000, (%rsp)\nldmxcsr (%rsp)\naddq $8, %rsp\nret\n");
NAKED(flag_sse, RETURN_FIRST "subq $8, %rsp\nstmxcsr (%rsp)\nxorl $0x20, (%rsp)\nldmxcsr (%rsp)\naddq $8, %rsp\nret\n");
NAKED(round_x87, RETURN_FIRST "subq $8, %rsp\nfnstcw (%rsp)\nxorw $0x0c00, (%rsp)\nfldcw (%rsp)\naddq $8, %rsp\nret\n");
NAKED(leave_x87, RETURN_FIRST "fld1\nret\n");

#elif defined __i386__

#define RETURN_FIRST "movl 4(%esp), %eax\n"
NAKED(innocent, "pushl %ebx\npushl %ebp\nxorl %ebx, %ebx\nxorl %ebp, %ebp\nxorl %ecx, %ecx\npopl %ebp\npopl "
                "%ebx\n" RETURN_FIRST "ret\n");
NAKED(lose_first, RETURN_FIRST "movl $1, %ebx\nret\n");
NAKED(lose_last, RETURN_FIRST "movl $1, %edi\nret\n");
NAKED(lose_frame, RETURN_FIRST "movl $1, %ebp\nret\n");
NAKED(lose_stack, RETURN_FIRST "ret $8\n");
NAKED(set_direction, RETURN_FIRST "std\nret\n");
NAKED(round_sse,
      RETURN_FIRST "subl $4, %esp\nstmxcsr (%esp)\nxorl $0x6000, (%esp)\nldmxcsr (%esp)\naddl $4, %esp\nret\n");
NAKED(flag_sse, RETURN_FIRST "subl $4, %esp\nstmxcsr (%esp)\nxorl $0x20, (%esp)\nldmxcsr (%esp)\naddl $4, %esp\nret\n");
NAKED(round_x87, RETURN_FIRST "subl $4, %esp\nfnstcw (%esp)\nxorw $0x0c00, (%esp)\nfldcw (%esp)\naddl $4, %esp\nret\n");
NAKED(leave_x87, RETURN_FIRST "fld1\nret\n");

#elif defined __arm__

__asm__(".syntax unified\n.arm\n");
NAKED(innocent, "push {r4-r11, lr}\nmov r4, #0\nmov r7, #0\nmov r11, #0\nmov r12, #0\nvpush {d8}\nvmov d8, "
                "r4, r4\nvpop {d8}\n"
                "pop {r4-r11, pc}\n");
NAKED(lose_first, "mov r4, #1\nbx lr\n");
NAKED(lose_last, "mov r10, #1\nbx lr\n");
NAKED(lose_frame, "mov r11, #1\nbx lr\n");
NAKED(lose_stack, "sub sp, sp, #64\nbx lr\n");
NAKED(lose_vfp, "mov r1, #1\nvmov d9, r1, r1\nbx lr\n");
NAKED(round_vfp, "vmrs r1, fpscr\neor r1, r1, #0xc00000\nvmsr fpscr, r1\nbx lr\n");
NAKED(flag_vfp, "vmrs r1, fpscr\neor r1, r1, #0x10\nvmsr fpscr, r1\nbx lr\n");
#ifdef __thumb__
__asm__(".thumb\n");
#endif

#endif

uintptr_t sum_of_eight(uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d, uintptr_t e, uintptr_t f, uintptr_t g,
                       uintptr_t h)
{
    return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h;
}
