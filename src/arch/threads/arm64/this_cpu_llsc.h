/* SPDX-License-Identifier: MIT */
/*
 * arm64/this_cpu_llsc.h - local read-modify-writes by exclusive pairs
 * (ARMv8.0) without any order
 *
 * An interrupt between ldxr and stxr makes the stxr fail, since the way back
 * from an exception clears the exclusive monitor; then the loop runs again. It
 * ends for the reason given in atomic_llsc.h. No "memory" clobber: local
 * operations order nothing.
 */
#ifndef ARCH_ARM64_THIS_CPU_LLSC_H
#define ARCH_ARM64_THIS_CPU_LLSC_H

static inline void this_cpu_add_u64(
	struct cpu *cpu, uint64_t *p, uint64_t v)
{
	uint64_t sum;
	uint32_t failed;

	(void)cpu;
	__asm__ __volatile__("1:	ldxr	%0, %2\n"
			     "	add	%0, %0, %3\n"
			     "	stxr	%w1, %0, %2\n"
			     "	cbnz	%w1, 1b"
			     : "=&r"(sum), "=&r"(failed), "+Q"(*p)
			     : "r"(v));
}

/* clang-format off */

/* Parameters as in atomic_llsc.h. */
#define LLSC_LOCAL_OPS(T, type, utype, sz)				\
static inline type							\
this_cpu_add_return_##T(struct cpu *cpu, type *p, type v)		\
{									\
	uint32_t sum;							\
	uint32_t failed;						\
									\
	(void)cpu;							\
	__asm__ __volatile__(						\
		"1:	ldxr" sz "	%w0, %2\n"			\
		"	add	%w0, %w0, %w3\n"			\
		"	stxr" sz "	%w1, %w0, %2\n"			\
		"	cbnz	%w1, 1b"				\
		: "=&r"(sum), "=&r"(failed), "+Q"(*p)			\
		: "r"(v));						\
	return (type)sum;						\
}									\
									\
static inline void							\
this_cpu_add_##T(struct cpu *cpu, type *p, type v)			\
{									\
	(void)this_cpu_add_return_##T(cpu, p, v);			\
}									\
									\
static inline type							\
this_cpu_xchg_##T(struct cpu *cpu, type *p, type new)		\
{									\
	uint32_t old;							\
	uint32_t failed;						\
									\
	(void)cpu;							\
	__asm__ __volatile__(						\
		"1:	ldxr" sz "	%w0, %2\n"			\
		"	stxr" sz "	%w1, %w3, %2\n"			\
		"	cbnz	%w1, 1b"				\
		: "=&r"(old), "=&r"(failed), "+Q"(*p)			\
		: "r"(new));						\
	return (type)old;						\
}									\
									\
static inline type							\
this_cpu_cmpxchg_##T(struct cpu *cpu, type *p, type old, type new)	\
{									\
	uint32_t found;							\
	uint32_t failed;						\
									\
	(void)cpu;							\
	__asm__ __volatile__(						\
		"1:	ldxr" sz "	%w0, %2\n"			\
		"	eor	%w1, %w0, %w3\n"			\
		"	cbnz	%w1, 2f\n"				\
		"	stxr" sz "	%w1, %w4, %2\n"			\
		"	cbnz	%w1, 1b\n"				\
		"2:"							\
		: "=&r"(found), "=&r"(failed), "+Q"(*p)			\
		: "r"((uint32_t)(utype)old), "r"(new));			\
	return (type)found;						\
}

LLSC_LOCAL_OPS(s8, int8_t, uint8_t, "b")
LLSC_LOCAL_OPS(s32, int32_t, uint32_t, "")

#undef LLSC_LOCAL_OPS

/* clang-format on */

#endif /* ARCH_ARM64_THIS_CPU_LLSC_H */
