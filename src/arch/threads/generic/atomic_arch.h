/* SPDX-License-Identifier: MIT */
/*
 * generic/atomic_arch.h - full read-modify-writes by compiler builtins
 *
 * For machines without a backend of their own and for the build that
 * ThreadSanitizer reads. A failed cmpxchg is relaxed: atomic.h promises no order,
 * and a stronger one would hide races from the sanitizer.
 *
 * Where the instruction set has no operations of 8 bit, the compiler makes them
 * from larger ones or calls libatomic; such a build links with -latomic.
 */
#ifndef ARCH_GENERIC_ATOMIC_ARCH_H
#define ARCH_GENERIC_ATOMIC_ARCH_H

#define ARCH_NAME "generic"
#define ARCH_HAS_CMPXCHG8 1
#define ATOMIC_STORES_IN_ORDER 0

#include "atomic_compare.h"

/* clang-format off */

#define GENERIC_FULL_OPS(T, type)					\
static inline type atomic_xchg_full_##T(type *p, type new)		\
{									\
	return __atomic_exchange_n(p, new, __ATOMIC_SEQ_CST);		\
}									\
									\
static inline type atomic_cmpxchg_full_##T(type *p, type old, type new)	\
{									\
	(void)__atomic_compare_exchange_n(p, &old, new, false,		\
		__ATOMIC_SEQ_CST, __ATOMIC_RELAXED);			\
	return old;							\
}

GENERIC_FULL_OPS(s8, int8_t)
GENERIC_FULL_OPS(s32, int32_t)

#undef GENERIC_FULL_OPS

/* clang-format on */

#endif /* ARCH_GENERIC_ATOMIC_ARCH_H */
