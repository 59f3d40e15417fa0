/* SPDX-License-Identifier: MIT */
/*
 * How large a CPU's unfolded counter diff may grow, and below which value a
 * watermark check must look at the diffs, too.
 *
 * Pure functions of numbers: the allocator sizes its own zones by them, and
 * "pcpmm predict" those of a real kernel. Units: pages.
 * Origin: mm/vmstat.c behaviour since 2.6.37 (88f5acf88ae6), as measured on
 * 6.1 and 6.12.
 */
#ifndef VMSTAT_THRESHOLD_H
#define VMSTAT_THRESHOLD_H

#include <stdint.h>

/* A diff of threshold + 1 must still fit a signed byte with its overstep. */
#define VMSTAT_THRESHOLD_MAX 125

/* 2 * fls(cpus) * (1 + fls(managed in 128 MiB)), at most 125. */
int vmstat_normal_threshold(uint64_t managed, unsigned int online_cpus);

/*
 * The threshold while kswapd is awake: all CPUs together hide at most
 * low - min. 1..125. Not limited by the normal threshold, so it can be the
 * larger of the two. 0 CPUs count as 1.
 */
int vmstat_pressure_threshold(
	uint64_t low, uint64_t min, unsigned int online_cpus);

/*
 * Free pages below which the counter alone is not to be trusted: high + what
 * all CPUs may hide, if that exceeds low - min; else 0. The kernel only ever
 * sets a zone's mark and never clears it: a caller keeps the old mark when
 * this returns 0.
 */
uint64_t vmstat_drift_mark(uint64_t min, uint64_t low, uint64_t high,
	int threshold, unsigned int online_cpus);

#endif
