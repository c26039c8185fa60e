/* What a program without a C library needs of Linux: a start, an exit, output,
 * and the stack pointer. Included once, by the file with `main`. */
#ifndef MACHINE_H
#define MACHINE_H

#include <stddef.h>
#include <stdint.h>

int main(void);
void machine_start(void);

#if defined(__x86_64__)

#define MACHINE_EXIT 60
#define MACHINE_WRITE 1
#define MACHINE_STACK "movq %%rsp, %0"
__asm__(".globl _start\n_start: xorl %ebp, %ebp\n call machine_start\n");

static inline long machine_call(long number, long one, const void *two, size_t three)
{
    long answer;
    __asm__ volatile("syscall" : "=a"(answer)
                     : "0"(number), "D"(one), "S"(two), "d"(three)
                     : "rcx", "r11", "memory");
    return answer;
}

#elif defined(__thumb__)

#define MACHINE_EXIT 1
#define MACHINE_WRITE 4
#define MACHINE_STACK "mov %0, sp"
__asm__(".syntax unified\n.thumb\n.globl _start\n.thumb_func\n"
        "_start: bl machine_start\n");

static inline long machine_call(long number, long one, const void *two, size_t three)
{
    register long answer __asm__("r0") = one;
    register const void *second __asm__("r1") = two;
    register size_t third __asm__("r2") = three;
    register long call __asm__("r7") = number;
    __asm__ volatile("svc 0" : "+r"(answer)
                     : "r"(second), "r"(third), "r"(call) : "memory");
    return answer;
}

#elif defined(__aarch64__)

#define MACHINE_EXIT 93
#define MACHINE_WRITE 64
#define MACHINE_STACK "mov %0, sp"
__asm__(".globl _start\n_start: bl machine_start\n");

static inline long machine_call(long number, long one, const void *two, size_t three)
{
    register long answer __asm__("x0") = one;
    register const void *second __asm__("x1") = two;
    register size_t third __asm__("x2") = three;
    register long call __asm__("x8") = number;
    __asm__ volatile("svc #0" : "+r"(answer)
                     : "r"(second), "r"(third), "r"(call) : "memory");
    return answer;
}

#elif defined(__s390x__)

#define MACHINE_EXIT 1
#define MACHINE_WRITE 4
#define MACHINE_STACK "lgr %0, %%r15"
__asm__(".globl _start\n_start: aghi %r15, -160\n brasl %r14, machine_start\n");

static inline long machine_call(long number, long one, const void *two, size_t three)
{
    register long call __asm__("1") = number;
    register long answer __asm__("2") = one;
    register const void *second __asm__("3") = two;
    register size_t third __asm__("4") = three;
    __asm__ volatile("svc 0" : "+d"(answer)
                     : "d"(second), "d"(third), "d"(call) : "memory");
    return answer;
}

#else
#error "the start of a program is not written for this machine"
#endif

static inline void machine_exit(int status)
{
    machine_call(MACHINE_EXIT, status, NULL, 0);
}

static inline void machine_write(const char *text, size_t len)
{
    machine_call(MACHINE_WRITE, 1, text, len);
}

static inline uintptr_t machine_stack(void)
{
    uintptr_t stack;
    __asm__ volatile(MACHINE_STACK : "=r"(stack));
    return stack;
}

void machine_start(void)
{
    machine_exit(main());
}

#endif
