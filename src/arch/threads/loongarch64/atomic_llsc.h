/* SPDX-License-Identifier: MIT */
/*
 * loongarch64/atomic_llsc.h - read-modify-writes by ll.w and sc.w: cmpxchg of
 * 8 and 32 bit, and xchg of 8 bit
 *
 * LLSC_OPS(kind, before, after, clobber) defines them with the given
 * instructions around the pair and the given clobber: barriers for the full
 * operations, nothing for the local ones. The barrier behind the pair is left out
 * if the value is another than the expected one; atomic.h promises no order there.
 *
 * sc.w stores if no other CPU wrote the line since ll.w and no interrupt was
 * taken, and leaves 1 in the register whose value it stored, or 0. The loops
 * end: of several CPUs one always succeeds, and between the pair there is no
 * access.
 *
 * ll.w extends the sign to 64 bit, so values to compare it with are extended
 * alike, and bytes are compared under a mask whose upper half is 0. Results are
 * early-clobber since the pair may run again with the inputs. The address is a
 * register; the memory operand only tells the compiler what changes.
 *
 * Origin: LoongArch Reference Manual, volume 1, "LL.{W/D}, SC.{W/D}".
 */
#ifndef ARCH_LOONGARCH64_ATOMIC_LLSC_H
#define ARCH_LOONGARCH64_ATOMIC_LLSC_H

#include "byte_lane.h"

/* clang-format off */

#define LLSC_OPS(kind, before, after, clobber)				\
static inline int32_t llsc_cmpxchg_##kind##_s32(			\
	int32_t *p, int32_t old, int32_t new)				\
{									\
	int64_t found;							\
	uint64_t done;							\
									\
	__asm__ __volatile__(						\
		before							\
		"1:	ll.w	%0, %3, 0\n"				\
		"	bne	%0, %4, 2f\n"				\
		"	move	%1, %5\n"				\
		"	sc.w	%1, %3, 0\n"				\
		"	beqz	%1, 1b\n"				\
		after							\
		"2:"							\
		: "=&r"(found), "=&r"(done), "+m"(*p)			\
		: "r"(p), "r"((int64_t)old), "r"(new) : clobber);	\
	return (int32_t)found;						\
}									\
									\
static inline int8_t llsc_cmpxchg_##kind##_s8(				\
	int8_t *p, int8_t old, int8_t new)				\
{									\
	struct byte_lane lane = byte_lane_of(p);			\
	uint64_t word, next;						\
									\
	__asm__ __volatile__(						\
		before							\
		"1:	ll.w	%0, %3, 0\n"				\
		"	and	%1, %0, %4\n"				\
		"	bne	%1, %5, 2f\n"				\
		"	xor	%1, %0, %6\n"				\
		"	sc.w	%1, %3, 0\n"				\
		"	beqz	%1, 1b\n"				\
		after							\
		"2:"							\
		: "=&r"(word), "=&r"(next), "+m"(*lane.word)		\
		: "r"(lane.word), "r"(byte_lane_mask(lane)),		\
		  "r"(byte_lane_put(lane, old)),			\
		  "r"(byte_lane_put(lane, old ^ new)) : clobber);	\
	return byte_lane_get(lane, (uint32_t)word);			\
}									\
									\
static inline int8_t llsc_xchg_##kind##_s8(int8_t *p, int8_t new)	\
{									\
	struct byte_lane lane = byte_lane_of(p);			\
	uint64_t word, next;						\
									\
	__asm__ __volatile__(						\
		before							\
		"1:	ll.w	%0, %3, 0\n"				\
		"	xor	%1, %0, %4\n"				\
		"	and	%1, %1, %5\n"				\
		"	xor	%1, %1, %0\n"				\
		"	sc.w	%1, %3, 0\n"				\
		"	beqz	%1, 1b\n"				\
		after							\
		: "=&r"(word), "=&r"(next), "+m"(*lane.word)		\
		: "r"(lane.word), "r"(byte_lane_put(lane, new)),	\
		  "r"(byte_lane_mask(lane)) : clobber);		\
	return byte_lane_get(lane, (uint32_t)word);			\
}

/* clang-format on */

#endif /* ARCH_LOONGARCH64_ATOMIC_LLSC_H */
