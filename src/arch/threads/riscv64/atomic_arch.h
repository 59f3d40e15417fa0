/* SPDX-License-Identifier: MIT */
/*
 * riscv64/atomic_arch.h - full read-modify-writes: amoswap, and reservations
 *
 * An AMO with both bits, .aqrl, is one access that stays behind every earlier
 * access and before every later one. There is one for xchg of 32 bit; cmpxchg
 * has none in the base "A" extension, and neither has any operation of 8 bit.
 * Those are a pair, lr.w and sc.w, in a loop:
 *
 * - The release of sc.w keeps every earlier access before the new value. The
 *   load needs no order of its own: as the store succeeded, nothing was written
 *   in between, so what lr.w read is what stood there at the store.
 * - An acquire on lr.w would order later accesses behind the load only. The
 *   fence puts them behind the store.
 *
 * A cmpxchg that finds another value leaves before both; atomic.h promises no
 * order there.
 *
 * The loops end: the architecture guarantees it for a pair with at most 16
 * instructions of the base set, the branch back included, and no access between
 * the two.
 *
 * lr.w extends the sign to 64 bit, so values to compare it with are extended
 * alike, and bytes are compared under a mask whose upper half is 0. "A" is a
 * memory operand that is one base register; results are early-clobber since the
 * pair may run again with the inputs.
 *
 * Origin: The RISC-V Instruction Set Manual, volume I, "A" extension ("Eventual
 * Success of Store-Conditional Instructions") and "RVWMO".
 */
#ifndef ARCH_RISCV64_ATOMIC_ARCH_H
#define ARCH_RISCV64_ATOMIC_ARCH_H

#define ARCH_NAME "riscv64"
#define ARCH_HAS_CMPXCHG8 0
#define ATOMIC_STORES_IN_ORDER 0

#include "atomic_compare.h"
#include "byte_lane.h"

/* "J" with %z: the zero register for a 0, which a fold exchanges. */
static inline int32_t atomic_xchg_full_s32(int32_t *p, int32_t new)
{
	int32_t old;

	__asm__ __volatile__("amoswap.w.aqrl %0, %z2, %1"
			     : "=r"(old), "+A"(*p)
			     : "rJ"(new)
			     : "memory");
	return old;
}

static inline int32_t atomic_cmpxchg_full_s32(
	int32_t *p, int32_t old, int32_t new)
{
	int64_t found;
	uint64_t failed;

	__asm__ __volatile__("1:	lr.w	%0, %2\n"
			     "	bne	%0, %z3, 2f\n"
			     "	sc.w.rl	%1, %z4, %2\n"
			     "	bnez	%1, 1b\n"
			     "	fence	rw, rw\n"
			     "2:"
			     : "=&r"(found), "=&r"(failed), "+A"(*p)
			     : "rJ"((int64_t)old), "rJ"(new)
			     : "memory");
	return (int32_t)found;
}

static inline int8_t atomic_xchg_full_s8(int8_t *p, int8_t new)
{
	struct byte_lane lane = byte_lane_of(p);
	uint64_t word, next;

	__asm__ __volatile__(
		"1:	lr.w	%0, %2\n"
		"	xor	%1, %0, %z3\n"
		"	and	%1, %1, %4\n"
		"	xor	%1, %1, %0\n"
		"	sc.w.rl	%1, %1, %2\n"
		"	bnez	%1, 1b\n"
		"	fence	rw, rw"
		: "=&r"(word), "=&r"(next), "+A"(*lane.word)
		: "rJ"(byte_lane_put(lane, new)), "r"(byte_lane_mask(lane))
		: "memory");
	return byte_lane_get(lane, (uint32_t)word);
}

static inline int8_t atomic_cmpxchg_full_s8(int8_t *p, int8_t old, int8_t new)
{
	struct byte_lane lane = byte_lane_of(p);
	uint64_t word, next;

	__asm__ __volatile__("1:	lr.w	%0, %2\n"
			     "	and	%1, %0, %3\n"
			     "	bne	%1, %z4, 2f\n"
			     "	xor	%1, %0, %z5\n"
			     "	sc.w.rl	%1, %1, %2\n"
			     "	bnez	%1, 1b\n"
			     "	fence	rw, rw\n"
			     "2:"
			     : "=&r"(word), "=&r"(next), "+A"(*lane.word)
			     : "r"(byte_lane_mask(lane)),
			     "rJ"(byte_lane_put(lane, old)),
			     "rJ"(byte_lane_put(lane, old ^ new))
			     : "memory");
	return byte_lane_get(lane, (uint32_t)word);
}

#endif /* ARCH_RISCV64_ATOMIC_ARCH_H */
