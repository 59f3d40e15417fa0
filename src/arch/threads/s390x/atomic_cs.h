/* SPDX-License-Identifier: MIT */
/*
 * s390x/atomic_cs.h - read-modify-writes of 8 and 32 bit by COMPARE AND SWAP,
 * without a word to the compiler about other accesses
 *
 * cs stores the new value if the operand in memory is the expected one, and else
 * loads that operand over the expected one. It is atomic against all CPUs and
 * serializes the CPU before and after, whether it stores or not. There is no
 * weaker form, so the full and the local operations are these, the full ones
 * between compiler barriers.
 *
 * Loops around cs end: it fails only if another CPU or an interrupt wrote the
 * word, and of several CPUs one always succeeds. That it can not see a value
 * which changed and came back does no harm: only the value counts.
 *
 * "Q" is a memory operand of base and short displacement, all that cs takes.
 *
 * Origin: z/Architecture Principles of Operation, "COMPARE AND SWAP" and
 * "Serialization".
 */
#ifndef ARCH_S390X_ATOMIC_CS_H
#define ARCH_S390X_ATOMIC_CS_H

#include "byte_lane.h"

static inline int32_t cs_cmpxchg_s32(int32_t *p, int32_t old, int32_t new)
{
	__asm__ __volatile__("cs %0, %2, %1"
			     : "+d"(old), "+Q"(*p)
			     : "d"(new)
			     : "cc");
	return old;
}

/* jl: condition code 1, not equal; old is then the value found. */
static inline int32_t cs_xchg_s32(int32_t *p, int32_t new)
{
	int32_t old = atomic_load_relaxed_s32(p);

	__asm__ __volatile__("0:	cs	%0, %2, %1\n"
			     "	jl	0b"
			     : "+d"(old), "+Q"(*p)
			     : "d"(new)
			     : "cc");
	return old;
}

static inline uint32_t cs_cmpxchg_lane(lane_word *p, uint32_t old, uint32_t new)
{
	__asm__ __volatile__("cs %0, %2, %1"
			     : "+d"(old), "+Q"(*p)
			     : "d"(new)
			     : "cc");
	return old;
}

static inline int8_t cs_cmpxchg_s8(int8_t *p, int8_t old, int8_t new)
{
	struct byte_lane lane = byte_lane_of(p);
	uint32_t flip = (uint32_t)byte_lane_put(lane, old ^ new);
	uint32_t word, seen = __atomic_load_n(lane.word, __ATOMIC_RELAXED);

	do {
		word = seen;
		if (byte_lane_get(lane, word) != old)
			return byte_lane_get(lane, word);
		seen = cs_cmpxchg_lane(lane.word, word, word ^ flip);
	} while (seen != word);
	return old;
}

static inline int8_t cs_xchg_s8(int8_t *p, int8_t new)
{
	struct byte_lane lane = byte_lane_of(p);
	uint32_t others = ~(uint32_t)byte_lane_mask(lane);
	uint32_t byte = (uint32_t)byte_lane_put(lane, new);
	uint32_t word, seen = __atomic_load_n(lane.word, __ATOMIC_RELAXED);

	do {
		word = seen;
		seen = cs_cmpxchg_lane(lane.word, word, (word & others) | byte);
	} while (seen != word);
	return byte_lane_get(lane, word);
}

#endif /* ARCH_S390X_ATOMIC_CS_H */
