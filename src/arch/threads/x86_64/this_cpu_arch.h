/* SPDX-License-Identifier: MIT */
/*
 * x86_64/this_cpu_arch.h - local read-modify-writes: one instruction, unlocked
 *
 * An interrupt comes between two instructions, never inside one, so a single
 * instruction is atomic against the own CPU's interrupts without a lock. To
 * other CPUs it is a load and a store with a gap in which they may write: the
 * loss that the 2023 series "fold per-CPU vmstats remotely" cured with LOCK.
 *
 * xchg with memory locks the bus even without prefix, so the local exchange is
 * a loop around the unlocked cmpxchg. It is repeated only if an interrupt of
 * this CPU wrote in between, once per such interrupt.
 *
 * No "memory" clobber: local operations order nothing. "+m" tells that *p
 * changes, volatile keeps two equal operations two.
 */
#ifndef ARCH_X86_64_THIS_CPU_ARCH_H
#define ARCH_X86_64_THIS_CPU_ARCH_H

#define THIS_CPU_MASKS_IRQS 0

static inline void this_cpu_add_u64(
	struct cpu *cpu, uint64_t *p, uint64_t v)
{
	(void)cpu;
	__asm__ __volatile__("addq %1, %0" : "+m"(*p) : "er"(v) : "cc");
}

/* clang-format off */

/* T, type: as in the function's name, and its C type. sz: size suffix. */
#define X86_LOCAL_OPS(T, type, sz)					\
static inline void							\
this_cpu_add_##T(struct cpu *cpu, type *p, type v)			\
{									\
	(void)cpu;							\
	__asm__ __volatile__("add" sz " %1, %0"				\
		: "+m"(*p) : "iq"(v) : "cc");				\
}									\
									\
static inline type							\
this_cpu_add_return_##T(struct cpu *cpu, type *p, type v)		\
{									\
	type old = v;							\
									\
	(void)cpu;							\
	__asm__ __volatile__("xadd" sz " %1, %0"			\
		: "+m"(*p), "+q"(old) : : "cc");			\
	return (type)((uint32_t)old + (uint32_t)v);			\
}									\
									\
static inline type							\
this_cpu_cmpxchg_##T(struct cpu *cpu, type *p, type old, type new)	\
{									\
	(void)cpu;							\
	__asm__ __volatile__("cmpxchg" sz " %2, %0"			\
		: "+m"(*p), "+a"(old) : "q"(new) : "cc");		\
	return old;							\
}									\
									\
static inline type							\
this_cpu_xchg_##T(struct cpu *cpu, type *p, type new)		\
{									\
	type found = atomic_load_relaxed_##T(p);			\
	type old;							\
									\
	do {								\
		old = found;						\
		found = this_cpu_cmpxchg_##T(cpu, p, old, new);		\
	} while (found != old);						\
	return old;							\
}

X86_LOCAL_OPS(s8, int8_t, "b")
X86_LOCAL_OPS(s32, int32_t, "l")

#undef X86_LOCAL_OPS

/* clang-format on */

#endif /* ARCH_X86_64_THIS_CPU_ARCH_H */
