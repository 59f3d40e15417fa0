/* SPDX-License-Identifier: MIT */
/*
 * s390x/this_cpu_arch.h - local read-modify-writes: COMPARE AND SWAP, and the
 * add of the z196
 *
 * s390x has nothing cheaper than cs, which is atomic against other CPUs and
 * ordered. No caller may rely on that (this_cpu.h); to the compiler a local
 * operation orders nothing.
 *
 * laag (interlocked-access facility 1) adds in one instruction; "S" is a memory
 * operand of base and long displacement, all that it and csg take. A build for
 * an older machine loops around csg.
 *
 * Origin: z/Architecture Principles of Operation, "LOAD AND ADD".
 */
#ifndef ARCH_S390X_THIS_CPU_ARCH_H
#define ARCH_S390X_THIS_CPU_ARCH_H

#define THIS_CPU_MASKS_IRQS 0

#if __ARCH__ >= 9 /* z196 */
static inline void this_cpu_add_u64(struct cpu *cpu, uint64_t *p, uint64_t v)
{
	uint64_t old;

	(void)cpu;
	__asm__ __volatile__("laag %0, %2, %1"
			     : "=d"(old), "+S"(*p)
			     : "d"(v)
			     : "cc");
}
#else
static inline void this_cpu_add_u64(struct cpu *cpu, uint64_t *p, uint64_t v)
{
	uint64_t old = atomic_load_relaxed_u64(p), sum;

	(void)cpu;
	__asm__ __volatile__("0:	lgr	%1, %0\n"
			     "	agr	%1, %3\n"
			     "	csg	%0, %1, %2\n"
			     "	jl	0b"
			     : "+&d"(old), "=&d"(sum), "+S"(*p)
			     : "d"(v)
			     : "cc");
}
#endif

/* clang-format off */

#define S390X_LOCAL_OPS(T, type)					\
static inline type							\
this_cpu_xchg_##T(struct cpu *cpu, type *p, type new)			\
{									\
	(void)cpu;							\
	return cs_xchg_##T(p, new);					\
}									\
									\
static inline type							\
this_cpu_cmpxchg_##T(struct cpu *cpu, type *p, type old, type new)	\
{									\
	(void)cpu;							\
	return cs_cmpxchg_##T(p, old, new);				\
}

S390X_LOCAL_OPS(s8, int8_t)
S390X_LOCAL_OPS(s32, int32_t)

#undef S390X_LOCAL_OPS

/* clang-format on */

#endif /* ARCH_S390X_THIS_CPU_ARCH_H */
