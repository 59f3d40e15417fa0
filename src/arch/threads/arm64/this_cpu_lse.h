/* SPDX-License-Identifier: MIT */
/*
 * arm64/this_cpu_lse.h - local read-modify-writes by the relaxed forms of the
 * ARMv8.1 atomics (LSE)
 *
 * One instruction each, with neither acquire nor release; add needs no old
 * value and uses the form without destination (stadd). No "memory" clobber:
 * local operations order nothing.
 */
#ifndef ARCH_ARM64_THIS_CPU_LSE_H
#define ARCH_ARM64_THIS_CPU_LSE_H

static inline void this_cpu_add_u64(
	struct cpu *cpu, uint64_t *p, uint64_t v)
{
	(void)cpu;
	__asm__ __volatile__("stadd %1, %0" : "+Q"(*p) : "r"(v));
}

/* clang-format off */

/* T, type: as in the function's name, and its C type. sz: "b" or "". */
#define LSE_LOCAL_OPS(T, type, sz)					\
static inline void							\
this_cpu_add_##T(struct cpu *cpu, type *p, type v)			\
{									\
	(void)cpu;							\
	__asm__ __volatile__("stadd" sz " %w1, %0"			\
		: "+Q"(*p) : "r"(v));					\
}									\
									\
static inline type							\
this_cpu_add_return_##T(struct cpu *cpu, type *p, type v)		\
{									\
	uint32_t old;							\
									\
	(void)cpu;							\
	__asm__ __volatile__("ldadd" sz " %w2, %w0, %1"			\
		: "=r"(old), "+Q"(*p) : "r"(v));			\
	return (type)(old + (uint32_t)v);				\
}									\
									\
static inline type							\
this_cpu_xchg_##T(struct cpu *cpu, type *p, type new)		\
{									\
	uint32_t old;							\
									\
	(void)cpu;							\
	__asm__ __volatile__("swp" sz " %w2, %w0, %1"			\
		: "=r"(old), "+Q"(*p) : "r"(new));			\
	return (type)old;						\
}									\
									\
static inline type							\
this_cpu_cmpxchg_##T(struct cpu *cpu, type *p, type old, type new)	\
{									\
	uint32_t found = (uint32_t)old;					\
									\
	(void)cpu;							\
	__asm__ __volatile__("cas" sz " %w0, %w2, %1"			\
		: "+r"(found), "+Q"(*p) : "r"(new));			\
	return (type)found;						\
}

LSE_LOCAL_OPS(s8, int8_t, "b")
LSE_LOCAL_OPS(s32, int32_t, "")

#undef LSE_LOCAL_OPS

/* clang-format on */

#endif /* ARCH_ARM64_THIS_CPU_LSE_H */
