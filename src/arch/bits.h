/* SPDX-License-Identifier: MIT */
/* Bit arithmetic with the kernel's names. */
#ifndef ARCH_BITS_H
#define ARCH_BITS_H

#include <stdbool.h>
#include <stdint.h>

#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define CLAMP(x, lo, hi) MIN(MAX((x), (lo)), (hi))

/* Number of the lowest, and of the highest, bit of @x that is set; @x > 0. */
static inline unsigned int lowest_bit(uint64_t x)
{
	return (unsigned int)__builtin_ctzll(x);
}

static inline unsigned int highest_bit(uint64_t x)
{
	return 63 - (unsigned int)__builtin_clzll(x);
}

/* Number of bits of @x that are set. */
static inline unsigned int nr_bits(uint64_t x)
{
	return (unsigned int)__builtin_popcountll(x);
}

static inline uint64_t round_up_pow2(uint64_t x, uint64_t align)
{
	return (x + align - 1) & ~(align - 1);
}

static inline uint64_t round_down_pow2(uint64_t x, uint64_t align)
{
	return x & ~(align - 1);
}

/* x * n / d without overflow, truncating as the kernel's mult_frac(). */
static inline uint64_t mult_frac(uint64_t x, uint64_t n, uint64_t d)
{
	return (x / d) * n + ((x % d) * n) / d;
}

#endif
