/* SPDX-License-Identifier: MIT */
/*
 * arm64/atomic_lse.h - full read-modify-writes by the ARMv8.1 atomics (LSE)
 *
 * The "al" forms acquire and release in one instruction, and the memory model
 * orders everything before such an instruction before everything behind it: no
 * dmb is needed. Two fine points of the architecture:
 *
 * - With the zero register as destination the acquire half is dropped, so every
 *   operation loads the old value into a real register.
 * - A cas that fails writes nothing, hence releases nothing; atomic.h promises
 *   no order there.
 *
 * "Q" is a memory operand that is one base register, all that these take. The
 * "memory" clobber keeps the compiler from moving accesses across.
 *
 * Origin: Arm Architecture Reference Manual, "Atomic instructions" and
 * "Barrier-ordered-before".
 */
#ifndef ARCH_ARM64_ATOMIC_LSE_H
#define ARCH_ARM64_ATOMIC_LSE_H

/* clang-format off */

/* T, type: as in the function's name, and its C type. sz: "b" or "". */
#define LSE_FULL_OPS(T, type, sz)					\
static inline type atomic_xchg_full_##T(type *p, type new)		\
{									\
	uint32_t old;							\
									\
	__asm__ __volatile__("swpal" sz " %w2, %w0, %1"			\
		: "=r"(old), "+Q"(*p) : "r"(new) : "memory");		\
	return (type)old;						\
}									\
									\
static inline type atomic_cmpxchg_full_##T(type *p, type old, type new)	\
{									\
	uint32_t found = (uint32_t)old;					\
									\
	__asm__ __volatile__("casal" sz " %w0, %w2, %1"			\
		: "+r"(found), "+Q"(*p) : "r"(new) : "memory");		\
	return (type)found;						\
}

LSE_FULL_OPS(s8, int8_t, "b")
LSE_FULL_OPS(s32, int32_t, "")

#undef LSE_FULL_OPS

/* clang-format on */

#endif /* ARCH_ARM64_ATOMIC_LSE_H */
