/* SPDX-License-Identifier: MIT */
/*
 * loongarch64/atomic_arch.h - full read-modify-writes: amswap_db, and ll.w with
 * sc.w between barriers
 *
 * The _db form of an atomic memory access keeps every earlier access before it
 * and every later one behind it. It exists for 32 and 64 bit. (am*.b and .h, and
 * amcas, are of version 1.1 and not used: a build runs on every LoongArch.)
 *
 * ll.w and sc.w order nothing that version 1.0 promises to all processors, so
 * there is a barrier before the pair and one behind it. dbar 0 is the hint that
 * each processor has to know: a full barrier.
 *
 * The destination of an am* instruction must be neither its address nor its
 * operand: it is early-clobber.
 *
 * Origin: LoongArch Reference Manual, volume 1, "Atomic Memory Access
 * Instructions" and "DBAR".
 */
#ifndef ARCH_LOONGARCH64_ATOMIC_ARCH_H
#define ARCH_LOONGARCH64_ATOMIC_ARCH_H

#define ARCH_NAME "loongarch64"
#define ARCH_HAS_CMPXCHG8 0
#define ATOMIC_STORES_IN_ORDER 0

#include "atomic_compare.h"
#include "atomic_llsc.h"

LLSC_OPS(full, "	dbar	0\n", "	dbar	0\n", "memory")

static inline int32_t atomic_xchg_full_s32(int32_t *p, int32_t new)
{
	int32_t old;

	__asm__ __volatile__("amswap_db.w %0, %3, %2"
			     : "=&r"(old), "+m"(*p)
			     : "r"(p), "r"(new)
			     : "memory");
	return old;
}

static inline int32_t atomic_cmpxchg_full_s32(
	int32_t *p, int32_t old, int32_t new)
{
	return llsc_cmpxchg_full_s32(p, old, new);
}

static inline int8_t atomic_xchg_full_s8(int8_t *p, int8_t new)
{
	return llsc_xchg_full_s8(p, new);
}

static inline int8_t atomic_cmpxchg_full_s8(int8_t *p, int8_t old, int8_t new)
{
	return llsc_cmpxchg_full_s8(p, old, new);
}

#endif /* ARCH_LOONGARCH64_ATOMIC_ARCH_H */
