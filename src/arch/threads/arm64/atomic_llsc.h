/* SPDX-License-Identifier: MIT */
/*
 * arm64/atomic_llsc.h - full read-modify-writes by exclusive pairs (ARMv8.0)
 *
 * Why ldxr, stlxr, dmb ish:
 *
 * - The release of stlxr keeps every earlier access before the new value. The
 *   load needs no order of its own: as the store succeeded, nothing was written
 *   in between, so what it read is what stood there at the store.
 * - An acquire (ldaxr) would order later accesses behind the load only, and
 *   they could still pass the store. The dmb puts them behind the store.
 *
 * A cmpxchg that finds another value leaves before both; atomic.h promises no
 * order there.
 *
 * The loops end: a store fails only if another CPU wrote the line or an
 * interrupt came, and of several CPUs one always succeeds. Between the pair
 * there is no memory access, as the architecture asks for progress.
 *
 * "Q" is a memory operand that is one base register; results are early-clobber
 * since the pair may run again with the inputs.
 *
 * Origin: Arm Architecture Reference Manual, "Synchronization and semaphores"
 * and "Barrier-ordered-before".
 */
#ifndef ARCH_ARM64_ATOMIC_LLSC_H
#define ARCH_ARM64_ATOMIC_LLSC_H

/* clang-format off */

/*
 * T, type: as in the function's name, and its C type. utype: its unsigned
 * counterpart, for ldxr extends with zeros. sz: "b" or "".
 */
#define LLSC_FULL_OPS(T, type, utype, sz)				\
static inline type atomic_xchg_full_##T(type *p, type new)		\
{									\
	uint32_t old;							\
	uint32_t failed;						\
									\
	__asm__ __volatile__(						\
		"1:	ldxr" sz "	%w0, %2\n"			\
		"	stlxr" sz "	%w1, %w3, %2\n"			\
		"	cbnz	%w1, 1b\n"				\
		"	dmb	ish"					\
		: "=&r"(old), "=&r"(failed), "+Q"(*p)			\
		: "r"(new) : "memory");					\
	return (type)old;						\
}									\
									\
static inline type atomic_cmpxchg_full_##T(type *p, type old, type new)	\
{									\
	uint32_t found;							\
	uint32_t failed;						\
									\
	__asm__ __volatile__(						\
		"1:	ldxr" sz "	%w0, %2\n"			\
		"	eor	%w1, %w0, %w3\n"			\
		"	cbnz	%w1, 2f\n"				\
		"	stlxr" sz "	%w1, %w4, %2\n"			\
		"	cbnz	%w1, 1b\n"				\
		"	dmb	ish\n"					\
		"2:"							\
		: "=&r"(found), "=&r"(failed), "+Q"(*p)			\
		: "r"((uint32_t)(utype)old), "r"(new) : "memory");	\
	return (type)found;						\
}

LLSC_FULL_OPS(s8, int8_t, uint8_t, "b")
LLSC_FULL_OPS(s32, int32_t, uint32_t, "")

#undef LLSC_FULL_OPS

/* clang-format on */

#endif /* ARCH_ARM64_ATOMIC_LLSC_H */
