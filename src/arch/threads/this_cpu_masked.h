/* SPDX-License-Identifier: MIT */
/*
 * threads/this_cpu_masked.h - local read-modify-writes with interrupts held off
 *
 * What an architecture without a single-instruction form does in the kernel:
 * mask interrupts, load, store, unmask. Here the mask is the simulated CPU's soft
 * one, with deferred replay, so it excludes interrupts that respect it and no
 * other signal handler; and irq_save()/irq_restore() must be compiler barriers.
 *
 * The accesses in between are plain on purpose. They are not atomic against
 * other CPUs, and ThreadSanitizer only detects a local operation that races
 * with a remote one if it sees plain accesses: with relaxed atomics it was
 * tried, and reports nothing.
 */
#ifndef ARCH_THREADS_THIS_CPU_MASKED_H
#define ARCH_THREADS_THIS_CPU_MASKED_H

#include "arch/compiler.h"

#define THIS_CPU_MASKS_IRQS 1

/*
 * What this backend needs from the folder above: the mask of @cpu, defined in
 * cpu/entry.h. A file that uses this_cpu.h includes cpu/entry.h as well.
 */
static force_inline void irq_save(struct cpu *cpu);
static force_inline void irq_restore(struct cpu *cpu);

/* Read racily by any thread, and never torn: the store is one access. */
static inline void this_cpu_add_u64(struct cpu *cpu, uint64_t *p, uint64_t v)
{
	irq_save(cpu);
	atomic_store_relaxed_u64(p, *p + v);
	irq_restore(cpu);
}

/* clang-format off */

#define MASKED_LOCAL_OPS(T, type)					\
static inline type							\
this_cpu_xchg_##T(struct cpu *cpu, type *p, type new)		\
{									\
	type old;							\
									\
	irq_save(cpu);							\
	old = *p;							\
	*p = new;							\
	irq_restore(cpu);						\
	return old;							\
}									\
									\
static inline type							\
this_cpu_cmpxchg_##T(struct cpu *cpu, type *p, type old, type new)	\
{									\
	type found;							\
									\
	irq_save(cpu);							\
	found = *p;							\
	if (found == old)						\
		*p = new;						\
	irq_restore(cpu);						\
	return found;							\
}

MASKED_LOCAL_OPS(s8, int8_t)
MASKED_LOCAL_OPS(s32, int32_t)

#undef MASKED_LOCAL_OPS

/* clang-format on */

#endif /* ARCH_THREADS_THIS_CPU_MASKED_H */
