/* SPDX-License-Identifier: MIT */
/*
 * x86_64/atomic_arch.h - full read-modify-writes: one locked instruction each
 *
 * A locked instruction is atomic against all CPUs and a full barrier. xchg with
 * a memory operand locks by itself; a prefix would be a wasted byte. The
 * "memory" clobber keeps the compiler from moving accesses across, which the
 * instruction alone cannot.
 *
 * Origin: the architecture manuals of Intel (volume 3, "Locked Atomic
 * Operations") and AMD.
 */
#ifndef ARCH_X86_64_ATOMIC_ARCH_H
#define ARCH_X86_64_ATOMIC_ARCH_H

#define ARCH_NAME "x86_64"
#define ARCH_HAS_CMPXCHG8 1
#define ATOMIC_STORES_IN_ORDER 1

/*
 * A comparison with memory and its jump are two instructions, and one operation on
 * most processors; compilers load first, as an atomic load is not to be combined. The
 * load of an aligned word is atomic in any instruction. volatile: each call loads.
 */
static inline bool atomic_is_null_relaxed(void *const *p)
{
	bool null;

	__asm__ __volatile__("cmpq $0, %1" : "=@cce"(null) : "m"(*p));
	return null;
}

static inline bool atomic_below_relaxed_s32(const int32_t *p, int32_t v)
{
	bool below;

	__asm__ __volatile__("cmpl %2, %1" : "=@ccl"(below) : "m"(*p), "er"(v));
	return below;
}

static inline bool atomic_below_relaxed_s64(const int64_t *p, int64_t v)
{
	bool below;

	__asm__ __volatile__("cmpq %2, %1" : "=@ccl"(below) : "m"(*p), "er"(v));
	return below;
}

/* clang-format off */

/*
 * T, type: as in the function's name, and its C type. sz: operand size suffix.
 * "q" is a register whose low byte can be named: on x86-64 each of them.
 */
#define X86_FULL_OPS(T, type, sz)					\
static inline type atomic_xchg_full_##T(type *p, type new)		\
{									\
	__asm__ __volatile__("xchg" sz " %1, %0"			\
		: "+m"(*p), "+q"(new) : : "memory");			\
	return new;							\
}									\
									\
static inline type atomic_cmpxchg_full_##T(type *p, type old, type new)	\
{									\
	__asm__ __volatile__("lock cmpxchg" sz " %2, %0"		\
		: "+m"(*p), "+a"(old) : "q"(new) : "memory", "cc");	\
	return old;							\
}

X86_FULL_OPS(s8, int8_t, "b")
X86_FULL_OPS(s32, int32_t, "l")

#undef X86_FULL_OPS

/* clang-format on */

#endif /* ARCH_X86_64_ATOMIC_ARCH_H */
