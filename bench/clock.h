/* SPDX-License-Identifier: MIT */
/* Time for measurements: the monotonic clock, and this thread's CPU time. */
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t time_of_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline uint64_t time_ns(void)
{
	return time_of_ns(CLOCK_MONOTONIC);
}

static inline uint64_t thread_time_ns(void)
{
	return time_of_ns(CLOCK_THREAD_CPUTIME_ID);
}

/*
 * What reading the clock adds to an interval: the minimum of many readings, as
 * any disturbance makes one longer.
 */
static inline uint64_t clock_cost_ns(void)
{
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < 10000; i++) {
		uint64_t start = time_ns();
		uint64_t took = time_ns() - start;

		if (took < least)
			least = took;
	}
	return least;
}

#endif
