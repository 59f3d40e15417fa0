/* SPDX-License-Identifier: MIT */
/*
 * loongarch64/this_cpu_arch.h - local read-modify-writes: the atomics without
 * barriers
 *
 * As in the kernel: amadd and amswap for words, ll.w and sc.w for cmpxchg, and
 * for bytes the same on the word around. An interrupt between ll.w and sc.w makes
 * the sc.w fail, since the way back from it clears the link bit. All are atomic
 * against other CPUs as well; no caller may rely on that (this_cpu.h). No
 * "memory" clobber: local operations order nothing.
 */
#ifndef ARCH_LOONGARCH64_THIS_CPU_ARCH_H
#define ARCH_LOONGARCH64_THIS_CPU_ARCH_H

#define THIS_CPU_MASKS_IRQS 0

LLSC_OPS(local, "", "", )

static inline void this_cpu_add_u64(struct cpu *cpu, uint64_t *p, uint64_t v)
{
	(void)cpu;
	__asm__ __volatile__("amadd.d $zero, %2, %1"
			     : "+m"(*p)
			     : "r"(p), "r"(v));
}

static inline int32_t this_cpu_xchg_s32(
	struct cpu *cpu, int32_t *p, int32_t new)
{
	int32_t old;

	(void)cpu;
	__asm__ __volatile__("amswap.w %0, %3, %2"
			     : "=&r"(old), "+m"(*p)
			     : "r"(p), "r"(new));
	return old;
}

static inline int32_t this_cpu_cmpxchg_s32(
	struct cpu *cpu, int32_t *p, int32_t old, int32_t new)
{
	(void)cpu;
	return llsc_cmpxchg_local_s32(p, old, new);
}

static inline int8_t this_cpu_xchg_s8(struct cpu *cpu, int8_t *p, int8_t new)
{
	(void)cpu;
	return llsc_xchg_local_s8(p, new);
}

static inline int8_t this_cpu_cmpxchg_s8(
	struct cpu *cpu, int8_t *p, int8_t old, int8_t new)
{
	(void)cpu;
	return llsc_cmpxchg_local_s8(p, old, new);
}

#endif /* ARCH_LOONGARCH64_THIS_CPU_ARCH_H */
