/* SPDX-License-Identifier: MIT */
/* Directions to the compiler: hints, inlining, layout, the compiler barrier. */
#ifndef ARCH_COMPILER_H
#define ARCH_COMPILER_H

#include <stddef.h>

#define CACHE_LINE 64

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define force_inline inline __attribute__((always_inline))
#define noinline __attribute__((__noinline__))
#define cold __attribute__((__cold__, __noinline__))
#define cacheline_aligned __attribute__((aligned(CACHE_LINE)))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(ptr, type, member)                                        \
	((type *)((char *)(ptr)-offsetof(type, member)))

/*
 * A function whose racy reads are intended and explained: ThreadSanitizer
 * ignores it. In other functions ThreadSanitizer has to see this_cpu operations
 * as plain accesses.
 */
#define racy_reader __attribute__((no_sanitize_thread))
/* A read in it: one access, no atomic (which clang instruments even there). */
#define RACY_READ(x) (*(const volatile __typeof__(x) *)&(x))

/* The compiler forgets how @var was computed, and keeps it in one register. */
#define OPTIMIZER_HIDE_VAR(var) __asm__("" : "+r"(var))

/* Fetch the line of @p, which will be written soon; any address will do. */
#define prefetch_write(p) __builtin_prefetch((p), 1)

/* Values in memory are reloaded after it; it does not order the processor. */
static force_inline void compiler_barrier(void)
{
	__asm__ __volatile__("" ::: "memory");
}

#endif
