/* SPDX-License-Identifier: MIT */
/*
 * s390x/atomic_arch.h - full read-modify-writes: COMPARE AND SWAP, which
 * serializes, and a compiler barrier on either side
 *
 * A CPU's stores are seen in their order by all others, as its loads are made in
 * theirs; only a load may pass an earlier store.
 *
 * Origin: z/Architecture Principles of Operation, "Storage-Operand Fetch and
 * Store References".
 */
#ifndef ARCH_S390X_ATOMIC_ARCH_H
#define ARCH_S390X_ATOMIC_ARCH_H

#define ARCH_NAME "s390x"
#define ARCH_HAS_CMPXCHG8 0
#define ATOMIC_STORES_IN_ORDER 1

#include "arch/compiler.h"
#include "atomic_compare.h"
#include "atomic_cs.h"

/* clang-format off */

#define S390X_FULL_OPS(T, type)						\
static inline type atomic_xchg_full_##T(type *p, type new)		\
{									\
	type old;							\
									\
	compiler_barrier();						\
	old = cs_xchg_##T(p, new);					\
	compiler_barrier();						\
	return old;							\
}									\
									\
static inline type atomic_cmpxchg_full_##T(type *p, type old, type new)	\
{									\
	type found;							\
									\
	compiler_barrier();						\
	found = cs_cmpxchg_##T(p, old, new);				\
	compiler_barrier();						\
	return found;							\
}

S390X_FULL_OPS(s8, int8_t)
S390X_FULL_OPS(s32, int32_t)

#undef S390X_FULL_OPS

/* clang-format on */

#endif /* ARCH_S390X_ATOMIC_ARCH_H */
