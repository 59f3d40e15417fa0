/* SPDX-License-Identifier: MIT */
/*
 * Counter thresholds and the drift mark; see threshold.h.
 *
 * The kernel's own comment has a table of sample thresholds that its formula
 * does not give; real machines follow the formula.
 */
#include "threshold.h"

#include "arch/bits.h"

/* 128 MiB in pages, as a shift: 27 - PAGE_SHIFT. */
#define UNIT_SHIFT 15

/* Index of the highest set bit, counted from 1; 0 for 0. */
static unsigned int last_set_bit(uint64_t x)
{
	return x ? highest_bit(x) + 1 : 0;
}

int vmstat_normal_threshold(uint64_t managed, unsigned int online_cpus)
{
	unsigned int threshold = 2 * last_set_bit(online_cpus) *
				 (1 + last_set_bit(managed >> UNIT_SHIFT));

	return threshold < VMSTAT_THRESHOLD_MAX ? (int)threshold
						: VMSTAT_THRESHOLD_MAX;
}

int vmstat_pressure_threshold(
	uint64_t low, uint64_t min, unsigned int online_cpus)
{
	uint64_t distance = low > min ? low - min : 0;
	uint64_t threshold = distance / (online_cpus ? online_cpus : 1);

	if (threshold < 1)
		return 1;
	return threshold < VMSTAT_THRESHOLD_MAX ? (int)threshold
						: VMSTAT_THRESHOLD_MAX;
}

uint64_t vmstat_drift_mark(uint64_t min, uint64_t low, uint64_t high,
	int threshold, unsigned int online_cpus)
{
	uint64_t tolerate = low > min ? low - min : 0;
	uint64_t max_drift = (uint64_t)online_cpus * (uint64_t)threshold;

	return max_drift > tolerate ? high + max_drift : 0;
}
