/* SPDX-License-Identifier: MIT */
/*
 * A set of CPUs, a bit each. Bits are changed atomically and read racily; they
 * order nothing.
 */
#ifndef CPU_CPUMASK_H
#define CPU_CPUMASK_H

#include <stdbool.h>

#include "arch/atomic.h"
#include "arch/bits.h"

#define CPUMASK_WORDS(nr_cpus) (((nr_cpus) + 63) / 64)

static inline bool cpumask_test(const uint64_t *mask, unsigned int cpu)
{
	return atomic_load_relaxed_u64(&mask[cpu / 64]) >> cpu % 64 & 1;
}

static inline void cpumask_set(uint64_t *mask, unsigned int cpu, bool on)
{
	if (on)
		atomic_or_relaxed_u64(&mask[cpu / 64], 1ULL << cpu % 64);
	else
		atomic_and_relaxed_u64(&mask[cpu / 64], ~(1ULL << cpu % 64));
}

static inline unsigned int cpumask_weight(
	const uint64_t *mask, unsigned int nr_cpus)
{
	unsigned int weight = 0;

	for (unsigned int i = 0; i < CPUMASK_WORDS(nr_cpus); i++)
		weight += nr_bits(atomic_load_relaxed_u64(&mask[i]));
	return weight;
}

static inline void cpumask_clear(uint64_t *mask, unsigned int nr_cpus)
{
	for (unsigned int i = 0; i < CPUMASK_WORDS(nr_cpus); i++)
		atomic_store_relaxed_u64(&mask[i], 0);
}

#endif
