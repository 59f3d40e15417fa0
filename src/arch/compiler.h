/* SPDX-License-Identifier: MIT */
/* What the compiler is told: hints, inlining, layout, the compiler barrier. */
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
 * A function whose racy reads are meant and explained: ThreadSanitizer is to
 * look away. Its job elsewhere is to see this_cpu operations as plain ones.
 */
#define racy_reader __attribute__((no_sanitize_thread))
/* Its reads: one access, no atomic operation (clang would watch that, too). */
#define RACY_READ(x) (*(const volatile __typeof__(x) *)&(x))

/* Values in memory are reloaded behind it; says nothing to the processor. */
static force_inline void compiler_barrier(void)
{
	__asm__ __volatile__("" ::: "memory");
}

#endif
