/* SPDX-License-Identifier: MIT */
/*
 * threads/byte_lane.h - a byte as a part of the aligned word around it, for
 * instruction sets whose read-modify-writes are of 32 and 64 bit only
 *
 * A byte is exchanged by exchanging its word with the other three bytes as they
 * were read. If another CPU or an interrupt changed one of those meanwhile, the
 * exchange fails and is tried again, so none of them is overwritten:
 *
 *   the word afterwards = (word & ~mask) | byte << shift
 *                       = word ^ (found ^ new) << shift
 *
 * What it costs: the instructions around the exchange, and a try that fails
 * because of a neighbour. It also reads three bytes that do not belong to the
 * operand, so each object with 8 bit operands fills whole words.
 */
#ifndef ARCH_THREADS_BYTE_LANE_H
#define ARCH_THREADS_BYTE_LANE_H

#include <stdbool.h>
#include <stdint.h>

/* The word of other objects' bytes: may be accessed beside their own types. */
typedef uint32_t __attribute__((may_alias)) lane_word;

struct byte_lane {
	lane_word *word;
	unsigned int shift; /* of the byte in the word: 0, 8, 16, 24 */
};

/* The lowest address is the lowest byte, or with big endian the highest. */
static inline unsigned int byte_lane_shift(uintptr_t address, bool big_endian)
{
	unsigned int byte = address & 3;

	return 8 * (big_endian ? 3 - byte : byte);
}

static inline struct byte_lane byte_lane_of(int8_t *p)
{
	uintptr_t address = (uintptr_t)p;

	return (struct byte_lane){
		(lane_word *)(address - (address & 3)),
		byte_lane_shift(
			address, __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__),
	};
}

/* A byte in its place, all other bits 0. The upper half stays 0 as well. */
static inline uint64_t byte_lane_put(struct byte_lane lane, int8_t byte)
{
	return (uint64_t)(uint8_t)byte << lane.shift;
}

static inline uint64_t byte_lane_mask(struct byte_lane lane)
{
	return byte_lane_put(lane, -1);
}

static inline int8_t byte_lane_get(struct byte_lane lane, uint32_t word)
{
	return (int8_t)(word >> lane.shift);
}

#endif /* ARCH_THREADS_BYTE_LANE_H */
